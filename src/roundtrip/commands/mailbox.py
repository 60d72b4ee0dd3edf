"""Commands about the local mailbox of test sites."""

from __future__ import annotations

import click

from roundtrip.commands.terminal import say, settings, write
from roundtrip.core.clock import rfc3339
from roundtrip.core.secrets import derived_key
from roundtrip.credentials.one_time_code import KEY_PURPOSE
from roundtrip.sites import actions as sites
from roundtrip.sites import mailbox as site_mailbox
from roundtrip.storage.caught_mail import CaughtMail


@click.group()
def mailbox() -> None:
    """Mails that a test site would have sent."""


@mailbox.command("list")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="How many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_mails(slug: str, limit: int, as_json: bool) -> None:
    """Show the mails that were caught, newest first."""

    found = write(lambda tx: site_mailbox.mails(tx, sites.require_site(tx, slug), before_id=None, limit=limit))
    lines = [f"{mail.id}  {rfc3339(mail.caught_at)}  {mail.recipient}  {mail.subject}" for mail in found]
    say(as_json, [_fields(mail) for mail in found], "\n".join(lines) or "No mails yet.")


@mailbox.command("show")
@click.argument("mail_id")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the HTML.")
def show_mail(mail_id: str, slug: str, as_json: bool) -> None:
    """Show one mail as it would have been read."""
    code_key = derived_key(settings().secret, KEY_PURPOSE)
    mail, bodies = write(lambda tx: site_mailbox.mail(tx, sites.require_site(tx, slug), mail_id, code_key=code_key))
    text = f"To: {mail.recipient}\nSubject: {mail.subject}\n\n{bodies.text}"
    say(as_json, {**_fields(mail), "text": bodies.text, "html": bodies.html}, text)


def _fields(mail: CaughtMail) -> dict[str, str]:
    return {"id": mail.id, "kind": mail.kind.value, "to": mail.recipient, "subject": mail.subject, "caughtDate": rfc3339(mail.caught_at)}
