"""Refused addresses: found again, explained, allowed only when that is safe."""

from __future__ import annotations

import html

import pytest

from roundtrip.core.clock import DAY
from roundtrip.sites import store as site_store
from roundtrip.sites.refusals import actions, store
from roundtrip.sites.refusals.model import KEEP_PER_CLIENT, kept_form
from roundtrip.sites.refusals.tally import MOST_OF_CLIENT, Refusals
from roundtrip.sites.verdict import Rule
from tests.app_fixture import NOW, App, Browser, auth, login
from tests.dashboard_sessions.at_desk import Owner


def refuse(app: App, url: str) -> None:
    answer = app.create(login(postFlowUrl=url))
    assert answer.status_code == 400, answer.text


def lists(app: App) -> tuple[tuple[str, ...], tuple[str, ...]]:
    client = app.application.db.read_now(site_store.client, app.world.shop.id)
    assert client is not None
    return client.redirect_uris, client.redirect_domains


def test_a_refused_address_is_found_explained_and_allowed(app_on_each: App) -> None:
    """RED-19, OPS-02: by the entry that was shown, once, with an audit entry; then the retry succeeds."""
    app = app_on_each
    for _ in range(3):
        refuse(app, "https://new.shop.example/after?token=very-secret#part")
    owner = Owner(app)
    page = owner.text("/refusals")
    assert "https://<mark>new.shop.example</mark>/after" in page.replace("\n", "") or "<mark>new.shop.example</mark>" in page
    assert "very-secret" not in page
    assert "<b>3</b>" in page
    (refusal_id,) = owner.refusals()
    assert "<b>1</b>" in owner.text("")  # the number in the navigation
    form = owner.text(f"/refusals/{refusal_id}/approve")
    assert "<ins>new.shop.example</ins>" in form
    assert 'name="host"' not in form  # a neighbour of what is listed
    revision = str(app.world.shop.revision)
    sent = owner.send(f"/refusals/{refusal_id}/approve", {"revision": revision})
    assert sent.status_code == 303, sent.text
    assert lists(app)[1] == ("shop.example", "new.shop.example")
    assert owner.refusals() == []
    assert app.create(login(postFlowUrl="https://new.shop.example/after?token=very-secret")).status_code == 200
    audit = owner.text("/audit")
    assert "A refused address was allowed for shop.example" in audit
    assert "new.shop.example" in audit
    # Twice is once: the refusal is gone.
    assert owner.send(f"/refusals/{refusal_id}/approve", {"revision": revision}).status_code == 404


def test_a_foreign_host_has_to_be_typed(app: App) -> None:
    """RED-16: a name that only looks like one's own shows itself, in both forms."""
    refuse(app, "https://shop-example.example/after")
    owner = Owner(app)
    (refusal_id,) = owner.refusals()
    path, revision = f"/refusals/{refusal_id}/approve", str(app.world.shop.revision)
    assert 'name="host"' in owner.text(path)
    for typed in ("", "shop.example"):
        answer = owner.send(path, {"revision": revision, "host": typed})
        assert answer.status_code == 400
        assert "Type the host shop-example.example" in answer.text
    assert lists(app)[1] == ("shop.example",)
    assert owner.send(path, {"revision": revision, "host": " Shop-Example.example "}).status_code == 303
    assert "shop-example.example" in lists(app)[1]


@pytest.mark.parametrize(
    "url",
    [
        "https://user:password@shop.example/",
        "https://*.shop.example/",
        "javascript:alert(1)",
        "myapp://callback",
        "https://shop.example.\\evil.example/",
    ],
)
def test_what_no_entry_could_make_safe_is_never_allowed_by_a_click(app: App, url: str) -> None:
    refuse(app, url)
    owner = Owner(app)
    assert "password@" not in owner.text("/refusals")
    for refusal_id in owner.refusals():
        answer = owner.send(f"/refusals/{refusal_id}/approve", {"revision": str(app.world.shop.revision), "host": "shop.example"})
        assert answer.status_code == 409 or answer.status_code == 400, answer.text
    assert lists(app) == (app.world.shop.redirect_uris, app.world.shop.redirect_domains)


def test_plain_http_is_not_allowed_on_a_live_site(app: App) -> None:
    """RED-17, OPS-12."""
    answer = app.create(login(postFlowUrl="http://loom.example/after"), app.visitor(app.world.live))
    assert answer.status_code == 400
    owner = Owner(app)
    owner.text("/refusals")
    page = owner.browser.open("/dashboard/live/refusals").text
    assert "Allow it" not in page
    assert "Use https" in page


def test_a_query_that_is_not_kept_is_not_guessed(app: App) -> None:
    """An exact rule looks at the query too, so one click would add another address than the one that was sent."""
    answer = app.create(auth(app.world.shop, redirectUri="https://shop.example/other?a=1"))
    assert answer.status_code == 400
    owner = Owner(app)
    page = html.unescape(owner.text("/refusals"))
    assert "Allow it" not in page
    assert "It was sent with a query, which is not kept here" in page


def test_somebody_else_changed_the_client_meanwhile(app: App) -> None:
    """OPS-04."""
    refuse(app, "https://new.shop.example/")
    owner = Owner(app)
    (refusal_id,) = owner.refusals()
    app.change(app.world.shop, redirect_domains=("shop.example", "third.shop.example"))
    answer = owner.send(f"/refusals/{refusal_id}/approve", {"revision": str(app.world.shop.revision)})
    assert answer.status_code == 400
    assert "changed meanwhile" in answer.text
    assert lists(app)[1] == ("shop.example", "third.shop.example")


def test_putting_one_aside_changes_no_list_and_is_in_the_audit_log(app: App) -> None:
    """OPS-02."""
    refuse(app, "https://new.shop.example/")
    owner = Owner(app)
    (refusal_id,) = owner.refusals()
    assert owner.send(f"/refusals/{refusal_id}/dismiss").status_code == 303
    assert owner.refusals() == []
    assert lists(app)[1] == ("shop.example",)
    assert "was put aside" in owner.text("/audit")


def test_a_flood_of_refusals_is_a_few_rows_and_a_few_writes(app_on_each: App) -> None:
    """TST-09: 20,000 refused requests in one window, then windows until the bound of a client is reached."""
    refusals, db = Refusals(), app_on_each.application.db
    client_id = app_on_each.world.shop.id
    for number in range(20_000):
        refusals.note(client_id, Rule.REDIRECT_DOMAIN, f"https://evil-{number}.example/", "HOST_DIFFERS", "creation", NOW + number)
    batch = refusals.take()
    assert len(batch) == MOST_OF_CLIENT
    for window in range(15):
        for number in range(MOST_OF_CLIENT):
            refusals.note(client_id, Rule.REDIRECT_DOMAIN, f"https://w{window}-{number}.example/", "HOST_DIFFERS", "page", NOW + window)
        db.write_now(actions.keep, refusals.take(), NOW)
    assert db.read_now(store.number, app_on_each.world.site.id, 10_000) == KEEP_PER_CLIENT
    kept = db.read_now(store.page, app_on_each.world.site.id, limit=10_000)
    assert min(refusal.last_at for refusal in kept) == NOW + 5
    assert db.write_now(store.forget, NOW + 90 * DAY, 500) == KEEP_PER_CLIENT


def test_the_same_address_again_counts_up(app_on_each: App) -> None:
    refusals = app_on_each.application.refusals
    client_id = app_on_each.world.shop.id
    for place in ("creation", "page", "return"):
        refusals.note(client_id, Rule.REDIRECT_DOMAIN, "https://x.example/?a=1", "HOST_DIFFERS", place, NOW)
        app_on_each.runner.run(app_on_each.application.write_refusals())
    (found,) = app_on_each.application.db.read_now(store.page, app_on_each.world.site.id, limit=10)
    assert (found.count, found.place, found.left_out, found.address) == (3, "return", "query", "https://x.example/")


def test_what_is_kept_of_an_address_holds_no_value_and_no_name_of_a_user() -> None:
    assert kept_form("https://a:b@shop.example/cb?code=1#x") == ("https://…@shop.example/cb", "query fragment")
    assert kept_form("https://shop.example/" + "x" * 600) == (("https://shop.example/" + "x" * 600)[:512], "end")
    assert kept_form("https://shop.example/\ud800") == ("https://shop.example/?", "")


def test_a_page_that_was_refused_is_among_them(app: App) -> None:
    """RED-09: what a browser brought to the authorize address."""
    params = {"clientId": app.world.shop.id, "responseType": "code", "redirectUri": "https://shop.example/wrong", "codeChallenge": "x" * 43}
    answer = Browser(app).open("/_api/oauth2/authorize?" + "&".join(f"{name}={value}" for name, value in params.items()))
    assert answer.status_code == 400
    assert "<mark>/wrong</mark>" in Owner(app).text("/refusals")


def test_nothing_in_an_address_becomes_markup(app: App) -> None:
    """PAG-04."""
    for url in (
        "https://shop.example.evil/<script>alert(1)</script>\"'",
        'https://"><img src=x onerror=alert(1)>.example/',
        "javascript:alert(1)//",
    ):
        refuse(app, url)
    owner = Owner(app)
    pages = [owner.text("/refusals"), owner.text("/refusals?url=%3Cscript%3Ealert(1)%3C/script%3E&client=" + app.world.shop.id)]
    pages += [owner.open("/find?q=%3Cscript%3Ealert(1)").text]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_keys_list_and_allow_refusals_too(app: App) -> None:
    refuse(app, "https://new.shop.example/")
    app.runner.run(app.application.write_refusals())
    (found,) = app.get("/api/v1/refusals", app.world.key).json()["refusals"]
    assert (found["add"], found["typeHost"], found["marked"][1]) == ("new.shop.example", None, "new.shop.example")
    assert app.get("/api/v1/refusals", app.world.foreign_key).json() == {"refusals": []}
    approve = f"/api/v1/refusals/{found['id']}/approve"
    revision = {"clientRevision": found["clientRevision"]}
    assert app.post(approve, revision, app.world.foreign_key).status_code == 404
    assert app.post(approve, revision, app.world.reading_key).status_code == 403
    answer = app.post(approve, revision, app.world.key)
    assert answer.json()["added"] == "new.shop.example"


def test_explaining_an_address_over_the_api(app: App) -> None:
    """RED-19, RED-20."""
    body = {"clientId": app.world.shop.id, "url": "https://shop.example/cb/"}
    by_uri, by_domain = app.post("/api/v1/explain", body, app.world.key).json()["verdicts"]
    assert (by_uri["allowed"], by_uri["reason"], by_uri["marked"], by_uri["add"]) == (
        False,
        "SLASH_DIFFERS",
        ["https://shop.example/cb", "/", ""],
        "https://shop.example/cb/",
    )
    assert by_domain["allowed"] is True
    assert app.post("/api/v1/explain", body, app.world.foreign_key).status_code == 404
