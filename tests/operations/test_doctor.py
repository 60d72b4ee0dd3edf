"""The doctor finds what a visitor would: missing lists, dead entries, a wrong secret, a worker that does not run."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from roundtrip.core.clock import DAY, MINUTE, system_clock
from roundtrip.flows.registry import Registry, registry
from roundtrip.payments.site_settings import store as payments
from roundtrip.payments.site_settings.model import PaymentSettings
from roundtrip.settings import Settings, read
from roundtrip.sites import actions as sites
from roundtrip.sites import store
from roundtrip.sites.model import Client, Mode
from roundtrip.sites.readiness import Lack
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Database, Tx
from roundtrip.upkeep import doctor
from roundtrip.upkeep.finding import Finding, Severity
from tests.server_fixtures import StartServer

NOW = 1_790_000_000_123  # 2026-09-21
SECRET = "a secret for tests, long enough for all"
MAIL = {"SMTP_URL": "smtp://mail.example:587", "MAIL_FROM": "no-reply@shop.example"}


def settings(tmp_path: Path, **given: str) -> Settings:
    return read(
        {"ROUNDTRIP_DATA_DIR": str(tmp_path), "ROUNDTRIP_SECRET": SECRET, **{f"ROUNDTRIP_{name}": text for name, text in given.items()}}
    )


def a_client(db: Database, mode: Mode = Mode.TEST, **changes: object) -> Client:
    """A client that is stored as it is, also with entries that nobody could enter today. Its site can be paid."""

    def make(tx: Tx) -> Client:
        site = sites.create_site(tx, site_id="s", slug="kiln", name="Kiln", mode=mode, language="en", theme="{}", now=NOW)
        payments.replace(tx, PaymentSettings(site.id, offline=True, offline_instructions="By transfer"), 0, NOW)
        uris, domains = ("https://shop.example/cb",), ("shop.example",)
        client = sites.create_client(tx, site=site, client_id="c", name="Shop", now=NOW, redirect_uris=uris, redirect_domains=domains)
        changed = replace(client, id="changed", **changes)  # type: ignore[arg-type]
        tx.execute("DELETE FROM client")
        store.insert_client(tx, changed)
        return changed

    return db.write_now(make)


def found_by(db: Database, known: Settings, at: int = NOW, installed: Registry | None = None) -> list[Finding]:
    every = doctor.examine(db, known, lambda: at, installed or registry())
    return [one for one in every if one.severity is not Severity.OK and one.where != doctor.HERE]


def test_a_client_with_both_lists_is_ready_for_every_flow(db: Database, tmp_path: Path) -> None:
    a_client(db)
    assert found_by(db, settings(tmp_path)) == []


def test_each_flow_says_itself_what_it_misses(db: Database, tmp_path: Path) -> None:
    a_client(db, redirect_uris=(), redirect_domains=())
    found = found_by(db, settings(tmp_path))
    said = {one.what.partition(":")[0]: one.fix for one in found}
    assert set(said) == set(registry().flows)
    assert said["auth"] == "roundtrip client allow changed --redirect-uri https://YOUR-SITE/callback"
    assert said["login"] == "roundtrip client allow changed --redirect-domain YOUR-SITE"
    assert {one.severity for one in found} == {Severity.PROBLEM}


def test_a_new_flow_brings_its_own_check(db: Database, tmp_path: Path) -> None:
    lack = Lack(True, "tickets: no event is on sale", "Visitors see an empty page.", "Make an event.")
    flow = replace(registry().flows["login"], ready=lambda tx, flow, site, client: [lack])
    a_client(db)
    [found] = found_by(db, settings(tmp_path), installed=Registry(registry().params, {"tickets": flow}))
    assert (found.what, found.why, found.fix) == (lack.what, lack.why, lack.fix)


@pytest.mark.parametrize(
    ("changes", "severity", "words"),
    [
        ({"redirect_uris": ("https://shop.example/cb", "http://localhost:3000/cb")}, Severity.WARNING, "the visitor's own machine"),
        ({"redirect_domains": ("shop.example", "http://shop.example")}, Severity.WARNING, "plain http"),
        ({"redirect_uris": ("https://a.example/cb", "https://*-p.shop.example/cb until 2027-01-31")}, Severity.WARNING, "patterns are off"),
        ({"redirect_domains": ("shop.example", "not a host")}, Severity.PROBLEM, "can't be read: not a host"),
        ({"login_url": "https://elsewhere.example/login"}, Severity.PROBLEM, "loginUrl https://elsewhere.example/login is not on"),
        ({"logout_url": "https://elsewhere.example/bye"}, Severity.PROBLEM, "logoutUrl https://elsewhere.example/bye is not on"),
    ],
)
def test_on_a_live_site_an_entry_that_allows_nothing_is_found(
    db: Database, tmp_path: Path, changes: dict[str, object], severity: Severity, words: str
) -> None:
    a_client(db, Mode.LIVE, **changes)
    [found] = found_by(db, settings(tmp_path, BASE_URL="https://pages.example", **MAIL))
    assert found.severity is severity
    assert words in found.what
    assert found.why
    assert found.fix


@pytest.mark.parametrize(("days", "severity", "words"), [(10, Severity.WARNING, "ends in 9 days"), (-1, Severity.PROBLEM, "has ended")])
def test_a_pattern_that_ends_soon_or_has_ended_is_found(db: Database, tmp_path: Path, days: int, severity: Severity, words: str) -> None:
    a_client(db, redirect_uris=("https://shop.example/cb", "https://*-p.shop.example/cb until 2026-10-31"))
    end = 1_793_491_200_000  # the day after, at midnight
    [found] = found_by(db, settings(tmp_path), at=end - days * DAY + MINUTE)
    assert found.severity is severity
    assert words in found.what


def test_a_live_site_on_plain_http_is_a_problem(db: Database, tmp_path: Path) -> None:
    a_client(db, Mode.LIVE)
    [found] = found_by(db, settings(tmp_path, **MAIL))
    assert "the site is live and the pages are at http://127.0.0.1:8000" in found.what


def test_a_live_site_without_a_mail_server_is_a_problem(db: Database, tmp_path: Path) -> None:
    a_client(db, Mode.LIVE)
    [found] = found_by(db, settings(tmp_path, BASE_URL="https://pages.example"))
    assert (found.severity, found.what) == (Severity.PROBLEM, "the site is live and no mail server is set")


def test_a_secret_that_others_can_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x" * 40)
    (tmp_path / "secret").chmod(0o644)
    [found] = doctor.of_secret_file(tmp_path / "secret")
    assert found.severity is Severity.PROBLEM
    (tmp_path / "secret").chmod(0o600)
    [found] = doctor.of_secret_file(tmp_path / "secret")
    assert found.severity is Severity.OK


@pytest.mark.parametrize(("free", "severity"), [(2 * 1024**3, Severity.OK), (10**9, Severity.WARNING), (10**8, Severity.PROBLEM)])
def test_a_disk_that_fills_up_is_found(tmp_path: Path, free: int, severity: Severity) -> None:
    assert doctor.of_disk(tmp_path, free).severity is severity


@pytest.mark.parametrize(("off", "severity"), [(0, Severity.OK), (-9_000, Severity.WARNING), (6 * MINUTE, Severity.PROBLEM)])
def test_a_clock_that_is_off_is_found(off: int, severity: Severity) -> None:
    """OPS-13."""
    assert doctor.of_clock(off).severity is severity


def test_a_proxy_that_nobody_named_and_one_that_anybody_can_be_are_found(tmp_path: Path) -> None:
    """OPS-05."""
    unnamed = [one.what for one in doctor.of_settings(settings(tmp_path, BASE_URL="https://pages.example")) if one.fix]
    anybody = [one.what for one in doctor.of_settings(settings(tmp_path, TRUSTED_PROXIES="*")) if one.fix]
    assert unnamed == ["ROUNDTRIP_TRUSTED_PROXIES is empty"]
    assert anybody == ["ROUNDTRIP_TRUSTED_PROXIES is *"]


def test_the_command_tells_programs_and_ends_with_1_when_there_is_a_problem(start_server: StartServer) -> None:
    server = start_server()
    server.client("Whole", redirect_uris=["https://shop.example/cb"], redirect_domains=["shop.example"])
    whole = json.loads(server.command("doctor", "--site", "demo", "--json"))
    assert [one["what"] for one in whole if one["severity"] != "ok"] == ["ROUNDTRIP_LOG_LEVEL is debug"], "as tests set it"
    assert any("signing keys open with the secret" in one["what"] for one in whole)

    server.client("Bare")
    done = server.try_command("doctor")
    assert done.returncode == 1
    assert "problem: site demo, client Bare: auth: the client lists no entry" in done.stdout

    server.environment = {**server.environment, "ROUNDTRIP_SECRET": "another secret for tests, long enough too"}
    done = server.try_command("doctor")
    assert "cannot be decrypted with this master secret" in done.stdout


def test_a_migration_that_is_missing_is_named(empty_database_url: str, tmp_path: Path) -> None:
    with closing(connect(empty_database_url)) as db:
        found = doctor.examine(db, settings(tmp_path, DATABASE_URL=empty_database_url), system_clock, registry())
    assert found[-1].severity is Severity.PROBLEM
    assert "0001_storage, 0002_sites" in found[-1].what
    assert found[-1].fix == "roundtrip migrate"


def test_work_that_nobody_does_is_found(tmp_path: Path) -> None:
    assert doctor.of_worker(True, settings(tmp_path, DATABASE_URL="postgresql://x/y")).fix.endswith("roundtrip worker")
    assert doctor.of_worker(False, settings(tmp_path)).severity is Severity.OK
