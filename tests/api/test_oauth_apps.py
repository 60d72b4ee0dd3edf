"""The OAuth Apps API: who may call it, what a field mask sets, and what two callers at once do to each other (OPS-02, OPS-03, OPS-04)."""

from __future__ import annotations

from typing import Any

import pytest

from roundtrip.storage import audit
from tests.api.shape import refused, succeeded, violated
from tests.app_fixture import App

APPS = "/oauth-app/v1/oauth-apps"
PATHS = [APPS, "/v1/oauth-apps"]
NAMED = {"name": "Shop", "allowedRedirectUris": ["https://new.example/cb"], "allowedRedirectDomains": ["new.example"]}
Json = dict[str, Any]


def make(app: App, **fields: object) -> Json:
    """A new client."""
    app.clock.move(1)
    return dict(succeeded(app.post(APPS, {"oAuthApp": {**NAMED, **fields}}, app.world.key))["oAuthApp"])


def patch(app: App, client_id: str, fields: Json, paths: list[str] | None, key: str | None = None, base: str = APPS) -> Any:
    """Update OAuth App."""
    body = {"oAuthApp": fields, **({"mask": {"paths": paths}} if paths is not None else {})}
    return app.request("PATCH", f"{base}/{client_id}", json=body, headers={"authorization": key or app.world.key})


def read(app: App, client_id: str, base: str = APPS) -> Json:
    """Get OAuth App."""
    return dict(succeeded(app.get(f"{base}/{client_id}", app.world.key))["oAuthApp"])


def delete(app: App, path: str, key: str | None = None) -> Any:
    """DELETE."""
    return app.request("DELETE", path, headers={"authorization": key or app.world.key})


def entries(app: App, object_id: str) -> list[Any]:
    """The audit entries about one thing, newest first."""
    return list(
        app.application.db.read_now(lambda tx: audit.page(tx, site_id=app.world.site.id, before_id=None, limit=50, object_id=object_id))
    )


@pytest.mark.parametrize("base", PATHS)
def test_a_client_is_made_read_listed_changed_and_deleted_on_both_paths(app_on_each: App, base: str) -> None:
    app = app_on_each
    made = succeeded(app.post(base, {"oAuthApp": NAMED}, app.world.key))["oAuthApp"]
    assert NAMED.items() <= made.items()
    assert read(app, made["id"], base) == made
    found = succeeded(app.post(f"{base}/query", {"query": {"filter": {"name": "Shop"}}}, app.world.key))
    assert [one["id"] for one in found["oAuthApps"]] == [made["id"]]
    changed = succeeded(patch(app, made["id"], {"name": "Shop 2"}, ["name"], base=base))["oAuthApp"]
    assert (changed["name"], changed["revision"]) == ("Shop 2", "2")
    assert succeeded(delete(app, f"{base}/{made['id']}")) == {}
    refused(app.get(f"{base}/{made['id']}", app.world.key), 404, "CLIENT_NOT_FOUND")
    refused(delete(app, f"{base}/{made['id']}"), 404, "CLIENT_NOT_FOUND")


def test_without_a_mask_nothing_changes_and_the_answer_says_so(app: App) -> None:
    """OPS-04."""
    made = make(app)
    no_paths: tuple[list[str] | None, ...] = (None, [])
    for paths in no_paths:
        answer = patch(app, made["id"], {"name": "Other", "allowedRedirectUris": []}, paths)
        assert succeeded(answer)["oAuthApp"] == made
        assert "Nothing was changed" in answer.headers["x-roundtrip-notice"]
    assert "x-roundtrip-notice" not in patch(app, made["id"], {"name": "Other"}, ["name"]).headers


def test_a_mask_sets_exactly_the_fields_it_names(app: App) -> None:
    """OPS-04: lists are replaced, not merged; a masked field that is not sent is emptied; what is not masked stays."""
    made = make(app, description="Old", technology="Astro")
    changed = succeeded(
        patch(app, made["id"], {"name": "No", "allowedRedirectUris": ["https://b.example/x"]}, ["allowedRedirectUris", "description"])
    )["oAuthApp"]
    assert changed["allowedRedirectUris"] == ["https://b.example/x"]
    assert "description" not in changed
    assert (changed["name"], changed["technology"]) == ("Shop", "Astro")


def test_token_settings_are_masked_one_by_one_or_as_a_group(app: App) -> None:
    """OPS-04."""
    made = make(app)
    both = {"tokenSettings": {"refreshTokenRotation": True, "idTokenAlg": "RS256"}}
    one = succeeded(patch(app, made["id"], both, ["tokenSettings.idTokenAlg"]))
    assert (one["oAuthApp"]["tokenSettings"]["idTokenAlg"], one["oAuthApp"]["tokenSettings"]["refreshTokenRotation"]) == ("RS256", False)
    group = succeeded(patch(app, made["id"], {"tokenSettings": {"refreshTokenRotation": True}}, ["tokenSettings"]))["oAuthApp"]
    assert group["tokenSettings"]["refreshTokenRotation"] is True
    assert group["tokenSettings"]["idTokenAlg"] == "RS256"


@pytest.mark.parametrize("path", ["id", "createdDate", "secret", "allowedDomain", "Name", ""])
def test_a_mask_cannot_name_what_cannot_be_set(app: App, path: str) -> None:
    """OPS-04."""
    made = make(app)
    violated(patch(app, made["id"], {"name": "X2"}, ["name", path]), "mask.paths[1]", "INVALID_ENUM_VALUE")
    assert read(app, made["id"]) == made


@pytest.mark.parametrize(
    ("fields", "field", "rule"),
    [
        ({"name": "x"}, "oAuthApp.name", "MIN_LENGTH"),
        ({"name": "x" * 257}, "oAuthApp.name", "MAX_LENGTH"),
        ({"loginUrl": "https://elsewhere.example/login"}, "oAuthApp.loginUrl", "FORMAT"),
        ({"loginUrl": "javascript:alert(1)"}, "oAuthApp.loginUrl", "FORMAT"),
        ({"logoutUrl": "myapp://x"}, "oAuthApp.logoutUrl", "FORMAT"),
        ({"applicationType": "ROBOT"}, "oAuthApp.applicationType", "INVALID_ENUM_VALUE"),
        ({"allowedRedirectUris": ["https://a.example/x#y"]}, "oAuthApp.allowedRedirectUris[0]", "FORMAT"),
        ({"allowedRedirectDomains": [f"h{n}.example" for n in range(21)]}, "oAuthApp.allowedRedirectDomains", "MAX_LENGTH"),
        ({"tokenSettings": {"grantTypes": ["password"]}}, "oAuthApp.tokenSettings.grantTypes", "INVALID_ENUM_VALUE"),
        ({"tokenSettings": {"grantTypes": ["client_credentials"]}}, "oAuthApp.tokenSettings.grantTypes", "OTHER"),
        ({"tokenSettings": {"accessTokenMinutes": 241}}, "oAuthApp.tokenSettings.accessTokenMinutes", "FORMAT"),
        ({"tokenSettings": {"permissions": ["everything"]}}, "oAuthApp.tokenSettings.permissions", "INVALID_ENUM_VALUE"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(shared_app: App, fields: Json, field: str, rule: str) -> None:
    """RED-16: at creation and at update alike; nothing is stored."""
    violated(shared_app.post(APPS, {"oAuthApp": {**NAMED, **fields}}, shared_app.world.key), field, rule)
    made = make(shared_app)
    paths = [f"tokenSettings.{name}" for name in fields["tokenSettings"]] if "tokenSettings" in fields else list(fields)
    violated(patch(shared_app, made["id"], fields, paths), field, rule)
    assert read(shared_app, made["id"]) == made


def test_a_login_url_on_a_listed_domain_is_fine(app: App) -> None:
    made = make(app, loginUrl="https://new.example/login?x=1")
    assert made["loginUrl"] == "https://new.example/login?x=1"


def test_a_revision_that_was_read_guards_the_update(app: App) -> None:
    """OPS-04."""
    made = make(app)
    succeeded(patch(app, made["id"], {"name": "First", "revision": made["revision"]}, ["name"]))
    refused(patch(app, made["id"], {"name": "Second", "revision": made["revision"]}, ["name"]), 409, "REVISION_CHANGED")
    succeeded(patch(app, made["id"], {"name": "Third", "revision": 2}, ["name"]))
    violated(patch(app, made["id"], {"name": "Fourth", "revision": "x"}, ["name"]), "oAuthApp.revision", "FORMAT")
    assert read(app, made["id"])["name"] == "Third"


def test_a_key_sees_no_client_of_another_site(app: App) -> None:
    """RED-20."""
    foreign = app.world.foreign.id
    for answer in (
        app.get(f"{APPS}/{foreign}", app.world.key),
        patch(app, foreign, {"name": "Mine"}, ["name"]),
        delete(app, f"{APPS}/{foreign}"),
        app.post(f"/api/v1/clients/{foreign}/secrets", {}, app.world.key),
        app.post(
            f"/api/v1/clients/{foreign}/allow-list/add", {"list": "allowedRedirectUris", "entry": "https://x.example/"}, app.world.key
        ),
    ):
        refused(answer, 404, "CLIENT_NOT_FOUND")
    listed = succeeded(app.post(f"{APPS}/query", {}, app.world.key))
    assert foreign not in [one["id"] for one in listed["oAuthApps"]]


def test_a_list_comes_in_parts_and_an_unknown_filter_is_refused(app: App) -> None:
    made = [make(app, name=f"Part {n}")["id"] for n in range(3)]
    body = {"query": {"filter": {"name": {"$startsWith": "Part"}}, "paging": {"limit": 2, "offset": 1}}}
    page = succeeded(app.post(f"{APPS}/query", body, app.world.key))
    assert [one["id"] for one in page["oAuthApps"]] == made[1:]
    assert page["pagingMetadata"] == {"count": 2, "offset": 1, "total": 3, "hasNext": False}
    violated(
        app.post(f"{APPS}/query", {"query": {"filter": {"loginUrl": "x"}}}, app.world.key), "query.filter.loginUrl", "INVALID_ENUM_VALUE"
    )
    violated(app.post(f"{APPS}/query", {"query": {"filter": {"name": {"$gt": "x"}}}}, app.world.key), "query.filter.name", "FORMAT")
    violated(app.post(f"{APPS}/query", {"query": {"paging": {"limit": 1000}}}, app.world.key), "query.paging", "FORMAT")


def test_one_entry_is_added_and_removed_with_notes_for_its_owner(app: App) -> None:
    """OPS-04, RED-16: an international name is stored as A-labels and shown in both forms."""
    made = make(app)
    path = f"/api/v1/clients/{made['id']}/allow-list"
    added = succeeded(app.post(f"{path}/add", {"list": "allowedRedirectDomains", "entry": "bücher.example"}, app.world.key))
    assert added["oAuthApp"]["allowedRedirectDomains"] == ["new.example", "xn--bcher-kva.example"]
    assert "bücher.example" in added["notes"][0]
    again = succeeded(app.post(f"{path}/add", {"list": "allowedRedirectDomains", "entry": "bücher.example"}, app.world.key))
    assert again["oAuthApp"]["revision"] == added["oAuthApp"]["revision"]
    removed = succeeded(app.post(f"{path}/remove", {"list": "allowedRedirectDomains", "entry": "new.example"}, app.world.key))
    assert removed["oAuthApp"]["allowedRedirectDomains"] == ["xn--bcher-kva.example"]
    violated(app.post(f"{path}/add", {"list": "secrets", "entry": "x"}, app.world.key), "list", "INVALID_ENUM_VALUE")


def test_a_secret_is_shown_once_and_never_stored(app: App) -> None:
    """OPS-03."""
    made = make(app)
    path = f"/api/v1/clients/{made['id']}/secrets"
    first = succeeded(app.post(path, {}, app.world.key))
    assert first["secret"].startswith("rts_")
    assert first["secret"] not in app.db_text()
    app.clock.move(1)
    second = succeeded(app.post(path, {"others": "A_DAY"}, app.world.key))
    listed = succeeded(app.get(path, app.world.key))["secrets"]
    assert [(one["secretId"], "expiresAt" in one) for one in listed] == [(second["secretId"], False), (first["secretId"], True)]
    assert "secret" not in listed[0]
    assert succeeded(delete(app, f"{path}/{second['secretId']}")) == {}
    refused(delete(app, f"{path}/{second['secretId']}"), 404, "SECRET_NOT_FOUND")
    app.clock.move(86_400_001)
    assert succeeded(app.get(path, app.world.key))["secrets"] == []
    assert first["secret"] not in app.get(f"{APPS}/{made['id']}", app.world.key).text


def test_a_revoked_key_is_dead_at_once(app: App) -> None:
    """OPS-03."""
    made = succeeded(app.post("/api/v1/keys", {"name": "Reports", "permissions": ["redirect_session.read"]}, app.world.key))
    assert made["key"] not in app.db_text()
    succeeded(app.get("/api/v1/redirect-sessions", made["key"]))
    assert made["keyId"] in [one["keyId"] for one in succeeded(app.get("/api/v1/keys", app.world.key))["keys"]]
    succeeded(delete(app, f"/api/v1/keys/{made['keyId']}"))
    refused(app.get("/api/v1/redirect-sessions", made["key"]), 401, "UNAUTHENTICATED")
    refused(delete(app, f"/api/v1/keys/{made['keyId']}"), 404, "KEY_NOT_FOUND")
    refused(delete(app, f"/api/v1/keys/{made['keyId']}", app.world.foreign_key), 404, "KEY_NOT_FOUND")


def test_a_key_gives_away_no_more_than_it_may_do_itself(app: App) -> None:
    """OPS-03: neither to another key nor to a client that acts by its secret."""
    narrow = succeeded(app.post("/api/v1/keys", {"name": "Keys", "permissions": ["key.manage", "oauth_app.manage"]}, app.world.key))["key"]
    for wanted in (["*"], ["redirect_session.read"], ["key.manage", "member.manage"]):
        refused(app.post("/api/v1/keys", {"name": "Wide", "permissions": wanted}, narrow), 403, "PERMISSION_TOO_WIDE")
    succeeded(app.post("/api/v1/keys", {"name": "Same", "permissions": ["key.manage"]}, narrow))
    wide = {"tokenSettings": {"authMethod": "client_secret_basic", "grantTypes": ["client_credentials"]}}
    assert "*" not in make(app, **wide)["tokenSettings"]["permissions"], "nobody is given everything by not saying what"
    wide["tokenSettings"]["permissions"] = ["*"]
    refused(app.post(APPS, {"oAuthApp": {**NAMED, **wide}}, narrow), 403, "PERMISSION_TOO_WIDE")
    by_owner = make(app, **wide)
    refused(app.post(f"/api/v1/clients/{by_owner['id']}/secrets", {}, narrow), 403, "PERMISSION_TOO_WIDE")
    refused(patch(app, by_owner["id"], {"name": "Other"}, ["name"], narrow), 403, "PERMISSION_TOO_WIDE")


def test_every_change_by_a_key_is_in_the_audit_log(app: App) -> None:
    """OPS-02."""
    made = make(app)
    succeeded(patch(app, made["id"], {"name": "Shop 2"}, ["name"]))
    secret = succeeded(app.post(f"/api/v1/clients/{made['id']}/secrets", {}, app.world.key))["secret"]
    succeeded(delete(app, f"{APPS}/{made['id']}"))
    found = entries(app, made["id"])
    assert sorted(one.action for one in found) == ["client.created", "client.deleted", "client.updated", "client_secret.added"]
    updated = next(one for one in found if one.action == "client.updated")
    assert (updated.before, updated.after) == ({"name": "Shop"}, {"name": "Shop 2"})
    assert (updated.actor.kind, updated.actor.name) == ("api_key", "key")
    assert secret not in repr(found)


def test_the_world_is_told_about_clients(app: App) -> None:
    made = make(app)
    succeeded(patch(app, made["id"], {"name": "Shop 2"}, ["name"]))
    succeeded(delete(app, f"{APPS}/{made['id']}"))
    rows = app.application.db.read_now(
        lambda tx: tx.all("SELECT slug, body FROM outbox WHERE entity = 'oauth_app' AND entity_id = :id ORDER BY slug", id=made["id"])
    )
    assert [slug for slug, _ in rows] == ["created", "deleted", "updated"]
    assert '"changedFields":["name"]' in rows[2][1]


def test_a_deleted_client_leaves_nothing_that_works(app_on_each: App) -> None:
    """OPS-03, RED-09: tokens are dead at once, and a visit under way ends on a page of ours."""
    app = app_on_each
    token = app.visitor()
    url = app.session({"login": {}, "callbacks": {"postFlowUrl": "https://shop.example/after"}}, token)["fullUrl"]
    refresh = app.tokens()["refresh_token"]
    succeeded(delete(app, f"{APPS}/{app.world.shop.id}"))
    refused(app.create({"login": {}}, token), 401, "UNAUTHENTICATED")
    answer = app.post("/oauth2/token", {"clientId": app.world.shop.id, "grantType": "refresh_token", "refreshToken": refresh})
    assert answer.status_code >= 400
    page = app.get(url.removeprefix(app.base), sec_fetch_mode="navigate", sec_fetch_dest="document", sec_fetch_site="cross-site")
    assert 400 <= page.status_code < 500
    assert "location" not in page.headers
    assert "text/html" in page.headers["content-type"]
