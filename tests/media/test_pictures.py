"""Pictures over HTTP: the right file for every browser, kept for ever by caches, gone when they are deleted, bounded for strangers."""

from __future__ import annotations

import pytest

from roundtrip.api import renditions
from roundtrip.api.renditions import Renditions
from roundtrip.media import actions, address
from roundtrip.media.model import Picture
from roundtrip.media.rendering import render
from roundtrip.media.rendition import Rendition
from roundtrip.media.shelf import Shelf
from tests.app_fixture import NOW, App
from tests.media.photos import BLUE, RED, near, opened, photo

WEBP = "image/avif,image/webp,*/*"


def added(app: App, content: bytes | None = None, filename: str = "Töpfe.jpg") -> Picture:
    return app.application.db.write_now(actions.add, app.world.site.id, content or photo(), filename, NOW)


def test_a_picture_is_sent_as_it_is_kept(app_on_each: App) -> None:
    picture = added(app_on_each)
    answer = app_on_each.get(address.of(picture))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert len(answer.content) == picture.size == int(answer.headers["content-length"])
    assert opened(answer.content).size == (400, 300)


def test_goods_without_a_picture_have_one_to_show(app: App) -> None:
    """Clients build addresses from whatever picture a cart names, in any size."""
    answer = app.get("/media/no-picture.png")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert opened(answer.content).size == (600, 600)
    small = app.get("/media/no-picture.png/v1/fill/w_112,h_112,al_c,q_85,enc_auto/no-picture.png")
    assert (small.status_code, opened(small.content).size) == (200, (112, 112))


def test_no_picture_can_become_a_page(app: App) -> None:
    """PAG-01: whoever opens a picture as a page, or frames it, gets nothing that runs."""
    for path in (address.of(added(app)), address.of(added(app), width=50, height=50)):
        headers = app.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert headers["content-disposition"] == "inline; filename*=UTF-8''T%C3%B6pfe.jpg"
        assert headers["access-control-allow-origin"] == "*"
        assert "set-cookie" not in headers


def test_a_browser_that_reads_webp_gets_it_and_caches_keep_both(app: App) -> None:
    path = address.of(added(app), width=100, height=100)
    plain, webp, refusing = (app.get(path, accept=accept) for accept in ("image/*", WEBP, "image/webp;q=0, */*"))
    assert [one.headers["content-type"] for one in (plain, webp, refusing)] == ["image/jpeg", "image/webp", "image/jpeg"]
    assert [opened(one.content).format for one in (plain, webp)] == ["JPEG", "WEBP"]
    assert plain.headers["vary"] == "accept"
    assert plain.headers["etag"] != webp.headers["etag"]


def test_the_wanted_part_is_shown(app: App) -> None:
    picture = added(app)
    base = f"/media/{picture.id}/v1"
    left = opened(app.get(f"{base}/fill/w_100,h_200,al_l/x.jpg").content)
    right = opened(app.get(f"{base}/crop/x_200,y_0,w_200,h_300/fill/w_100,h_100,al_c/x.jpg").content)
    assert (left.size, right.size) == ((100, 200), (100, 100))
    assert near(left, 0.5, 0.5, RED)
    assert near(right, 0.5, 0.5, BLUE)


def test_a_clear_picture_stays_clear_for_browsers_without_webp(app: App) -> None:
    picture = added(app, photo(form="WEBP"))
    answer = app.get(address.of(picture, width=40, height=40), accept="image/png")
    assert answer.headers["content-type"] == "image/png"
    assert opened(answer.content).size == (40, 40)


def test_a_browser_that_has_it_is_told_so_without_any_work(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = added(app)
    for path in (address.of(picture), address.of(picture, width=60, height=60)):
        etag = app.get(path).headers["etag"]
        monkeypatch.setattr(Renditions, "get", None)
        again = app.get(path, if_none_match=f'"other", W/{etag}')
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
        assert "content-length" not in again.headers
        monkeypatch.undo()
        assert app.get(path, if_none_match='"other"').status_code == 200


def test_head_tells_what_get_would(app: App) -> None:
    path = address.of(added(app), width=60, height=60)
    get, head = app.get(path), app.request("HEAD", path)
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert get.headers[name] == head.headers[name]


def test_pictures_answer_under_every_host_name(app: App) -> None:
    """The official SDK's helpers lead to one well-known host, whatever the server is called."""
    answer = app.get(address.of(added(app)), host="static.wixstatic.com")
    assert answer.status_code == 200


def test_the_same_size_wanted_by_many_at_once_is_made_once(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(content: bytes, wanted: Rendition, content_type: str) -> bytes:
        made.append(content_type)
        return render(content, wanted, content_type)

    monkeypatch.setattr(renditions, "render", counted)
    path = address.of(added(app), width=80, height=80)
    answers = app.at_once(*[lambda: app.client().get(path)] * 12)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(made) == 1
    assert app.get(path).content == answers[0].content
    assert len(made) == 1


def test_too_many_new_sizes_at_once_wait_no_longer_than_they_must(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renditions, "MOST_WAITING", 3)
    picture = added(app)
    paths = [address.of(picture, width=10 + place, height=10) for place in range(8)]
    answers = app.at_once(*[lambda path=path: app.client().get(path) for path in paths])
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 429}
    assert statuses.count(200) >= 3
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status_code == 429)
    assert [app.get(path).status_code for path in paths] == [200] * 8


def test_one_address_cannot_have_sizes_made_without_end(app: App) -> None:
    """SES-12: what was made already costs nothing and is not counted."""
    app.application.api._services.limits.count("renditions", "127.0.0.1", 600, NOW)
    picture = added(app)
    first = address.of(picture, width=9, height=9)
    assert app.get(first).status_code == 200
    for _ in range(598):
        app.application.api._services.limits.count("renditions", "127.0.0.1", 600, NOW)
    refused = app.get(address.of(picture, width=8, height=8))
    assert refused.status_code == 429
    assert refused.json()["details"]["applicationError"]["code"] == "RESOURCE_EXHAUSTED"
    assert app.get(first).status_code == 200


def test_a_deleted_picture_is_gone_whatever_is_kept_in_memory(app_on_each: App) -> None:
    picture = added(app_on_each)
    paths = (address.of(picture), address.of(picture, width=60, height=60))
    assert [app_on_each.get(path).status_code for path in paths] == [200, 200]
    app_on_each.application.db.write_now(actions.delete, picture.site_id, picture.id, NOW)
    for path in paths:
        answer = app_on_each.get(path, if_none_match="*")
        assert answer.status_code == 404
        assert answer.json()["details"]["applicationError"]["code"] == "PICTURE_NOT_FOUND"
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/media/nothing.jpg", 404),
        ("/media/a%00b", 404),
        ("/media/..%2f..%2fetc", 404),
        ("/media/", 404),
        ("/media/{id}/v1/fill/w_9,h_9", 404),
        ("/media/{id}/v1/melt/w_9,h_9/x.jpg", 400),
        ("/media/{id}/v1/fill/w_x,h_9/x.jpg", 400),
        ("/media/{id}/v1/crop/x_900,y_900,w_9,h_9/x.jpg", 400),
        ("/media/{id}/v1/fill/w_9,h_9/fit/w_0,h_0/x.jpg", 400),
        ("/media/{id}/v1/fill/w_9,h_9/x.svg", 200),
        ("/media/{id}/v1/fit/w_1000,h_1000,q_90/file.png", 200),
    ],
)
def test_a_wrong_address_is_answered_in_words(app: App, path: str, status: int) -> None:
    answer = app.get(path.replace("{id}", added(app).id))
    assert answer.status_code == status
    assert answer.headers["content-type"] == ("image/jpeg" if status == 200 else "application/json")


def test_the_same_picture_added_twice_is_one(app_on_each: App) -> None:
    """A seed or an upload that is repeated changes nothing, and tells nobody twice."""
    one, other = added(app_on_each), added(app_on_each, filename="again.jpg")
    assert one == other
    text = app_on_each.db_text()
    assert text.count("'picture', 'created'") == 1


def test_what_is_kept_in_memory_is_bounded_and_the_least_wanted_goes_first() -> None:
    shelf = Shelf(most_bytes=100)
    for name in "abcd":
        shelf.put(name, b"x" * 25)
    assert shelf.get("a")
    shelf.put("e", b"x" * 25)
    assert [name for name in "abcde" if shelf.get(name)] == ["a", "c", "d", "e"]
    assert shelf.size == 100
    shelf.put("huge", b"x" * 26)
    assert shelf.get("huge") is None
    shelf.put("a", b"y" * 25)
    assert shelf.size == 100
