"""How an owner lets a site be paid: by command, guarded, written down, and without a secret in sight."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from roundtrip.cli import main
from roundtrip.core.errors import AppError
from roundtrip.core.secrets import derived_key
from roundtrip.payments import actions, providers, settle
from roundtrip.payments.model import RefundStatus, Status
from roundtrip.payments.site_settings import actions as site_settings
from roundtrip.payments.site_settings import store
from roundtrip.payments.site_settings.model import KEY_PURPOSE, PaymentSettings, StripeKeys
from roundtrip.settings import read
from roundtrip.sites import actions as sites
from roundtrip.sites.model import Mode, Site
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Database
from roundtrip.upkeep import doctor
from roundtrip.upkeep.finding import Finding, Severity
from tests.payments.conftest import a_change
from tests.payments.owed import NOW, begun, owed, refunds_of, report, settled, stored

SECRET = "a secret for tests, long enough for all"
TEST_KEYS = StripeKeys("sk_test_0123456789abcdef", "whsec_0123456789abcdef")
LIVE_KEYS = StripeKeys("rk_live_0123456789abcdef", "whsec_0123456789abcdef")
SEALING = derived_key(SECRET, KEY_PURPOSE)


def a_site(db: Database, mode: Mode = Mode.TEST) -> Site:
    """A site that nothing was set about."""
    return db.write_now(
        lambda tx: sites.create_site(tx, site_id="s1", slug="kiln", name="Kiln", mode=mode, language="en", theme="{}", now=NOW)
    )


def with_keys(db: Database, site: Site, keys: StripeKeys) -> PaymentSettings:
    """The site gets Stripe keys."""
    sealed = site_settings.seal_keys(SEALING, keys)
    return db.write_now(site_settings.set_stripe, site, keys, sealed=sealed, change=a_change())


def ways(db: Database, site: Site) -> list[str]:
    """What visitors are offered."""
    return [one.name for one in db.read_now(store.of_site, site.id).ways_to_pay(site)]


def test_a_test_site_can_be_paid_at_once_and_a_live_site_needs_something(db: Database) -> None:
    """OPS-12."""
    site = a_site(db)
    live = replace(site, mode=Mode.LIVE)
    assert (ways(db, site), ways(db, live)) == ([providers.TEST], [])
    db.write_now(site_settings.set_offline, site, on=True, instructions=" By transfer ", change=a_change())
    with_keys(db, site, TEST_KEYS)
    assert ways(db, site) == [providers.STRIPE, providers.TEST, providers.OFFLINE]
    assert ways(db, live) == [providers.OFFLINE], "a test key moves no money"
    with_keys(db, live, LIVE_KEYS)
    assert (ways(db, live), ways(db, site)) == ([providers.STRIPE, providers.OFFLINE], [providers.TEST, providers.OFFLINE])
    db.write_now(site_settings.remove_stripe, live, change=a_change())
    assert ways(db, live) == [providers.OFFLINE]


@pytest.mark.parametrize(
    ("mode", "keys"),
    [
        (Mode.TEST, LIVE_KEYS),
        (Mode.LIVE, TEST_KEYS),
        (Mode.TEST, StripeKeys("pk_test_0123456789", TEST_KEYS.webhook_secret)),
        (Mode.TEST, StripeKeys("", TEST_KEYS.webhook_secret)),
        (Mode.TEST, StripeKeys(TEST_KEYS.secret_key + "\n", TEST_KEYS.webhook_secret)),
        (Mode.TEST, StripeKeys(TEST_KEYS.secret_key, TEST_KEYS.secret_key)),
    ],
)
def test_a_key_that_cannot_be_right_is_refused_without_repeating_it(db: Database, mode: Mode, keys: StripeKeys) -> None:
    """OPS-03."""
    with pytest.raises(AppError) as refused:
        with_keys(db, a_site(db, mode), keys)
    assert refused.value.violations
    assert "0123456789" not in refused.value.description
    assert db.read_now(store.of_site, "s1") == PaymentSettings("s1")


def test_keys_are_sealed_and_the_audit_log_has_none(db: Database) -> None:
    """OPS-02, OPS-03."""
    site = a_site(db)
    found = with_keys(db, site, TEST_KEYS)
    assert found.stripe_hint == "sk_test_...cdef"
    rows = db.read_now(lambda tx: repr(tx.all("SELECT * FROM payment_settings")) + repr(tx.all("SELECT * FROM audit_entry")))
    assert "payments.updated" in rows
    assert "0123456789" not in rows + repr(found) + repr(TEST_KEYS)
    till = site_settings.till(found, providers.STRIPE, sealing_key=SEALING, base_url="https://pages.example")
    assert (till.secret_key, till.webhook_secret) == (TEST_KEYS.secret_key, TEST_KEYS.webhook_secret)
    with pytest.raises(AppError, match="another master secret"):
        site_settings.till(found, providers.STRIPE, sealing_key=b"x" * 32, base_url="https://pages.example")
    with pytest.raises(AppError, match="no Stripe keys"):
        site_settings.till(PaymentSettings("s1"), providers.STRIPE, sealing_key=SEALING, base_url="")


def test_of_two_owners_who_change_it_at_once_one_is_told(db: Database) -> None:
    """OPS-04."""
    site = a_site(db)
    before = db.read_now(store.of_site, site.id)
    assert db.write_now(store.replace, replace(before, offline=True, offline_instructions="a"), before.revision, NOW)
    assert not db.write_now(store.replace, replace(before, offline=True, offline_instructions="b"), before.revision, NOW)
    assert db.read_now(store.of_site, site.id).offline_instructions == "a"


@pytest.mark.parametrize("instructions", ["", "   ", "x" * 1001])
def test_paying_later_without_saying_how_is_refused(db: Database, instructions: str) -> None:
    with pytest.raises(AppError) as refused:
        db.write_now(site_settings.set_offline, a_site(db), on=True, instructions=instructions, change=a_change())
    assert refused.value.violations[0].field == "instructions"


def findings(db: Database, mode: Mode, secret: str = SECRET) -> list[Finding]:
    """What the doctor says about paying at a site."""
    known = read({"ROUNDTRIP_SECRET": secret, "ROUNDTRIP_BASE_URL": "https://pages.example"})
    site = db.read_now(sites.require_site, "kiln")
    return db.read_now(lambda tx: list(doctor.of_payments(tx, replace(site, mode=mode), known)))


def test_the_doctor_says_when_a_live_site_cannot_be_paid(db: Database) -> None:
    site = a_site(db)
    assert findings(db, Mode.TEST) == []
    [nothing] = findings(db, Mode.LIVE)
    assert nothing.severity is Severity.WARNING
    assert "no way to be paid" in nothing.what
    with_keys(db, site, TEST_KEYS)
    assert findings(db, Mode.TEST) == []
    assert [one.severity for one in findings(db, Mode.LIVE)] == [Severity.PROBLEM, Severity.WARNING]
    [other_secret] = findings(db, Mode.TEST, "another secret of more than 32 characters")
    assert other_secret.severity is Severity.PROBLEM
    assert "another master secret" in other_secret.what


class Shell:
    """The command line, on a database of its own."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self.url = url
        for name, value in {"DATABASE_URL": url, "SECRET": SECRET, "DATA_DIR": str(tmp_path)}.items():
            monkeypatch.setenv(f"ROUNDTRIP_{name}", value)

    def run(self, *words: str, typed: str = "") -> str:
        """A command that succeeds: what it printed."""
        done = CliRunner().invoke(main, ["payments", *words], input=typed)
        assert done.exit_code == 0, done.output
        return done.output

    def fails(self, *words: str, typed: str = "") -> str:
        """A command that is refused: why."""
        done = CliRunner().invoke(main, ["payments", *words], input=typed)
        assert done.exit_code == 1, done.output
        return done.output


@pytest.fixture
def shell(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    """A shell, and a site called `kiln`."""
    db = connect(database_url)
    a_site(db)
    db.close()
    return Shell(database_url, monkeypatch, tmp_path)


def test_an_owner_sets_everything_by_command(shell: Shell) -> None:
    assert "can pay by: test" in shell.run("show", "--site", "kiln")
    assert "say how visitors pay" in shell.fails("offline", "--site", "kiln", "--on")
    shell.run("offline", "--site", "kiln", "--on", "--instructions", "By transfer to 4711")
    keys = f"{TEST_KEYS.secret_key}\n{TEST_KEYS.webhook_secret}\n"
    said = shell.run("stripe", "--site", "kiln", typed=keys)
    assert "/payments/s1/stripe/events" in said
    assert TEST_KEYS.secret_key not in said
    shown = json.loads(shell.run("show", "--site", "kiln", "--json"))
    assert shown["waysToPay"] == ["stripe", "test", "offline"]
    assert (shown["stripeKey"], shown["offlineInstructions"]) == ("sk_test_...cdef", "By transfer to 4711")
    refused = shell.fails("stripe", "--site", "kiln", typed="sk_live_0123456789abcdef\nwhsec_0123456789abcdef\n")
    assert "sk_live_0123456789abcdef" not in refused
    shell.run("stripe", "--site", "kiln", "--remove")
    shell.run("offline", "--site", "kiln", "--off")
    assert json.loads(shell.run("show", "--site", "kiln", "--json"))["waysToPay"] == ["test"]
    assert "no site called" in shell.fails("show", "--site", "nowhere")


def test_an_owner_takes_and_gives_back_money_by_command(shell: Shell) -> None:
    assert "Nobody has tried to pay yet." in shell.run("list", "--site", "kiln")
    db = connect(shell.url)
    later = begun(db, owed(site_id="s1"), providers.OFFLINE)
    online = begun(db, owed(site_id="s1"))
    settled(db, report(online))
    db.close()
    assert "paid" in shell.run("mark-paid", later.id, "--site", "kiln")
    assert "paid already" in shell.fails("mark-paid", later.id, "--site", "kiln")
    part = json.loads(shell.run("refund", later.id, "--site", "kiln", "--amount", "2.00", "--reason", "broken", "--key", "k", "--json"))
    same = json.loads(shell.run("refund", later.id, "--site", "kiln", "--amount", "2.00", "--reason", "broken", "--key", "k", "--json"))
    assert part == same
    assert "can't be given back" in shell.fails("refund", later.id, "--site", "kiln", "--amount", "41", "--reason", "x")
    assert "is not an amount" in shell.fails("refund", later.id, "--site", "kiln", "--amount", "two", "--reason", "x")
    assert "has no payment" in shell.fails("refund", "unknown", "--site", "kiln", "--reason", "x")
    by_worker = json.loads(shell.run("refund", online.id, "--site", "kiln", "--reason", "x", "--json"))
    assert "no refund" in shell.fails("refunded", by_worker["id"], "--site", "kiln")
    shell.run("refunded", part["id"], "--site", "kiln")
    assert "no refund" in shell.fails("refunded", part["id"], "--site", "kiln")
    listed = json.loads(shell.run("list", "--site", "kiln", "--json"))
    assert {one["id"]: (one["status"], one["refundable"]) for one in listed} == {
        later.id: ("captured", "40.00"),
        online.id: ("captured", "0.00"),
    }
    db = connect(shell.url)
    assert [one.status for one in refunds_of(db, later)] == [RefundStatus.MOVED]
    assert stored(db, later.id).status is Status.CAPTURED
    with pytest.raises(AppError):
        db.write_now(settle.mark_paid, actions.owed_of(later), NOW)
    db.close()
