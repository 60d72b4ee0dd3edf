"""Create Redirect Session: callbacks, preferences, language, the answer, and who may call."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from roundtrip.api.operations import OPERATIONS
from tests.api.shape import is_violated, refused, succeeded, violated
from tests.app_fixture import BASE, CALLBACK, POST_FLOW, App, Browser, Json, auth, login, query

URLS = ("postFlowUrl", "thankYouPageUrl", "loginUrl", "cartPageUrl", "bookingsServiceListUrl", "planListUrl")
(PATHS,) = (operation.paths for operation in OPERATIONS if operation.name == "CreateRedirectSession")


def _url(length: int) -> str:
    start = "https://shop.example/"
    return start + "p" * (length - len(start))


@pytest.mark.parametrize("name", URLS)
def test_a_callback_may_have_2048_characters(shared_app: App, name: str) -> None:
    token = shared_app.visitor()
    field = f"callbacks.{name}"
    succeeded(shared_app.create({"login": {}, "callbacks": {name: _url(2048)}}, token))
    assert violated(shared_app.create({"login": {}, "callbacks": {name: _url(2049)}}, token), field, "MAX_LENGTH")["threshold"] == 2048
    refusal = refused(shared_app.create({"login": {}, "callbacks": {name: "https://evil.tld/"}}, token), 400, "INVALID_REDIRECT_DOMAIN")
    assert refusal["data"]["field"] == field
    assert refusal["data"]["url"] == "https://evil.tld/"
    assert refusal["data"]["part"] == "host"
    assert refusal["data"]["closest"] == "shop.example"
    succeeded(shared_app.create({"login": {}, "callbacks": {name: ""}}, token))


@pytest.mark.parametrize("name", ["state", "origin"])
def test_state_and_origin_may_have_2048_characters(shared_app: App, name: str) -> None:
    for length, violates in ((2048, False), (2049, True)):
        body: Json = login(state="x" * length) if name == "state" else {**login(), "origin": "x" * length}
        field = "callbacks.state" if name == "state" else "origin"
        assert is_violated(shared_app.create(body), field) is violates


def test_the_old_name_of_the_plan_list_works_and_the_new_one_wins(app: App) -> None:
    """`plansListUrl` means the same; whichever counts is judged, and comes back in the hints."""
    old, new = "https://shop.example/old", "https://shop.example/new"
    for callbacks, expected in (
        ({"plansListUrl": old}, old),
        ({"plansListUrl": old, "planListUrl": new}, new),
        ({"planListUrl": new}, new),
    ):
        session = app.session({"login": {}, "callbacks": callbacks})
        inner = query(session["urlDetails"]["searchParams"]["redirectUrl"])
        assert inner["headlessExternalUrls"] == f'{{"paid-plans":"{expected}"}}'
    refused(app.create({"login": {}, "callbacks": {"plansListUrl": "https://evil.tld/"}}), 400, "INVALID_REDIRECT_DOMAIN")


def test_query_parameters_have_limits(shared_app: App) -> None:
    token = shared_app.visitor()
    field = "preferences.additionalQueryParameters"
    for parameters, violates in (
        ({f"n{place:02}": "v" for place in range(50)}, False),
        ({f"n{place:02}": "v" for place in range(51)}, True),
        ({"n": "v" * 2047}, False),
        ({"n": "v" * 2048}, True),
        ({"n" * 2048: ""}, False),
        ({"n" * 2048: "v"}, True),
    ):
        answer = shared_app.create({**login(), "preferences": {"additionalQueryParameters": parameters}}, token)
        assert is_violated(answer, field) is violates, parameters


def test_all_preferences_are_understood(shared_app: App) -> None:
    preferences = {
        "useGenericWixPages": False,
        "customMemberPaths": {"accountPagePath": "account", "profilePagePath": "profile"},
        "maintainIdentity": False,
        "additionalQueryParameters": {"utm_source": "mail"},
        "createShortUrl": True,
        "checkIfPublish": True,
    }
    succeeded(shared_app.create({**login(), "preferences": preferences}))


@pytest.mark.parametrize(
    ("lang", "linguist", "expected"),
    [
        (None, None, None),
        ("de", None, "de"),
        (None, "de", "de"),
        (None, "de|de-de|true|abc", "de"),
        (None, "pt_BR|x", "pt-BR"),
        (None, "zh-Hant", "zh-Hant"),
        ("he", "de", "he"),
        ("nonsense!", "de", "de"),
        (None, "", None),
        (None, "|de", None),
        (None, "x", None),
        (None, "de; drop table", None),
        (None, "<script>", None),
        ("\u00fc\u00fc", None, None),
    ],
)
def test_the_language_comes_from_the_parameter_then_from_the_header(
    app: App, lang: str | None, linguist: str | None, expected: str | None
) -> None:
    """PAG-07: a hint that makes no sense is ignored, never refused."""
    preferences = {"preferences": {"additionalQueryParameters": {"lang": lang}}} if lang else {}
    session = app.session({**login(), **preferences}, **({"x_wix_linguist": linguist} if linguist is not None else {}))
    inner = query(session["urlDetails"]["searchParams"]["redirectUrl"])
    assert inner.get("lang") == (expected or lang)
    shown = app.get(f"/api/v1/redirect-sessions/{session['id']}", app.world.key).json()
    assert shown["language"] == (expected or "en")
    page = Browser(app)
    final = page.follow(page.open(session["fullUrl"]))[0][-1]
    assert f'<html lang="{expected if expected in ("de", "he") else "en"}"' in final.text


def _consistent(session: Json) -> None:
    assert set(session) == {"id", "fullUrl", "urlDetails", "sessionToken", "shortUrl"}
    assert len(session["fullUrl"]) <= 2048
    endpoint, _, text = session["fullUrl"].partition("?")
    assert session["urlDetails"]["endpoint"] == endpoint
    assert len(parse_qsl(text, keep_blank_values=True)) == len(session["urlDetails"]["searchParams"]), "a name came twice"
    assert session["urlDetails"]["searchParams"] == query(session["fullUrl"])
    assert session["fullUrl"].isascii()
    assert session["shortUrl"] == ""
    assert isinstance(session["sessionToken"], str)
    assert session["fullUrl"].startswith(BASE)


def test_the_answer_for_each_installed_intent(app: App) -> None:
    """docs/reference/redirect-sessions.md, where `fullUrl` points."""
    shop = app.world.shop
    bodies: dict[str, Json] = {
        "/_api/redirects-api/v1/enter/": login(),
        "/_api/oauth2/authorize": auth(shop, prompt="login", nonce="n"),
        "/_api/iam/authentication/v1/logout": {"logout": {"clientId": shop.id}, "callbacks": {"postFlowUrl": POST_FLOW}},
    }
    for path, body in bodies.items():
        session = app.session(body)
        _consistent(session)
        assert urlsplit(session["fullUrl"]).path.startswith(path)
    entry = app.session(login())
    inner = entry["urlDetails"]["searchParams"]["redirectUrl"]
    assert urlsplit(inner).path == "/__members/login"
    assert entry["sessionToken"] == entry["urlDetails"]["searchParams"]["sessionToken"]
    assert query(inner)["headlessClientId"] == shop.id
    assert query(inner)["origin"] == "https://shop.example"
    shown = app.session(auth(shop, prompt="login", nonce="n"))["urlDetails"]["searchParams"]
    assert shown["redirectUri"] == CALLBACK
    assert shown["prompt"] == "login"
    assert app.session(bodies["/_api/iam/authentication/v1/logout"])["urlDetails"]["searchParams"]["postLogoutRedirectUri"] == POST_FLOW


SIGNS = {"a&redirectUrl=x": "1", "b=c": "2", "d#e": "3", "f%26g": "4", "h+i j": "5"}
OURS = ("redirectUrl", "sessionToken", "redirectSessionId", "entryToken", "origin", "headlessClientId", "clientId", "state")
HARD: dict[str, Json] = {
    "long callbacks": {"callbacks": {name: _url(2048) for name in URLS}},
    "quoted callbacks": {"callbacks": dict.fromkeys(URLS, "https://shop.example/?" + "%20" * 600)},
    "long parameters": {"preferences": {"additionalQueryParameters": {"n": "\u00fc" * 2000}}},
    "long names": {"preferences": {"additionalQueryParameters": {"\u00fc" * 2000: "v"}}},
    "many names": {"preferences": {"additionalQueryParameters": {chr(0x4E00 + place) * 30: "\U0001f600" for place in range(50)}}},
    "signs in names": {
        "preferences": {"additionalQueryParameters": {"a&redirectUrl=x": "1", "b=c": "2", "d#e": "3", "f%26g": "4", "h+i j": "5"}}
    },
    "signs in values": {"preferences": {"additionalQueryParameters": {"a": "x&redirectUrl=y#z+ %26\u2028"}}},
    "our own names": {"preferences": {"additionalQueryParameters": dict.fromkeys(OURS, "mine")}},
    "no name": {"preferences": {"additionalQueryParameters": {"": "x", " ": ""}}},
    "long origin": {"origin": "https://shop.example/" + "\u00fc" * 2000},
}


@pytest.mark.parametrize("what", list(HARD))
@pytest.mark.parametrize("intent", ["login", "auth", "logout"])
def test_the_address_stays_short_and_readable_under_pressure(app: App, intent: str, what: str) -> None:
    """`fullUrl` has at most 2048 characters; and it opens the session all the same."""
    messages: dict[str, Json] = {
        "login": {"login": {}},
        "auth": auth(app.world.shop, prompt="login"),
        "logout": {"logout": {"clientId": app.world.shop.id}},
    }
    session = app.session({**messages[intent], **HARD[what]})
    _consistent(session)
    answer = Browser(app).open(session["fullUrl"])
    assert answer.status_code in (302, 303), answer.text
    if intent == "login":
        inner = session["urlDetails"]["searchParams"]["redirectUrl"]
        assert inner.startswith(f"{BASE}/__members/login?")
        assert query(inner)["redirectSessionId"] == session["id"]


def test_an_authorization_request_of_the_greatest_size_still_opens(app: App) -> None:
    state, nonce = "s" * 2048, "n" * 512
    session = app.session(auth(app.world.shop, prompt="none", state=state, nonce=nonce))
    _consistent(session)
    back = Browser(app).open(session["fullUrl"]).headers["location"]
    assert query(back)["state"] == state


def test_all_four_paths_answer_alike(shared_app: App) -> None:
    assert len(PATHS) == 4
    token = shared_app.visitor()
    shapes = []
    for path in PATHS:
        session = succeeded(shared_app.post(path, login(), token))["redirectSession"]
        _consistent(session)
        shapes.append({name: sorted(value) if isinstance(value, dict) else type(value) for name, value in session.items()})
        violated(shared_app.post(path, {}, token), "intent", "REQUIRED_ONE_OF_FIELD")
        refused(shared_app.post(path, login()), 401)
    assert shapes == [shapes[0]] * 4


def test_ids_differ_and_say_nothing_about_secrets(app: App) -> None:
    """SES-01."""
    token = app.visitor()
    made = [app.session(login(), token) for _ in range(20)]
    assert len({session["id"] for session in made}) == len({session["sessionToken"] for session in made}) == 20
    for session in made:
        assert len(session["sessionToken"].removeprefix("JWS.")) >= 43
        assert session["id"].replace("-", "") not in session["sessionToken"]


def test_the_database_never_holds_what_opens_a_session(app_on_each: App) -> None:
    """SES-01, OPS-03."""
    app = app_on_each
    member_token = app.register()["sessionToken"]
    made = [app.session(login()), app.session(auth(app.world.shop, prompt="none", sessionToken=member_token))]
    kept = app.db_text()
    assert made[0]["id"] in kept
    for session in made:
        for secret in (session["sessionToken"], session["urlDetails"]["searchParams"].get("entryToken")):
            if secret:
                assert secret not in kept
                assert secret.removeprefix("JWS.") not in kept
    assert member_token not in kept


def test_an_unlisted_redirect_uri_is_refused_where_the_developer_sees_it(shared_app: App) -> None:
    """RED-08; RED-19: field, received value, rule and first difference."""
    refusal = refused(shared_app.create(auth(shared_app.world.shop, redirectUri=CALLBACK + "/")), 400, "INVALID_REDIRECT_URI")
    assert refusal["data"]["field"] == "auth.authRequest.redirectUri"
    assert refusal["data"]["part"] == "slash"
    refused(shared_app.create(auth(shared_app.world.shop, redirectUri="unused://")), 400, "INVALID_REDIRECT_URI")
    refused(shared_app.create(auth(shared_app.world.shop, redirectUri=None)), 400, "INVALID_REDIRECT_URI")
    succeeded(shared_app.create(auth(shared_app.world.shop, redirectUri=None, responseMode="web_message")))


def test_a_list_of_one_client_never_helps_another(shared_app: App) -> None:
    """RED-20."""
    world = shared_app.world
    for client, url in ((world.shop, "https://other.example/"), (world.other, "https://shop.example/")):
        body = {"login": {}, "callbacks": {"postFlowUrl": url}}
        refused(shared_app.create(body, shared_app.visitor(client)), 400, "INVALID_REDIRECT_DOMAIN")


def test_a_key_may_not_make_a_visitors_session(shared_app: App) -> None:
    """SES-07: 403 with an explanation; `auth` and `logout` name their client and work."""
    world = shared_app.world
    refusal = refused(shared_app.create(login(), world.key), 403, "CLIENT_NOT_HEADLESS")
    assert "grantType" in refusal["description"]
    succeeded(shared_app.create(auth(world.shop), world.key))
    succeeded(shared_app.create({"logout": {"clientId": world.shop.id}}, world.key))
    for client in (world.foreign, world.live):
        refused(shared_app.create(auth(client), world.key), 403, "PERMISSION_DENIED")
    refused(shared_app.create(auth(world.shop), world.reading_key), 403, "PERMISSION_DENIED")


def test_a_token_of_another_client_may_not_start_an_authorization(shared_app: App) -> None:
    """SES-07: the client in the token owns the callbacks; a client id that nobody has is 404."""
    world = shared_app.world
    for client in (world.other, world.foreign):
        refused(shared_app.create(auth(world.shop), shared_app.visitor(client)), 403, "PERMISSION_DENIED")
        refused(shared_app.create({"logout": {"clientId": world.shop.id}}, shared_app.visitor(client)), 403, "PERMISSION_DENIED")
    unknown = "00000000-0000-4000-8000-000000000099"
    refused(shared_app.create({"logout": {"clientId": unknown}}), 404, "CLIENT_NOT_FOUND")


def test_letters_of_a_client_id_may_be_large(shared_app: App) -> None:
    body = auth(shared_app.world.shop, clientId=shared_app.world.shop.id.upper())
    assert shared_app.create(body).status_code in (200, 401)
