"""The unmodified SDK's media helpers build addresses, and a running server answers each with a picture of the wanted size."""

from __future__ import annotations

import json
import shutil
import subprocess
from urllib.parse import urlsplit

import httpx
import pytest

from roundtrip.media import address
from roundtrip.media.drawing import draw
from roundtrip.media.model import Picture
from tests.media.photos import opened
from tests.sdk.bridge import FOLDER
from tests.server_fixtures import Server


@pytest.fixture(scope="module")
def file(server: Server) -> dict[str, str]:
    """A picture that an owner's program has sent, as the server describes it."""
    key = json.loads(server.command("key", "create", "--site", "demo", "--name", "Media", "--permission", "media.manage", "--json"))["key"]
    server.secret(key)
    with httpx.Client(base_url=server.origin, headers={"authorization": key}) as owner:
        url = owner.post("/site-media/v1/files/generate-upload-url", json={"mimeType": "image/jpeg", "fileName": "mug.jpg"}).json()[
            "uploadUrl"
        ]
    server.secret(url.rpartition("=")[2])
    answer = httpx.put(url, content=draw("mug", "sky"), headers={"content-type": "image/jpeg"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["file"])


def test_every_address_that_the_sdk_builds_is_answered(server: Server, file: dict[str, str]) -> None:
    picture = Picture(file["id"], "", file["displayName"], "image/jpeg", 1200, 1200, 0, 0)
    node = shutil.which("node")
    assert node, "No Node: run scripts/setup-tests"
    command = [node, "media-addresses.mjs", address.stored(picture), file["url"]]
    said = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stderr
    addresses = [urlsplit(one) for one in json.loads(said.stdout)]
    assert {one.hostname for one in addresses} == {"static.wixstatic.com"}
    host = {"host": "static.wixstatic.com", "accept": "image/webp,*/*"}
    answers = [httpx.get(server.origin + one.path, headers=host) for one in addresses]
    assert [answer.status_code for answer in answers] == [200] * 8
    sizes = [opened(answer.content).size for answer in answers]
    assert sizes == [(1200, 1200), (1200, 1200), (200, 200), (1200, 1200), (200, 200), (200, 200), (150, 150), (120, 90)]
    assert {answer.headers["content-type"] for answer in answers[2:]} == {"image/webp"}


def test_a_cache_and_a_link_checker_are_served_over_a_real_connection(server: Server, file: dict[str, str]) -> None:
    with httpx.Client(base_url=server.origin) as client:
        for path in (f"/media/{file['id']}", f"/media/{file['id']}/v1/fill/w_90,h_90/mug.jpg"):
            first = client.get(path)
            again = client.get(path, headers={"if-none-match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            head = client.head(path)
            assert head.headers["content-length"] == str(len(first.content))
            assert client.get(path).content == first.content
