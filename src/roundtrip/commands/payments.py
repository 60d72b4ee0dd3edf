"""Commands about being paid: which ways a site has, what was paid, and giving money back."""

from __future__ import annotations

import sys
from typing import Any

import click

from roundtrip.commands.terminal import by_command, say, settings, stop, told, write
from roundtrip.core.clock import rfc3339, system_clock
from roundtrip.core.ids import new_id
from roundtrip.core.money import Money, NotAnAmount
from roundtrip.core.secrets import derived_key
from roundtrip.flows.paid import sellers
from roundtrip.payments import actions, store
from roundtrip.payments.model import Attempt, Refund
from roundtrip.payments.refunds import actions as refunds
from roundtrip.payments.refunds import store as refund_store
from roundtrip.payments.site_settings import actions as site_settings
from roundtrip.payments.site_settings.model import KEY_PURPOSE, PaymentSettings, StripeKeys
from roundtrip.sites import actions as sites
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx
from roundtrip.workflows import selling

SITE = click.option("--site", "slug", required=True, help="The site's slug.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def payments() -> None:
    """How a site is paid, and what was paid."""


@payments.command("show")
@SITE
@JSON
def show(slug: str, as_json: bool) -> None:
    """Show the ways to pay that visitors of a site are offered, and the address for Stripe's events."""

    def read(tx: Tx) -> tuple[Site, PaymentSettings]:
        site = sites.require_site(tx, slug)
        return site, site_settings.of_site(tx, site.id)

    _say_settings(as_json, *write(read))


@payments.command("offline")
@SITE
@click.option("--on/--off", "on", required=True, help="Whether visitors may pay later.")
@click.option("--instructions", default=None, help="What tells them how; what is set already when left out.")
@JSON
def offline(slug: str, on: bool, instructions: str | None, as_json: bool) -> None:
    """Let visitors pay later: cash, a bank transfer, an invoice. You say when the money is there."""
    change = by_command()

    def change_it(tx: Tx) -> tuple[Site, PaymentSettings]:
        site = sites.require_site(tx, slug)
        words = site_settings.of_site(tx, site.id).offline_instructions if instructions is None else instructions
        return site, site_settings.set_offline(tx, site, on=on, instructions=words, change=change)

    _say_settings(as_json, *write(change_it))


@payments.command("stripe")
@SITE
@click.option("--remove", is_flag=True, help="Forget the keys.")
@JSON
def stripe(slug: str, remove: bool, as_json: bool) -> None:
    """Set the keys of a Stripe account. Both are asked for, or read from standard input, one a line; neither is ever shown again."""
    change = by_command()
    keys = (
        None
        if remove
        else StripeKeys(_secret("Secret key (sk_... or rk_...)"), _secret("Signing secret of the webhook endpoint (whsec_...)"))
    )
    sealed = None if keys is None else site_settings.seal_keys(derived_key(settings().secret, KEY_PURPOSE), keys)

    def change_it(tx: Tx) -> tuple[Site, PaymentSettings]:
        site = sites.require_site(tx, slug)
        if keys is None or sealed is None:
            return site, site_settings.remove_stripe(tx, site, change=change)
        return site, site_settings.set_stripe(tx, site, keys, sealed=sealed, change=change)

    _say_settings(as_json, *write(change_it))


@payments.command("list")
@SITE
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="How many, newest first.")
@JSON
def list_payments(slug: str, limit: int, as_json: bool) -> None:
    """Show attempts to pay, newest first."""

    def read(tx: Tx) -> list[Attempt]:
        return store.attempts_of_site(tx, sites.require_site(tx, slug).id, before_id=None, limit=limit)

    found = write(read)
    lines = [
        f"{one.id}  {rfc3339(one.created_at)}  {one.status.value:9}  {one.amount.text} {one.currency}  {one.provider}" for one in found
    ]
    say(as_json, [_attempt(one) for one in found], "\n".join(lines) or "Nobody has tried to pay yet.")


@payments.command("mark-paid")
@click.argument("payment_id")
@SITE
@JSON
def mark_paid(payment_id: str, slug: str, as_json: bool) -> None:
    """Say that the money of an attempt is in your hands."""
    now = system_clock()

    def pay(tx: Tx) -> Attempt:
        attempt = actions.require(tx, sites.require_site(tx, slug).id, payment_id)
        return selling.mark_paid(tx, sellers(), actions.owed_of(attempt), now).attempt

    paid = write(pay)
    say(as_json, _attempt(paid), f"{paid.amount.text} {paid.currency} for {paid.description}: paid.")


@payments.command("refund")
@click.argument("payment_id")
@SITE
@click.option("--amount", default=None, help="How much, such as 19.90; all that is left when left out.")
@click.option("--reason", required=True, help="Why, for your own records.")
@click.option("--key", default=None, help="A text of your own: the same one again refunds once.")
@JSON
def refund(payment_id: str, slug: str, amount: str | None, reason: str, key: str | None, as_json: bool) -> None:
    """Give money back. The worker moves it within seconds; cash you give back yourself, and say so by `refunded`."""
    now = system_clock()
    refund_id = new_id(now)

    def ask(tx: Tx) -> Refund:
        attempt = actions.require(tx, sites.require_site(tx, slug).id, payment_id)
        money = None if amount is None else Money.parse(amount, attempt.currency)
        return refunds.request(tx, attempt.id, money, reason=reason, key=key or refund_id, now=now, refund_id=refund_id)

    with told():
        try:
            made = write(ask)
        except NotAnAmount as error:
            stop(f"--amount {error}")
    say(as_json, _refund(made), f"Refund {made.id} of {made.amount.text} {made.currency}: {made.status.value}")


@payments.command("refunded")
@click.argument("refund_id")
@SITE
def refunded(refund_id: str, slug: str) -> None:
    """Say that you have given back money that was paid to you by hand."""
    now = system_clock()

    def move(tx: Tx) -> bool:
        site = sites.require_site(tx, slug)
        found = refund_store.refund(tx, refund_id)
        return found is not None and found.site_id == site.id and found.try_at is None and refunds.moved(tx, refund_id, None, now)

    if not write(move):
        stop(f"There is no refund {refund_id} that waits for you at {slug}.")
    click.echo("Written down.")


def _secret(what: str) -> str:
    text: str = click.prompt(what, hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    return text.strip()


def _say_settings(as_json: bool, site: Site, found: PaymentSettings) -> None:
    ways = [one.name for one in found.ways_to_pay(site)]
    endpoint = f"{settings().base_url}/payments/{site.id}/stripe/events"
    value: dict[str, Any] = {
        "waysToPay": ways,
        "offline": found.offline,
        "offlineInstructions": found.offline_instructions,
        "stripeKey": found.stripe_hint,
        "stripeEventsUrl": endpoint,
    }
    lines = [
        f"Visitors of {site.slug} can pay by: {', '.join(ways) or 'nothing yet'}",
        f"Pay later: {'on' if found.offline else 'off'}",
        f"Stripe key: {found.stripe_hint or 'none'}",
        f"Address for Stripe's events: {endpoint}",
    ]
    say(as_json, value, "\n".join(lines))


def _attempt(one: Attempt) -> dict[str, Any]:
    return {
        "id": one.id,
        "status": one.status.value,
        "amount": one.amount.text,
        "currency": one.currency,
        "refundable": one.refundable.text,
        "provider": one.provider,
        "owedKind": one.owed_kind,
        "owedId": one.owed_id,
        "description": one.description,
        "createdDate": rfc3339(one.created_at),
    }


def _refund(one: Refund) -> dict[str, Any]:
    return {"id": one.id, "status": one.status.value, "amount": one.amount.text, "currency": one.currency, "reason": one.reason}
