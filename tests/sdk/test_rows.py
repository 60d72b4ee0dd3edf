"""Every call of the official stores, ecom and bookings modules that this server answers, as `docs/reference/business-apis.md` lists them.

Each is made with the unmodified packages, as they ask their maker's host and as they ask any other; what they sent is then sent again
to every address of the operation and in every shape that it may have. `test_buying.py` and `test_stores.py` tell whole stories instead.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from roundtrip.api.operation import Operation, Router
from roundtrip.api.operations import OPERATIONS
from tests.sdk.bridge import Sdk, SdkError
from tests.sdk.conftest import SHOP
from tests.sdk.rows import ALGORITHM, FIND, PIN, RAW, ROWS, STORES, TOTE, Front, wait
from tests.server_fixtures import Server

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "business-apis.md"


@cache
def listed() -> dict[str, list[str]]:
    """The calls of the page, each with the operations that answer it."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) >= 4 and (call := re.fullmatch(r"`([a-zA-Z3]+\.[a-zA-Z]+|fetch [^`]+)`", cells[1])):
            found[call[1]] = re.findall(r"`([A-Z]\w+)`", cells[2])
    return found


ROUTER = Router(OPERATIONS)
NAMED: Mapping[str, Operation] = {operation.name: operation for operation in OPERATIONS}


def test_every_call_that_the_page_lists_is_made_here() -> None:
    assert set(listed()) == {*ROWS, *RAW}
    assert {name for names in listed().values() for name in names} <= set(NAMED)


@pytest.fixture(scope="module")
def fronts(server: Server, buying_client: str, node_processes: None) -> Iterator[tuple[Front, Front]]:
    """Two clients of a site that sells the demo products and offers the demo services: one asks the maker's host, one another."""
    server.command("service", "demo", "--site", "demo", "--no-pictures", "--json")
    server.command("plan", "demo", "--site", "demo", "--no-member", "--json")
    made = [Sdk(server, buying_client, api_host=host) for host in (None, "api.selfhost.example")]
    tokens = [server.secret(sdk("auth.generateVisitorTokens")["accessToken"]["value"]) for sdk in made]
    found = []
    for sdk, token in zip(made, tokens, strict=True):
        sdk("auth.setTokens", {"accessToken": {"value": token, "expiresAt": 4102444800}, "refreshToken": {"value": "", "role": "visitor"}})
        found.append(Front(sdk, token))
    yield found[0], found[1]
    for sdk in made:
        sdk.close()


@dataclass(frozen=True)
class Sent:
    """What the SDK sent last: to which operation, with which message."""

    operation: Operation
    path_params: Mapping[str, str]
    message: Mapping[str, Any]


def sent_last(front: Front) -> Sent:
    last = front.sdk.requests()[-1]
    parts = urlsplit(last["url"])
    found = ROUTER.find(parts.path)
    assert found is not None, f"nothing answers {parts.path}"
    given = parse_qs(parts.query, keep_blank_values=True)
    if ".r" in given:
        message = json.loads(base64.urlsafe_b64decode(given[".r"][0] + "=="))
    else:
        message = json.loads(last["body"]) if last["body"] else {name: values[-1] for name, values in given.items()}
    return Sent(found[0][last["method"]], found[1], message)


def flat(message: Mapping[str, Any], before: str = "") -> list[tuple[str, str]] | None:
    """A message as plain parameters; None when it has what they cannot say."""
    pairs: list[tuple[str, str]] = []
    for name, value in message.items():
        if isinstance(value, dict):
            inner = flat(value, f"{before}{name}.") if value and not any(key.startswith("$") for key in value) else None
            if inner is None:
                return None
            pairs += inner
        elif isinstance(value, list):
            if not all(isinstance(one, str) for one in value):
                return None
            pairs += [(before + name, one) for one in value]
        else:
            pairs.append((before + name, json.dumps(value) if not isinstance(value, str) else value))
    return pairs


def repeated(front: Front, sent: Sent, names: Sequence[str]) -> Iterator[tuple[str, httpx.Response]]:
    """The same message to every address of the row's operations, in every shape that each takes."""
    headers = {"Authorization": front.token}
    with httpx.Client(base_url=front.sdk.server.origin, headers=headers, timeout=20) as plain:
        for operation in [NAMED[name] for name in names]:
            for template in operation.paths:
                path = template
                for name, value in sent.path_params.items():
                    path = path.replace(f"{{{name}}}", value)
                if operation.request is not None or operation.method != "GET":
                    yield f"{operation.method} {path}", plain.request(operation.method, path, json=dict(sent.message))
                elif operation.query:
                    packed = base64.urlsafe_b64encode(json.dumps(sent.message).encode()).decode().rstrip("=")
                    yield f"GET {path}?.r", plain.get(f"{path}?.r={packed}")
                    pairs = flat(sent.message)
                    if pairs is not None:
                        yield f"GET {path} flat", plain.get(f"{path}?{urlencode(pairs)}")
                else:
                    yield f"GET {path}", plain.get(path)


@pytest.mark.parametrize("name", ROWS)
def test_the_official_packages_are_answered_at_every_address(name: str, fronts: tuple[Front, Front]) -> None:
    """TST-01."""
    row, names = ROWS[name], listed()[name]
    for front in fronts:
        front.sdk.requests()
        got = row.call(front)
        found = row.found(got)
        assert found == row.expected
        sent = sent_last(front)
        assert sent.operation.name in names
        answers = dict(repeated(front, sent, names))
        assert len(answers) >= sum(len(NAMED[one].paths) for one in names)
        bodies = []
        for where, answer in answers.items():
            refused = row.again and answer.json().get("details", {}).get("applicationError", {}).get("code") == row.again
            assert refused or answer.status_code == 200, f"{where}: {answer.status_code} {answer.text}"
            bodies.append(answer.json())
        if not row.changes and not row.again:
            assert all(body == bodies[0] for body in bodies), "every address and every shape asks for the same"
        if row.long is not None:
            row.long(front)
            last = sent_last(front)
            assert (last.operation.method, last.operation.name in names) == ("POST", True)


@pytest.mark.parametrize("name", RAW)
def test_what_no_package_sends_is_answered_as_it_was_recorded(name: str, fronts: tuple[Front, Front]) -> None:
    method, path, body, status, find, expected = RAW[name]
    found = ROUTER.find(path)
    assert found is not None
    assert found[0][method].name in listed()[name]
    origin, token = fronts[0].sdk.server.origin, app_token(fronts[0])
    answer = httpx.request(method, origin + path, json=body, headers={"Authorization": token}, timeout=20)
    assert (answer.status_code, find(answer.json())) == (status, expected)


def app_token(front: Front) -> str:
    """A visitor who never bought anything."""
    other = httpx.post(
        f"{front.sdk.server.origin}/oauth2/token", json={"clientId": front.sdk.client_id, "grantType": "anonymous"}, timeout=20
    ).json()
    return front.sdk.server.secret(other["access_token"])


def test_the_sdk_gets_the_codes_that_templates_look_for(fronts: tuple[Front, Front]) -> None:
    front, email = fronts[0], f"cora.{fronts[0].token[-8:]}@rows.example"

    def asks(product_id: str) -> str:
        reference = {"appId": STORES, "catalogItemId": product_id, "options": {}}
        asked = {"email": email, "itemUrl": f"{SHOP}/pin", "catalogReference": reference}
        with pytest.raises(SdkError) as caught:
            front.sdk("backInStockNotifications.createBackInStockNotificationRequest", asked, {"name": "Pin"})
        return str(caught.value.application_error["code"])

    wait(front, email)
    assert asks(PIN) == "BACK_IN_STOCK_NOTIFICATION_REQUEST_ALREADY_EXISTS"
    assert asks(TOTE) == "ITEM_IN_STOCK"
    none = front.sdk("recommendations.getRecommendation", [ALGORITHM], {"items": []})
    assert not none.get("recommendation"), "shop fronts show none then"


def test_an_owners_program_sees_who_waits_and_deletes_it(fronts: tuple[Front, Front], owner_key: str) -> None:
    front, email = fronts[0], f"dora.{fronts[0].token[-8:]}@rows.example"
    made = wait(front, email)
    owner = Sdk(front.sdk.server, "", api_key=owner_key)
    try:
        call = "backInStockNotifications.queryBackInStockNotificationRequests"
        (found,) = owner.query(call, ("eq", ("email", email)), ("limit", (5,)), FIND)["items"]
        assert (found["_id"], found["status"], found["_createdDate"]) == (made["_id"], "RECEIVED", made["_createdDate"])
        assert owner("backInStockNotifications.getBackInStockNotificationRequest", made["_id"])["email"] == email
        owner("backInStockNotifications.deleteBackInStockNotificationRequest", made["_id"])
        assert owner.query(call, ("eq", ("email", email)), FIND)["items"] == []
    finally:
        owner.close()
