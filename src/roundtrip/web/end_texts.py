"""The words of every way a visit can end on our own pages: what happened, whether anything was charged, what to do next.

`error.html` shows them. Which kind it is, the caller knows; which HTTP status it has, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from roundtrip.sites.explain import explain, public_host
from roundtrip.sites.verdict import Verdict
from roundtrip.text.catalogue import say
from roundtrip.text.durations import duration
from roundtrip.text.marks import marked


class End(StrEnum):
    """Why there is nothing more to do on this page. The value is also part of a CSS class."""

    EXPIRED = "expired"
    ALREADY_USED = "already_used"
    NOT_FOUND = "not_found"
    REFUSED_TARGET = "refused_target"
    INVALID_REDIRECT_URI = "invalid_redirect_uri"
    INVALID_CLIENT = "invalid_client"
    INVALID_REQUEST = "invalid_request"
    WRONG_BROWSER = "wrong_browser"
    SESSION_OVER = "session_over"
    UNAVAILABLE = "unavailable"
    LIMITED = "limited"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class EndText:
    """English words, which are the keys of the catalogues. `icon` is one of `components/icon.html`."""

    icon: str
    heading: str
    sentences: tuple[str, ...]


Fact = tuple[str, str | tuple[str, str, str]]
"""A term and its value for the developer's corner; a value in three pieces has the middle one marked."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something the visitor can do from here. At most one of a page is primary."""

    label: str
    url: str
    primary: bool = True
    post: bool = False
    """True for what makes something new: a form with a button, not a link (PAG-03)."""


END_TEXTS: Mapping[End, EndText] = {
    End.EXPIRED: EndText(
        "clock",
        marked("This page has expired"),
        (marked("It was open for too long, so we closed it to be safe."), marked("You can simply start again.")),
    ),
    End.ALREADY_USED: EndText(
        "window",
        marked("This link was already opened"),
        (
            marked("It works once, in the browser that opens it first."),
            marked("If that was you, go on in the other window. If not, start again from the site."),
        ),
    ),
    End.NOT_FOUND: EndText(
        "link-off",
        marked("This link doesn't work"),
        (
            marked("It may have been used already, be too old, or be incomplete."),
            marked("Go back to the site you came from and start again there."),
        ),
    ),
    End.REFUSED_TARGET: EndText(
        "shield",
        marked("We can't send you back"),
        (
            marked("The address you would return to isn't listed as an allowed redirect domain."),
            marked("To protect you, we don't open it. What you did here is kept. Please tell the owner of the site."),
        ),
    ),
    End.INVALID_REDIRECT_URI: EndText(
        "shield",
        marked("Invalid redirect URI"),
        (
            marked("The site sent you here with a return address that it has not registered, so we can't let you log in this way."),
            marked("Please tell the owner of the site."),
        ),
    ),
    End.INVALID_CLIENT: EndText(
        "link-off",
        marked("We don't know this site"),
        (
            marked("The link that brought you here names an app that doesn't exist on this server."),
            marked("Please tell the owner of the site."),
        ),
    ),
    End.INVALID_REQUEST: EndText(
        "link-off",
        marked("Something in this link is wrong"),
        (
            marked("The site sent you here with a request that we can't read."),
            marked("Go back and try again. If it happens again, please tell the owner of the site."),
        ),
    ),
    End.WRONG_BROWSER: EndText(
        "window",
        marked("Continue in your other browser"),
        (
            marked("This page belongs to the browser in which it was first opened, and this one is different."),
            marked("Go on there, or start again from the site in this browser."),
        ),
    ),
    End.SESSION_OVER: EndText(
        "check",
        marked("You have finished here already"),
        (marked("This step is done and can't be repeated."), marked("There is nothing left to do on this page.")),
    ),
    End.UNAVAILABLE: EndText(
        "box",
        marked("This page isn't available yet"),
        (
            marked("The site sent you to a part of this server that isn't installed."),
            marked("Please tell the owner of the site."),
        ),
    ),
    End.LIMITED: EndText(
        "clock",
        marked("Too many tries"),
        (marked("To keep accounts safe, we ask for a short break."), marked("Wait a few minutes, then try again.")),
    ),
    End.INTERNAL: EndText(
        "alert",
        marked("Something went wrong on our side"),
        (
            marked("It isn't your fault, and we have noted it."),
            marked("Please try again in a moment. If it happens again, tell the owner of the site the reference below."),
        ),
    ),
}

NOTHING_CHARGED = marked("Nothing was charged.")


WAIT = marked("Wait %(duration)s, then try again.")


def end_view(
    end: End,
    lang: str,
    *,
    reference: str = "",
    actions: Sequence[Action] = (),
    technical: Sequence[Fact] = (),
    is_about_money: bool = False,
    wait_seconds: int | None = None,
) -> dict[str, object]:
    """The view of `error.html`.

    `actions` carry translated labels. `technical` is for the developer and stays English; give the public only the received host
    (RED-19). `wait_seconds` says exactly how long a break is. `is_about_money` adds that nothing was charged: say it in every flow that
    could have, and never when something was.
    """
    text = END_TEXTS[end]
    sentences = [say(lang, sentence) for sentence in text.sentences]
    if is_about_money:
        sentences.insert(1, say(lang, NOTHING_CHARGED))
    if wait_seconds is not None:
        sentences[-1] = say(lang, WAIT, duration=duration(lang, wait_seconds))
    return {
        "kind": end.value,
        "icon": text.icon,
        "heading": say(lang, text.heading),
        "sentences": sentences,
        "reference": reference,
        "actions": list(actions),
        "technical": list(technical),
    }


def back_action(lang: str, site: str, url: str, *, primary: bool = True) -> Action:
    """ "Back to <site>" as a button."""
    return Action(say(lang, marked("Back to %(site)s"), site=site), url, primary)


def start_again_action(lang: str, url: str) -> Action:
    """Start again with the same things (SES-11): only for the browser that the visit belonged to."""
    return Action(say(lang, marked("Start again")), url, post=True)


def try_again_action(lang: str, url: str) -> Action:
    """The same page once more, after a failure of ours or a break."""
    return Action(say(lang, marked("Try again")), url)


def refusal_facts(verdict: Verdict, *, is_test: bool) -> list[Fact]:
    """What a refused address shows under "For developers". The public of a live site sees only the received host (RED-19)."""
    if not is_test:
        host = public_host(verdict)
        return [("Received host", host)] if host else []
    story = explain(verdict)
    facts: list[Fact] = [("Received", story.marked)]
    if story.entry:
        facts.append(("Closest entry", story.entry))
    return [*facts, ("Difference", story.difference), ("What to do", story.advice)]
