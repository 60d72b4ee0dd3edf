"""Why an address is refused, in the terminal."""

from __future__ import annotations

import click
from rich.console import Console
from rich.text import Text

from roundtrip.commands.terminal import say, write
from roundtrip.core.clock import system_clock
from roundtrip.sites import actions as sites
from roundtrip.sites.explain import RULE_NAMES
from roundtrip.sites.refusals.advice import Advice, advise
from roundtrip.sites.refusals.marking import marked_whole
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx

KINDS = {"redirect-uri": Rule.REDIRECT_URI, "redirect-domain": Rule.REDIRECT_DOMAIN, "post-logout-uri": Rule.POST_LOGOUT_URI}


@click.command("explain")
@click.argument("client_id")
@click.argument("url")
@click.option("--kind", type=click.Choice(list(KINDS)), help="Ask one list only; without it, both redirect lists.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(client_id: str, url: str, kind: str | None, as_json: bool) -> None:
    """Say why an address is allowed or refused for a client, with the guilty part marked. Ends with 1 when it is refused by all."""
    rules = (KINDS[kind],) if kind else (Rule.REDIRECT_URI, Rule.REDIRECT_DOMAIN)

    def ask(tx: Tx) -> list[Advice]:
        client, site = sites.require_client(tx, client_id.lower())
        return [advise(client, site.mode, rule, url, now=system_clock()) for rule in rules]

    found = write(ask)
    if as_json:
        say(True, [_plain(advice) for advice in found], "")
    else:
        console = Console(highlight=False, soft_wrap=True)
        for advice in found:
            console.print(_told(advice))
    if not any(advice.verdict.allowed for advice in found):
        raise SystemExit(1)


def _plain(advice: Advice) -> dict[str, object]:
    verdict, said = advice.verdict, advice.explanation
    return {
        "rule": verdict.rule.value,
        "allowed": verdict.allowed,
        "reason": str(verdict.reason),
        "marked": list(marked_whole(verdict)),
        "closest": verdict.closest,
        "advice": said.advice,
        "add": said.add,
    }


def _told(advice: Advice) -> Text:
    """The verdict in words. The guilty part is marked by colour, and by a line of carets for terminals without."""
    verdict, said = advice.verdict, advice.explanation
    text = Text()
    word, style = ("Allowed", "bold green") if verdict.allowed else ("Refused", "bold red")
    text.append(word, style).append(f" as a {RULE_NAMES[verdict.rule]} ({verdict.reason})\n")
    before, guilty, after = marked_whole(verdict)
    text.append("  ").append(before).append(guilty, "bold red underline").append(after).append("\n")
    if not verdict.allowed:
        text.append("  " + " " * len(before) + "^" * max(1, len(guilty)) + "\n", "red")
        text.append(f"  {said.difference}\n  What helps: {said.advice}\n")
        if said.add:
            text.append("  Entry: ").append(said.add, "bold").append("\n")
    elif verdict.closest:
        text.append(f"  by the entry {verdict.closest}\n")
    return text
