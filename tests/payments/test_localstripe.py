"""PaymentIntents and refunds, against a real `localstripe` server: another's idea of how Stripe answers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe
from msgspec.structs import replace

from roundtrip.core.money import Money
from roundtrip.payments import providers, store
from roundtrip.payments.model import Attempt, Refund, RefundStatus, Status, Verdict
from roundtrip.payments.providers.base import Provider, ProviderRefused, ProviderUnreachable, Till
from tests.payments.owed import NOW, SITE

KEY = "sk_test_12345"
ATTEMPT = Attempt(
    id="01990000-0000-7000-8000-000000000001",
    site_id=SITE,
    owed_kind="vase",
    owed_id="v1",
    session_id=None,
    provider=providers.STRIPE,
    status=Status.PENDING,
    units=4200,
    currency="EUR",
    description="A vase",
    buyer_email=None,
    language="en",
    return_path="/session/x/payment",
    page_ref=None,
    page_url=None,
    payment_ref=None,
    captured_units=0,
    refunded_units=0,
    reason=None,
    created_at=NOW,
    changed_at=NOW,
    expires_at=None,
    look_at=None,
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server on a free port, empty. It keeps its state in the folder it runs in."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("localstripe")
    program = Path(sys.executable).with_name("localstripe")
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([program, "--port", str(port), "--from-scratch"], cwd=folder, env=environment, stdout=log, stderr=log)
    deadline = time.monotonic() + 30
    while True:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert time.monotonic() < deadline, (folder / "log").read_text()
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.fixture
def client(server: str) -> stripe.StripeClient:
    """A buyer's side: makes the money that the hosted page would make."""
    return stripe.StripeClient(KEY, base_addresses={"api": server})


@pytest.fixture
def provider(server: str) -> Provider:
    """Ours, pointed at it."""
    return providers.load(providers.STRIPE, Till(SITE, "https://pages.example", KEY, "whsec_0123456789", server))


def money(client: stripe.StripeClient, *, confirm: bool = True, iban: str | None = None) -> stripe.PaymentIntent:
    """42 euros, by card or by direct debit."""
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2030, "cvc": "123"}
    details = {"type": "card", "card": card} if iban is None else {"type": "sepa_debit", "sepa_debit": {"iban": iban}}
    method = client.v1.payment_methods.create(details)  # type: ignore[arg-type]
    params = {"amount": 4200, "currency": "eur", "payment_method": method.id, "confirm": confirm}
    return client.v1.payment_intents.create(params)  # type: ignore[arg-type]


def refund(number: int, units: int) -> Refund:
    """A refund of ours."""
    return Refund(
        id=f"01990000-0000-7000-8000-00000000000{number}",
        attempt_id=ATTEMPT.id,
        site_id=SITE,
        key=str(number),
        units=units,
        currency="EUR",
        reason="broken",
        status=RefundStatus.REQUESTED,
        provider_ref=None,
        error=None,
        tries=0,
        requested_at=NOW,
        changed_at=NOW,
        try_at=NOW,
    )


def test_money_that_was_on_its_way_is_found_when_it_is_there(client: stripe.StripeClient, provider: Provider) -> None:
    """PAY-05."""
    intent = money(client)
    said = provider.look(replace(ATTEMPT, payment_ref=intent.id), NOW)
    assert said is not None
    assert (said.verdict, said.units, said.currency, said.payment_ref) == (Verdict.CAPTURED, 4200, "EUR", intent.id)


def test_money_that_nobody_confirmed_yet_says_nothing(client: stripe.StripeClient, provider: Provider) -> None:
    intent = money(client, confirm=False)
    assert provider.look(replace(ATTEMPT, payment_ref=intent.id), NOW) is None


def test_money_that_was_called_off_is_declined(client: stripe.StripeClient, provider: Provider) -> None:
    intent = money(client, confirm=False)
    client.v1.payment_intents.cancel(intent.id)
    said = provider.look(replace(ATTEMPT, payment_ref=intent.id), NOW)
    assert said is not None
    assert said.verdict is Verdict.DECLINED


def test_money_goes_back_in_parts(client: stripe.StripeClient, provider: Provider) -> None:
    intent = money(client)
    paid = replace(ATTEMPT, payment_ref=intent.id, captured_units=4200)
    first, second = provider.refund(paid, refund(1, 1000)), provider.refund(paid, refund(2, 3200))
    made = [client.v1.refunds.retrieve(one.ref) for one in (first, second)]
    assert [one.amount for one in made] == [1000, 3200]
    assert [one.to_dict()["metadata"]["roundtrip_refund"] for one in made] == [refund(1, 1).id, refund(2, 1).id]


def test_money_that_never_came_is_not_given_back(client: stripe.StripeClient, provider: Provider) -> None:
    with pytest.raises((ProviderRefused, ProviderUnreachable)):
        provider.refund(replace(ATTEMPT, payment_ref="pi_unknown"), refund(3, 1000))
    with pytest.raises(ProviderRefused):
        provider.refund(ATTEMPT, refund(4, 1000))


def test_a_server_that_is_not_there_is_tried_again(provider: Provider) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}"
    away = providers.load(providers.STRIPE, Till(SITE, "https://pages.example", KEY, "whsec_0123456789", closed))
    with pytest.raises(ProviderUnreachable, match="can't be reached"):
        away.look(replace(ATTEMPT, payment_ref="pi_1"), NOW)


def test_what_is_tried_here_is_what_is_stored() -> None:
    """The sample attempt has every field of a row, so the tests above use nothing that a database would not give."""
    assert set(Attempt.__struct_fields__) == set(store.ATTEMPT.split(", "))
    assert ATTEMPT.amount == Money.parse("42", "EUR")
