"""Headless Settings in the dashboard: each section saves for itself, says what changed, and can be undone (OPS-02, OPS-03, OPS-04)."""

from __future__ import annotations

import re

from roundtrip.sites import store
from roundtrip.sites.model import Client
from roundtrip.storage import audit
from roundtrip.storage.audit import AuditEntry
from tests.dashboard.owner_browser import OwnerBrowser, readable

SETTINGS = "kiln/settings"


def client_page(desk: OwnerBrowser) -> str:
    """The page of the client `shop`."""
    return desk.open(f"{SETTINGS}/clients/{desk.app.world.shop.id}")


def stored(desk: OwnerBrowser) -> Client:
    """The client as the database has it."""
    client = desk.app.application.db.read_now(store.client, desk.app.world.shop.id)
    assert client is not None
    return client


def log(desk: OwnerBrowser) -> list[AuditEntry]:
    """What the audit log has, newest first."""
    site_id = desk.app.world.site.id
    return list(desk.app.application.db.read_now(lambda tx: audit.page(tx, site_id=site_id, before_id=None, limit=20)))


def test_clients_are_found_by_name_id_and_listed_address(desk: OwnerBrowser) -> None:
    assert "other.example" in readable(desk.open(SETTINGS))
    for wanted in ("other", desk.app.world.other.id, "https://other.example/cb"):
        page = readable(desk.open(f"{SETTINGS}?q={wanted}"))
        assert "other.example" in page
        assert "shop.example" not in page
    assert "No client has" in readable(desk.open(f"{SETTINGS}?q=<nothing>"))


def test_a_client_is_made_with_what_its_kind_needs(desk: OwnerBrowser) -> None:
    desk.open(f"{SETTINGS}/clients/new")
    page = desk.save("/clients/new", name="Library shop", kind="standard", uri="https://lib.example/cb", domain="lib.example")
    assert "The client was made" in readable(page)
    client_id = str(desk.page.url).rpartition("/")[2].partition("?")[0]
    made = desk.app.application.db.read_now(store.client, client_id)
    assert made is not None
    assert (made.tokens.auth_method, made.tokens.refresh_token_rotation) == ("client_secret_basic", True)
    assert (made.redirect_uris, made.redirect_domains) == (("https://lib.example/cb",), ("lib.example",))
    assert "has none: it gets no tokens until you make one" in readable(page)


def test_a_wrong_entry_at_creation_comes_back_beside_its_field_with_what_was_typed(desk: OwnerBrowser) -> None:
    desk.open(f"{SETTINGS}/clients/new")
    page = desk.refuse("/clients/new", {"name": "Shop 9", "uri": "https://a.example/#x", "domain": "a.example"})
    assert 'id="uri-error"' in page
    assert 'value="https://a.example/#x"' in page
    assert 'value="Shop 9"' in page


def test_a_section_saves_only_itself_and_says_exactly_what_changed(desk: OwnerBrowser) -> None:
    """OPS-02."""
    client_page(desk)
    page = readable(desk.save("/identity", name="Kiln shop"))
    assert "Saved Name shop.example Kiln shop" in page
    entry = log(desk)[0]
    assert (entry.action, entry.before, entry.after) == ("client.updated", {"name": "shop.example"}, {"name": "Kiln shop"})
    assert (entry.actor.kind, entry.actor.name) == ("owner", "Olive Owner")
    assert stored(desk).redirect_uris == ("https://shop.example/cb",)


def test_saving_without_a_difference_writes_nothing(desk: OwnerBrowser) -> None:
    client_page(desk)
    before = log(desk)
    desk.save("/identity")
    assert log(desk) == before
    assert stored(desk).revision == 1


def test_every_section_can_be_saved_as_the_page_shows_it(desk: OwnerBrowser) -> None:
    """What a page shows is what is stored: sending each form untouched changes nothing."""
    for section in ("identity", "redirect-uris", "redirect-domains", "post-logout-uris", "urls", "tokens"):
        client_page(desk)
        desk.save(f"/{section}")
    assert stored(desk).revision == 1


def test_an_entry_is_added_with_a_note_and_removed(desk: OwnerBrowser) -> None:
    """OPS-04, RED-16: a name that looks like another is shown in both forms."""
    client_page(desk)
    page = readable(desk.save("/add", list="allowedRedirectDomains", entry="xn--shp-8cd.example"))
    assert "Allowed redirect domains xn--shp-8cd.example" in page
    assert "is shown as" in page
    desk.save("/remove", list="allowedRedirectDomains", entry="xn--shp-8cd.example")
    assert stored(desk).redirect_domains == ("shop.example",)


def test_a_wrong_entry_comes_back_beside_its_field(desk: OwnerBrowser) -> None:
    """RED-16."""
    client_page(desk)
    page = desk.refuse("/add", {"list": "allowedRedirectUris", "entry": "shop.example/cb"})
    assert 'id="add-allowedRedirectUris-error"' in page
    assert 'value="shop.example/cb"' in page
    assert 'href="#add-allowedRedirectUris"' in page


def test_all_entries_can_be_typed_at_once(desk: OwnerBrowser) -> None:
    client_page(desk)
    desk.save("/redirect-domains", allowedRedirectDomains="shop.example\r\n\r\n  b.example:8443  \r\n")
    assert stored(desk).redirect_domains == ("shop.example", "b.example:8443")
    page = desk.refuse("/redirect-domains", {"allowedRedirectDomains": "ok.example\n*.com"})
    assert 'id="allowedRedirectDomains-error"' in page
    assert "ok.example\n*.com" in page


def test_a_login_url_must_be_on_an_allowed_domain_and_the_page_explains_it(desk: OwnerBrowser) -> None:
    client_page(desk)
    page = readable(desk.refuse("/urls", {"loginUrl": "https://elsewhere.example/login"}))
    assert "ust be on one of the client's allowed redirect domains" in page
    assert "elsewhere.example" in page
    desk.save("/urls", loginUrl="https://shop.example/login")
    assert stored(desk).login_url == "https://shop.example/login"


def test_token_settings_are_ticked_and_unticked(desk: OwnerBrowser) -> None:
    client_page(desk)
    ticked = {
        "tokenSettings.refreshTokenRotation": "on",
        "tokenSettings.grantTypes.anonymous": None,
        "tokenSettings.accessTokenMinutes": "30",
    }
    page = readable(desk.save_fields("/tokens", ticked))
    assert "A new refresh token with every use no yes" in page
    tokens = stored(desk).tokens
    assert (tokens.refresh_token_rotation, "anonymous" in tokens.grant_types, tokens.access_token_minutes) == (True, False, 30)
    refused = desk.refuse("/tokens", {"tokenSettings.accessTokenMinutes": "lots"})
    assert 'id="tokenSettings.accessTokenMinutes-error"' in refused
    assert 'value="lots"' in refused


def test_undo_sets_back_what_was_and_is_a_change_of_its_own(desk: OwnerBrowser) -> None:
    """OPS-02, OPS-04."""
    client_page(desk)
    desk.save("/identity", name="Mistake")
    page = readable(desk.save("/settings/undo"))
    assert "Name Mistake shop.example" in page
    assert stored(desk).name == "shop.example"
    assert [entry.action for entry in log(desk)[:2]] == ["client.updated", "client.updated"]
    desk.save("/settings/undo")
    assert stored(desk).name == "Mistake"


def test_undo_after_another_change_of_the_same_field_is_refused(desk: OwnerBrowser) -> None:
    """OPS-04."""
    client_page(desk)
    desk.save("/identity", name="First")
    old = desk.page
    client_page(desk)
    desk.save("/identity", name="Second")
    desk.page = old
    assert "changed again meanwhile" in readable(desk.refuse("/settings/undo", {}, status=409))
    assert stored(desk).name == "Second"


def test_two_owners_do_not_overwrite_each_other(desk: OwnerBrowser) -> None:
    """OPS-04: the one who saves second is told, and keeps what was typed."""
    client_page(desk)
    old = desk.page
    desk.save("/identity", name="First")
    desk.page = old
    page = desk.refuse("/identity", {"name": "Second"}, status=409)
    assert "was changed meanwhile" in readable(page)
    assert 'value="Second"' in page
    assert stored(desk).name == "First"
    desk.save("/identity", name="Second")
    assert stored(desk).name == "Second"


def test_a_secret_is_shown_once(desk: OwnerBrowser) -> None:
    """OPS-03."""
    client_page(desk)
    shown = re.findall(r"rts_[A-Za-z0-9_-]{43}", desk.send("/secrets", {}).text)
    assert len(set(shown)) == 1
    assert shown[0] not in desk.app.db_text()
    page = client_page(desk)
    assert shown[0] not in page
    assert f"rts_…{shown[0][-4:]}" in page
    desk.send("/secrets", {"others": "A_DAY"})
    page = client_page(desk)
    assert page.count("End now") == 2
    desk.save("/end-secret")
    assert client_page(desk).count("End now") == 1


def test_a_client_is_deleted_only_by_its_name(desk: OwnerBrowser) -> None:
    client_page(desk)
    page = desk.refuse("/delete", {"word": "delete"})
    assert "Nothing was deleted" in readable(page)
    assert stored(desk).name == "shop.example"
    token = desk.app.visitor()
    client_page(desk)
    page = desk.save("/delete", word="shop.example")
    assert "The client was deleted" in readable(page)
    assert desk.app.create({"login": {}}, token).status_code == 401
    assert client_page(desk)
    assert desk.page.status_code == 404


def test_a_client_of_another_site_is_not_here(desk: OwnerBrowser) -> None:
    """RED-20."""
    desk.open(f"{SETTINGS}/clients/{desk.app.world.foreign.id}")
    assert desk.page.status_code == 404


def test_a_key_is_shown_once_with_its_scopes_and_revoked_at_once(desk: OwnerBrowser) -> None:
    """OPS-03."""
    desk.open(f"{SETTINGS}/keys")
    refused = desk.refuse("/settings/keys", {"name": "Reports"})
    assert 'id="permissions-error"' in refused
    page = desk.send("/settings/keys", {"name": "Reports", "may.redirect_session.read": "on"}).text
    key = re.findall(r"IST\.[A-Za-z0-9_-]{43}", page)[0]
    assert desk.app.get("/api/v1/redirect-sessions", key).status_code == 200
    assert desk.app.get("/api/v1/keys", key).status_code == 403
    page = desk.open(f"{SETTINGS}/keys")
    assert key not in page
    desk.save("/keys/revoke")
    assert desk.app.get("/api/v1/redirect-sessions", key).status_code == 401


def test_site_fields_are_saved_and_undone(desk: OwnerBrowser) -> None:
    desk.open(f"{SETTINGS}/site")
    page = readable(desk.save("/settings/site", name="Kiln", language="de", homeUrl="https://kiln.example"))
    assert "Language en de" in page
    page = desk.save("/settings/undo")
    assert 'value="Kiln &amp; Co."' in page


def test_a_mode_switch_says_what_stops_and_asks_for_the_word(desk: OwnerBrowser) -> None:
    """OPS-12."""
    desk.app.change(desk.app.world.shop, redirect_domains=("shop.example", "localhost:3000"))
    page = readable(desk.open(f"{SETTINGS}/site"))
    assert "What stops working when it is live" in page
    assert "localhost:3000" in page
    assert "shop.example shop.example" not in page
    assert "Nothing was switched" in readable(desk.refuse("/site/mode", {"word": "yes"}))
    assert "The mode was switched" in readable(desk.save("/site/mode", word="live"))
    assert log(desk)[0].after == {"mode": "live"}


def test_a_theme_is_looked_at_before_it_is_saved_and_its_contrast_is_explained(desk: OwnerBrowser) -> None:
    """PAG-04."""
    desk.open(f"{SETTINGS}/pages")
    answer = desk.send("/settings/pages", {"brandColor": "#d9662b", "cornerRadius": "3", "act": "preview"})
    assert answer.status_code == 200
    assert "Nothing is saved yet" in readable(answer.text)
    assert "so that" in readable(answer.text)
    assert "border-radius:3px" in answer.text
    wrong = desk.refuse("/settings/pages", {"brandColor": "red}", "policies": "Privacy | http://plain.example", "act": "save"})
    assert 'id="brandColor-error"' in wrong
    assert 'id="policies-error"' in wrong
    assert "red}" not in wrong.partition("<style")[2].partition("</style>")[0]
    page = readable(
        desk.save_fields("/settings/pages", {"brandColor": "#123456", "policies": "Privacy | https://kiln.example/p", "act": "save"})
    )
    assert "Brand colour #9a4a2f #123456" in page
    assert "Privacy | https://kiln.example/p" in page
