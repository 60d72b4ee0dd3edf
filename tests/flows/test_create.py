"""Making redirect sessions: who may, for whom, with which addresses, and what is kept and told."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import ApiKey
from roundtrip.flows.create import CALLBACK_FIELDS
from roundtrip.flows.languages import language_of
from roundtrip.flows.registry import registry
from roundtrip.redirect_session import actions
from roundtrip.redirect_session.model import Callbacks, Preferences, Status
from tests.flows.browser import Tab, entry_secret, sent_to, shown
from tests.flows.examples import message_at
from tests.flows.shop import ISSUER, LIFETIMES, OTHER_ID, SHOP_ID, SITE_ID, Shop, auth_message, owner_key

VISITOR_FLOWS = sorted(intent for intent, flow in registry().flows.items() if flow.client_id is None)


@pytest.mark.parametrize("intent", VISITOR_FLOWS)
def test_an_api_key_cannot_make_a_visitors_session(shop: Shop, intent: str) -> None:
    """SES-07: and the answer says what to do instead."""
    message = message_at(shop, intent)
    with pytest.raises(AppError) as refused:
        shop.create(intent, message, caller=owner_key())
    assert (refused.value.kind, refused.value.code) == (Kind.FORBIDDEN, "CLIENT_NOT_HEADLESS")
    for part in ("POST /oauth2/token", "anonymous", "Authorization"):
        assert part in refused.value.description
    assert shop.session_count() == 0


def test_an_api_key_may_send_somebody_to_log_in_or_out(shop: Shop) -> None:
    """SES-07: the body names the client."""
    assert shop.auth(caller=owner_key()).session.client_id == SHOP_ID
    assert shop.logout(owner_key()).session.client_id == SHOP_ID


def test_a_key_of_another_site_cannot_use_this_sites_client(shop: Shop) -> None:
    """SES-07, RED-20."""
    foreign = ApiKey("77777777-7777-4777-8777-777777777777", "key", frozenset("*"))
    for intent, message in (("auth", auth_message()), ("logout", {"clientId": SHOP_ID})):
        with pytest.raises(AppError) as refused:
            shop.create(intent, message, caller=foreign)
        assert refused.value.kind is Kind.FORBIDDEN


@pytest.mark.parametrize("field", list(CALLBACK_FIELDS))
def test_every_callback_is_judged_and_named(shop: Shop, field: str) -> None:
    """RED-02, RED-08, RED-19: and nothing is kept."""
    for url in ("https://evil.example/", "http://shop.example/", "https://shop.example:444/", "https://shop.example@evil.example/"):
        with pytest.raises(AppError) as refused:
            shop.create("login", {}, callbacks=Callbacks(**{field: url}))
        assert (refused.value.kind, refused.value.code) == (Kind.INVALID, "INVALID_REDIRECT_DOMAIN")
        assert refused.value.data["field"] == CALLBACK_FIELDS[field]
    assert shop.session_count() == 0
    assert shop.db.read_now(lambda tx: tx.one("SELECT COUNT(*) FROM outbox WHERE entity = 'redirect_session'")) == (0,)


def test_a_domain_of_one_client_does_not_help_another(shop: Shop) -> None:
    """RED-20."""
    with pytest.raises(AppError):
        shop.create("login", {}, callbacks=Callbacks(post_flow_url="https://other.example/"))
    created = shop.create("login", {}, caller=shop.visitor(shop.other), callbacks=Callbacks(post_flow_url="https://other.example/"))
    assert created.session.client_id == OTHER_ID


@pytest.mark.parametrize(
    ("received", "kept"),
    [
        ("HTTPS://SHOP.EXAMPLE", "https://shop.example/"),
        ("https://shop.example:443/a b".replace(" ", "%20"), "https://shop.example/a%20b"),
        ("https://shop.example/x/../y?q=ü#ä", "https://shop.example/y?q=%C3%BC#%C3%A4"),
    ],
)
def test_callbacks_are_kept_as_a_browser_reads_them(shop: Shop, received: str, kept: str) -> None:
    """RED-04, RED-05."""
    created = shop.create("login", {}, callbacks=Callbacks(**dict.fromkeys(CALLBACK_FIELDS, received)))
    stored = shop.session(created.session.id).request.callbacks
    assert {getattr(stored, field) for field in CALLBACK_FIELDS} == {kept}


def test_a_browsers_origin_has_to_be_listed(shop: Shop) -> None:
    """OPS-06, decision record 0004: `null` and no origin pass."""
    for origin in ("https://evil.example", "http://shop.example", "https://other.example"):
        with pytest.raises(AppError) as refused:
            shop.create("login", {}, browser_origin=origin)
        assert (refused.value.kind, refused.value.code) == (Kind.FORBIDDEN, "ORIGIN_NOT_ALLOWED")
    for passing in ("https://shop.example", "null", None):
        shop.create("login", {}, browser_origin=passing)
    assert shop.session_count() == 3


@pytest.mark.parametrize("intent", sorted(registry().flows))
def test_a_creation_is_told_once_and_without_one_time_values(shop: Shop, intent: str) -> None:
    """SES-02, SES-09."""
    token = shop.session_token()
    messages: dict[str, Any] = {"auth": auth_message(sessionToken=token), "logout": {"clientId": SHOP_ID}}
    message = messages.get(intent) or message_at(shop, intent)
    created = shop.create(intent, message, callbacks=Callbacks(post_flow_url="https://shop.example/?k=secret-of-the-site"))
    [(slug, body)] = shop.events(created.session.id)
    assert slug == "created"
    assert body["fullUrl"] == created.entry.endpoint == created.entry.full_url.partition("?")[0]
    told = msgspec.json.encode(body).decode()
    for secret in (entry_secret(created), token, "secret-of-the-site"):
        assert secret not in told
    assert entry_secret(created) in created.entry.full_url


def test_who_caused_a_session_is_told_with_it(shop: Shop, tab: Tab) -> None:
    tab.log_in(shop.ann)
    member = shop.member_of(shop.redeem(sent_to(tab.enter(shop.auth()))[1]["code"]))
    visitor = shop.visitor()
    by_caller = {
        "ANONYMOUS_VISITOR": shop.logout(visitor),
        "MEMBER": shop.logout(member),
        "APP": shop.logout(owner_key()),
    }
    for kind, created in by_caller.items():
        assert shop.told_about(created.session.id)["identityType"] == kind


def test_a_new_session_waits_half_an_hour_for_its_visitor(shop: Shop) -> None:
    session = shop.session(shop.login().session.id)
    assert (session.status, session.outcome, session.browser_hash, session.draft) == (Status.CREATED, None, None, None)
    assert session.expires_at == session.created_at + LIFETIMES.open_within
    assert session.site_id == SITE_ID


def test_the_row_knows_only_hashes_of_the_links_secret(shop: Shop) -> None:
    """SES-01."""
    created = shop.login()
    row = shop.db.read_now(lambda tx: tx.one("SELECT * FROM redirect_session WHERE id = :id", id=created.session.id))
    assert entry_secret(created) not in str(row)
    assert actions.is_entry_secret(shop.session(created.session.id), entry_secret(created))


@pytest.mark.parametrize(
    ("lang", "linguist", "language"),
    [
        ("de", "fr|en|x", "de"),
        (None, "fr|en|x|y", "fr"),
        (None, "pt-BR", "pt-BR"),
        ("pt_BR", "", "pt-BR"),
        (None, "", None),
        ("x" * 50, "he", "he"),
        ("<script>", "../..", None),
        ("de\r\nSet-Cookie: x", "", None),
        (" de ", "", "de"),
    ],
)
def test_the_language_is_the_parameters_then_the_headers(lang: str | None, linguist: str, language: str | None) -> None:
    """PAG-07: what does not look like a language is ignored, never refused."""
    assert language_of(lang, linguist) == language


def test_the_language_is_else_the_sites_and_stays_with_the_visit(shop: Shop, tab: Tab) -> None:
    """PAG-07."""
    for language, kept in (("de", "de"), (None, "en")):
        created = shop.create("login", {}, language=language)
        assert shown(tab.open(created)).visit.session.language == kept
    assert "lang=de" in shop.create("login", {}, language="de").entry.search_params["redirectUrl"]


def test_the_callers_own_parameters_are_on_the_pages_address_and_change_nothing(shop: Shop, tab: Tab) -> None:
    """AUT-17, SES-08."""
    wanted = {"utm_source": "mail", "redirectSessionId": "other", "sessionToken": "other", "headlessClientId": OTHER_ID, "a&b=c": "d&e"}
    preferences = Preferences(additional_query_parameters=wanted)
    created = shop.create("login", {}, preferences=preferences, callbacks=Callbacks(post_flow_url="https://shop.example/"))
    [inner] = parse_qs(urlsplit(created.entry.full_url).query)["redirectUrl"]
    assert inner == created.entry.search_params["redirectUrl"]
    shown_there = parse_qs(urlsplit(inner).query)
    assert shown_there["utm_source"] == ["mail"]
    assert shown_there["a&b=c"] == ["d&e"]
    assert shown_there["redirectSessionId"] == [created.session.id]
    assert shown_there["sessionToken"] == [entry_secret(created)]
    assert shown_there["headlessClientId"] == [SHOP_ID]
    shown(tab.open(created))


def test_an_intent_without_a_flow_names_the_ones_there_are() -> None:
    missing = sorted(registry().params.keys() - registry().flows.keys())
    for intent in missing:
        with pytest.raises(AppError) as refused:
            registry().flow(intent)
        assert (refused.value.kind, refused.value.code) == (Kind.INVALID, "FLOW_NOT_INSTALLED")
        assert refused.value.data["installed"] == sorted(registry().flows)


def test_the_entry_address_is_on_the_pages_host(shop: Shop) -> None:
    for created in (shop.login(), shop.auth(), shop.logout()):
        assert created.entry.full_url.startswith(f"{ISSUER}/")
        assert len(created.entry.full_url) <= 2048
