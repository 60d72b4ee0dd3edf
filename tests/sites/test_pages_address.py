"""The address that visitors see a site's pages under: what it may be, who has it, and who changed it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from roundtrip.core.errors import AppError
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.sites import actions as sites
from roundtrip.sites import site_settings, store
from roundtrip.sites.change import Change
from roundtrip.sites.model import Mode, Site
from roundtrip.sites.pages_address import check_pages_url
from roundtrip.storage import audit
from roundtrip.storage.database import Database
from tests.flows.at_once import at_once

URL = "https://pages.shop.example"


def make(db: Database, slug: str) -> Site:
    """A site."""
    number = sum(slug.encode())
    site_id = f"00000000-0000-4000-8000-{number:012d}"
    return db.write_now(sites.create_site, site_id=site_id, slug=slug, name=slug, mode=Mode.TEST, language="en", theme="{}", now=1)


def change(db: Database, site: Site, url: str | None, now: int = 2) -> Site:
    """As the owner sets it."""
    return db.write_now(site_settings.update, site=site, fields={"pagesUrl": url}, change=Change(new_id(now), COMMAND, now))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://pages.shop.example", URL),
        (" https://Pages.Shop.example/ ", URL),
        ("https://pages.shop.example:443", URL),
        ("https://pages.shop.example:8443", "https://pages.shop.example:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_a_host_is_kept_in_its_normal_form(given: str, kept: str) -> None:
    assert check_pages_url(given, Mode.TEST) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "pages.shop.example",
        "//pages.shop.example",
        "http://pages.shop.example",
        "https://pages.shop.example/path",
        "https://pages.shop.example/?a=1",
        "https://pages.shop.example/#a",
        "https://ann@pages.shop.example",
        "https://pages.shop.example\\@evil.example",
        "javascript:alert(1)",
        "myapp://pages",
        "https://pages.shop.example.",
    ],
)
def test_anything_but_a_host_is_refused(given: str) -> None:
    with pytest.raises(AppError) as refused:
        check_pages_url(given, Mode.TEST)
    assert refused.value.violations[0].field == "pagesUrl"


@pytest.mark.parametrize("given", ["http://localhost:8000", "https://localhost"])
def test_a_live_site_is_not_on_this_machine(given: str) -> None:
    """OPS-12"""
    with pytest.raises(AppError):
        check_pages_url(given, Mode.LIVE)


def test_it_is_set_changed_and_given_up_and_each_is_in_the_audit_log(db: Database) -> None:
    """OPS-02"""
    site = make(db, "shop")
    first = change(db, site, URL + "/")
    assert (first.pages_url, first.revision) == (URL, 2)
    assert change(db, first, URL) == first, "nothing changed, nothing noted"
    last = change(db, first, None, now=3)
    assert db.read_now(store.site, site.id) == last
    entries = db.read_now(audit.page, site_id=site.id, before_id=None, limit=10)
    changes = [one for one in reversed(entries) if one.action == "site.updated"]
    assert [(one.action, one.before, one.after) for one in changes] == [
        ("site.updated", {"pagesUrl": None}, {"pagesUrl": URL}),
        ("site.updated", {"pagesUrl": URL}, {"pagesUrl": None}),
    ]


def test_an_address_belongs_to_one_site(db: Database) -> None:
    site, other = make(db, "shop"), make(db, "other")
    change(db, site, URL)
    with pytest.raises(AppError) as refused:
        change(db, other, URL)
    assert refused.value.code == "PAGES_ADDRESS_TAKEN"
    change(db, replace(site, pages_url=URL, revision=2), None)
    assert change(db, other, URL).pages_url == URL


def test_a_change_by_somebody_else_meanwhile_is_noticed(db: Database) -> None:
    """OPS-04"""
    site = make(db, "shop")
    change(db, site, URL)
    with pytest.raises(AppError) as refused:
        change(db, site, "https://other.shop.example")
    assert refused.value.code == "REVISION_CHANGED"


def test_of_two_sites_that_want_it_at_once_one_gets_it(db: Database) -> None:
    wanting = [make(db, slug) for slug in ("a", "bb", "ccc", "dddd")]
    answers = at_once([partial(change, db, site, URL) for site in wanting])
    assert sum(isinstance(answer, Site) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, AppError)} == {"PAGES_ADDRESS_TAKEN"}


def test_a_site_with_an_address_on_this_machine_does_not_go_live(db: Database) -> None:
    """OPS-12"""
    site = change(db, make(db, "shop"), "http://localhost:8000")
    with pytest.raises(AppError) as refused:
        db.write_now(site_settings.switch_mode, site=site, mode=Mode.LIVE, change=Change(new_id(3), COMMAND, 3))
    assert refused.value.violations[0].field == "pagesUrl"
