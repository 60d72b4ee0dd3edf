"""Owners' programs: pictures sent, imported from elsewhere but never from inside, listed, deleted."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest

from roundtrip.api import picture_import
from roundtrip.api.picture_import import fetch
from roundtrip.api.site_media import UPLOAD_PATH
from roundtrip.core.clock import HOUR
from roundtrip.core.errors import AppError
from roundtrip.core.public_address import is_public
from roundtrip.media.model import MOST_BYTES
from roundtrip.worker.run import Worker
from tests.api.shape import refused, succeeded, violated
from tests.app_fixture import App, Json
from tests.media import photos
from tests.media.photos import opened, photo
from tests.site_fixture import Site

FILES = "/site-media/v1/files"


def upload_path(app: App, key: str | None = None, **body: str) -> str:
    answer = succeeded(app.post(f"{FILES}/generate-upload-url", {"mimeType": "image/jpeg", **body}, key or app.world.key))
    url = str(answer["uploadUrl"])
    assert url.startswith(app.base)
    return url.removeprefix(app.base)


def put(app: App, path: str, content: bytes) -> httpx.Response:
    return app.request("PUT", path, content=content, headers={"content-type": "image/jpeg"})


def sent(app: App, content: bytes, name: str = "mug.png", key: str | None = None) -> Json:
    return dict(succeeded(put(app, upload_path(app, key, fileName=name), content))["file"])


def test_a_picture_is_sent_without_a_key_and_can_be_seen(app_on_each: App) -> None:
    file = sent(app_on_each, photo())
    assert file["displayName"] == "mug.jpg"
    assert file["url"] == f"https://static.wixstatic.com/media/{file['id']}"
    assert file["media"]["image"]["image"] == {
        "id": file["id"],
        "url": file["url"],
        "width": 400,
        "height": 300,
        "filename": "mug.jpg",
    }
    assert (file["mediaType"], file["operationStatus"], file["mimeType"]) == ("IMAGE", "READY", "image/jpeg")
    shown = app_on_each.get(urlsplit(file["thumbnailUrl"]).path)
    assert opened(shown.content).size == (300, 300)


def test_the_address_can_name_the_file(app: App) -> None:
    for mark in "&?":
        answer = succeeded(put(app, upload_path(app) + mark + "filename=caf%C3%A9.gif", photo(30, 20 + ord(mark), "GIF")))
        assert answer["file"]["displayName"] == "café.png"


def test_an_upload_address_takes_one_picture_and_the_same_again(app_on_each: App) -> None:
    """WHK-03 in spirit: an answer that was lost can be asked for again."""
    path = upload_path(app_on_each)
    first = succeeded(put(app_on_each, path, photo()))
    assert succeeded(put(app_on_each, path, photo())) == first
    refused(put(app_on_each, path, photo(50, 50)), 409, "UPLOAD_USED")
    assert len(succeeded(app_on_each.get(FILES, app_on_each.world.key))["files"]) == 1


def test_two_pictures_at_once_for_one_upload_address(app_on_each: App) -> None:
    app = app_on_each
    path = upload_path(app)
    contents = [photo(50 + place, 50) for place in range(4)]
    answers = app.at_once(*[lambda content=content: app.client().put(path, content=content) for content in contents])
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(succeeded(app.get(FILES, app.world.key))["files"]) == 1


def test_an_upload_address_lives_an_hour_and_is_then_forgotten(app: App) -> None:
    path = upload_path(app)
    app.clock.move(HOUR)
    refused(put(app, path, photo()), 404, "UPLOAD_NOT_FOUND")
    app.runner.run(Worker(app.application.db, app.clock, app.application.settings.lifetimes).tidy())
    assert app.application.db.read_now(lambda tx: tx.all("SELECT id FROM picture_upload")) == []
    refused(put(app, UPLOAD_PATH + "?token=UPL.unknown", photo()), 404, "UPLOAD_NOT_FOUND")


def test_an_upload_token_is_kept_as_a_hash(app: App) -> None:
    """OPS-03: who reads the database cannot send pictures."""
    token = upload_path(app).rpartition("=")[2]
    assert token.startswith("UPL.")
    assert token not in app.db_text()


def test_a_file_that_is_too_large_is_not_read_to_its_end(app: App) -> None:
    refused(put(app, upload_path(app), b"\xff" * (MOST_BYTES + 1)), 413, "BODY_TOO_LARGE")
    refused(put(app, upload_path(app), photos.bomb(7_000, 7_000)), 400, "PICTURE_TOO_LARGE")


def test_what_is_no_picture_is_not_kept(app: App) -> None:
    for content in (photos.SVG, photos.HTML, b""):
        refused(put(app, upload_path(app, mimeType="image/svg+xml", fileName="x.svg"), content), 400, "NOT_A_PICTURE")
    assert succeeded(app.get(FILES, app.world.key))["files"] == []


def test_pictures_are_listed_newest_first_page_by_page(app_on_each: App) -> None:
    app = app_on_each
    ids = []
    for place in range(5):
        ids.append(sent(app, photo(20 + place, 20))["id"])
        app.clock.move(place % 2)
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = succeeded(app.get(f"{FILES}?paging.limit=2&paging.cursor={cursor}", app.world.key))
        seen += [file["id"] for file in page["files"]]
        cursor = page["nextCursor"]["cursors"].get("next", "")
        assert page["nextCursor"]["hasNext"] == bool(cursor)
    assert cursor == ""
    assert sorted(seen) == sorted(ids)
    assert seen[0] == ids[-1]
    for wrong in ("x", "MTIzLmFiYy9k", "é"):
        violated(app.get(f"{FILES}?paging.cursor={wrong}", app.world.key), "paging.cursor", "FORMAT")
    refused(app.get(f"{FILES}?paging.cursor=%00", app.world.key), 400, "NUL_CHARACTER")
    for wrong in ("0", "101", "-1", "x", "\u0663"):
        violated(app.get(f"{FILES}?paging.limit={wrong}", app.world.key), "paging.limit", "FORMAT")


def test_a_picture_is_found_by_its_id_and_its_addresses(app: App) -> None:
    file = sent(app, photo())
    for name in (file["id"], file["url"], file["thumbnailUrl"], f"wix:image://v1/{file['id']}/x%23originWidth=1"):
        found = succeeded(app.request("GET", f"{FILES}/get-file-by-id", params={"fileId": name}, headers={"authorization": app.world.key}))
        assert found["file"] == file
    refused(app.get(f"{FILES}/get-file-by-id?fileId=a%00b", app.world.key), 400, "NUL_CHARACTER")
    refused(app.get(f"{FILES}/get-file-by-id", app.world.key), 404, "PICTURE_NOT_FOUND")


def test_a_site_never_sees_or_deletes_anothers_pictures(app_on_each: App) -> None:
    """RED-20: what is another site's does not exist."""
    app = app_on_each
    file = sent(app, photo())
    other = app.world.foreign_key
    refused(app.get(f"{FILES}/get-file-by-id?fileId={file['id']}", other), 404, "PICTURE_NOT_FOUND")
    assert succeeded(app.get(FILES, other))["files"] == []
    succeeded(app.post("/site-media/v1/bulk/files/delete", {"fileIds": [file["id"]]}, other))
    assert app.get(f"/media/{file['id']}").status_code == 200
    assert sent(app, photo(), key=other)["id"] != file["id"]


def test_deleting_is_written_down_and_can_be_repeated(app_on_each: App) -> None:
    """OPS-02: who deleted which picture."""
    app = app_on_each
    file = sent(app, photo())
    for _ in range(2):
        answer = app.post("/site-media/v1/bulk/files/delete", {"fileIds": [file["url"], file["id"], "nothing"]}, app.world.key)
        assert succeeded(answer) == {}
    assert app.get(f"/media/{file['id']}").status_code == 404
    text = app.db_text()
    assert text.count("'picture.deleted'") == 1
    assert text.count("'picture', 'deleted'") == 1
    violated(app.post("/site-media/v1/bulk/files/delete", {"fileIds": []}, app.world.key), "fileIds", "MIN_LENGTH")


def test_a_picture_is_imported_from_a_place_that_the_operator_named(importing_app: App, site: Site) -> None:
    site.files["/mug.jpg"] = ("text/html", photo())
    answer = importing_app.post(f"{FILES}/import", {"url": f"{site.origin}/mug.jpg?size=large"}, importing_app.world.key)
    file = succeeded(answer)["file"]
    assert file["displayName"] == "mug.jpg"
    assert importing_app.get(f"/media/{file['id']}").status_code == 200
    assert "authorization" not in site.seen[0].headers
    assert site.seen[0].path == "/mug.jpg?size=large"


def test_a_page_is_not_imported_as_a_picture(importing_app: App, site: Site) -> None:
    answer = importing_app.post(f"{FILES}/import", {"url": site.page("/page", "<h1>Hello</h1>")}, importing_app.world.key)
    refused(answer, 400, "NOT_A_PICTURE")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x.jpg",
        "http://localhost/x.jpg",
        "http://[::1]/x.jpg",
        "http://[::ffff:127.0.0.1]/x.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://example.com/x.jpg",
        "data:image/png;base64,AAAA",
        "//example.com/x.jpg",
        "x.jpg",
        "",
        "http://user:secret@example.com/x.jpg",
        "http://nowhere.invalid/x.jpg",
    ],
)
def test_nothing_inside_can_be_reached_by_an_import(app: App, url: str) -> None:
    """OPS-08: an address that a caller names never leads into the operator's own network."""
    refused(app.post(f"{FILES}/import", {"url": url}, app.world.key), 400, "IMPORT_REFUSED")


def test_a_redirect_does_not_lead_inside(site: Site) -> None:
    """OPS-08: each address on the way is looked at again."""
    with redirecting([f"http://127.0.0.1:{site.port}/secret"]) as port, pytest.raises(AppError, match="not public"):
        fetch(f"http://localhost:{port}/", inside={f"localhost:{port}"})
    assert site.seen == []


def test_a_redirect_to_an_allowed_place_is_followed_but_not_for_ever(site: Site) -> None:
    site.files["/mug.jpg"] = ("image/jpeg", photo())
    with redirecting(["/again", f"{site.origin}/mug.jpg"]) as port:
        inside = {f"localhost:{port}", f"localhost:{site.port}"}
        assert fetch(f"http://localhost:{port}/", inside=inside) == photo()
    with redirecting(["/again"] * 9) as port, pytest.raises(AppError, match="more than 3 times"):
        fetch(f"http://localhost:{port}/", inside={f"localhost:{port}"})


def test_a_name_that_answers_differently_the_second_time_leads_nowhere(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """OPS-08: the connection goes to the address that was looked at (DNS rebinding)."""
    asked: list[str] = []
    answers = iter(["203.0.113.1", "127.0.0.1"])
    real = socket.getaddrinfo

    def rebinding(host: str, port: int, *args: object, **kwargs: object) -> object:
        if host == "rebinding.example":
            asked.append(host)
            host = next(answers)
        return real(host, port, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(picture_import, "is_public", lambda one: one == "203.0.113.1")
    monkeypatch.setattr(picture_import, "CONNECT_SECONDS", 0.2)
    with pytest.raises(AppError):
        fetch(f"http://rebinding.example:{site.port}/")
    assert asked == ["rebinding.example"]
    assert site.seen == []


def test_a_server_that_sends_a_byte_at_a_time_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_import, "WITHIN_SECONDS", 0.4)
    for beginning in (b"", b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\n"):
        with dripping(beginning) as port, pytest.raises(AppError) as caught:
            fetch(f"http://localhost:{port}/", inside={f"localhost:{port}"})
        assert "did not come within" in caught.value.description


def test_more_than_a_picture_may_have_is_not_fetched_to_its_end(site: Site) -> None:
    site.files["/huge"] = ("image/jpeg", b"\0" * (MOST_BYTES + 1))
    with pytest.raises(AppError) as caught:
        fetch(f"{site.origin}/huge", inside={f"localhost:{site.port}"})
    assert caught.value.code == "PICTURE_TOO_LARGE"


def test_public_addresses_are_public() -> None:
    assert is_public("1.1.1.1")
    assert is_public("2606:4700::1111")
    for private in ("::", "::1", "::7f00:1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "fc00::1", "ff02::1", "fe80::1%eth0", "2001::1"):
        assert not is_public(private), private


def test_a_site_can_have_its_pictures_under_the_servers_own_name(app: App) -> None:
    services = app.application.api._services
    app.application.api._services = replace(services, media_url=app.base)
    file = sent(app, photo())
    assert file["url"] == f"{app.base}/media/{file['id']}"
    assert app.get(urlsplit(file["url"]).path).status_code == 200


class serving:  # noqa: N801  used as a word in a `with`
    """A server that is not well-behaved, on a port of its own."""

    def __init__(self, answers: list[bytes], *, drips: bool = False) -> None:
        self._answers, self._drips = answers, drips
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> int:
        self._thread.start()
        return int(self._listener.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        for answer in self._answers:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)
                while self._drips and not self._over.wait(0.05):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        break


def redirecting(targets: list[str]) -> serving:
    """Leads on to one address after the other."""
    return serving([f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode() for target in targets])


def dripping(beginning: bytes) -> serving:
    """Begins an answer and never ends it."""
    return serving([beginning], drips=True)
