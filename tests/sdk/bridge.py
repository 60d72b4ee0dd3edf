"""Drives the unmodified official SDK under Node from Python. Which Node program does the work: `bridge.mjs`."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.server_fixtures import Server

FOLDER = Path(__file__).parent
SECRET_KEYS = {"value", "sessionToken", "entryToken", "codeVerifier", "code"}
"""Names under which the SDK's answers carry something that no log may show."""


class SdkError(Exception):
    """What the SDK threw inside the site: the class of the error, its message, and its `details`."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error['name']}: {error['message']}")
        self.name: str = error["name"]
        self.message: str = error["message"]
        self.status: int | None = error.get("status")
        self.details: Mapping[str, Any] = error.get("details") or {}

    @property
    def application_error(self) -> Mapping[str, Any]:
        """`code`, `description` and `data` of a refusal."""
        found: Mapping[str, Any] = self.details.get("applicationError") or {}
        return found

    @property
    def violations(self) -> Sequence[Mapping[str, Any]]:
        """The fields that broke a rule, named as the SDK names its arguments."""
        found: Sequence[Mapping[str, Any]] = (self.details.get("validationError") or {}).get("fieldViolations") or []
        return found


IDLE: dict[str, list[subprocess.Popen[str]]] = {}
"""Node processes that nobody uses now, by the server they talk to. Reading the SDK takes Node longer than most tests."""


def _start(server: Server) -> subprocess.Popen[str]:
    node = shutil.which("node")
    assert node, "No Node: run scripts/setup-tests"
    return subprocess.Popen(
        [node, "--import", "./point-fetch-here.mjs", "bridge.mjs"],
        cwd=FOLDER,
        env={**os.environ, "ROUNDTRIP_URL": server.origin, "NODE_OPTIONS": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def end_idle_processes() -> None:
    """End every Node process; none may be in use."""
    for processes in IDLE.values():
        for process in processes:
            _end(process)
    IDLE.clear()


class Sdk:
    """One site's client: `sdk("auth.login", {...})` calls the method of that name and gives its answer or raises `SdkError`."""

    def __init__(
        self,
        server: Server,
        client_id: str,
        tokens: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        api_key: str | None = None,
        api_host: str | None = None,
    ) -> None:
        self.server = server
        self.client_id = client_id
        idle = IDLE.setdefault(server.origin, [])
        self._process = idle.pop() if idle else _start(server)
        settings = {"clientId": client_id, "tokens": tokens, "headers": headers, "apiKey": api_key, "apiHost": api_host}
        self._ask({"begin": {name: value for name, value in settings.items() if value is not None}})

    def __call__(self, call: str, *args: object) -> Any:
        return self._value_of(self._ask({"call": call, "args": args}))

    def query(self, call: str, *then: tuple[str, Sequence[object]]) -> Any:
        """Go on with what a call gave: `sdk.query("products.queryProducts", ("eq", ("slug", "mug")), ("find", ()))`."""
        return self._value_of(self._ask({"call": call, "args": [], "then": then}))

    def together(self, calls: Sequence[tuple[str, Sequence[object]]]) -> list[Any]:
        """Start all calls at once and wait for all."""
        answers = self._ask({"together": [{"call": call, "args": args} for call, args in calls]})["value"]
        return [self._value_of(answer) for answer in answers]

    def requests(self) -> list[Mapping[str, Any]]:
        """Method, original address, body and status of every request the SDK has sent since this was last asked."""
        sent: list[Mapping[str, Any]] = self._ask({"requests": True})["value"]
        return sent

    def close(self) -> None:
        """This client is done; its Node process is free for another."""
        if self._process.poll() is None:
            IDLE[self.server.origin].append(self._process)
        else:
            _end(self._process)

    def _ask(self, asked: Mapping[str, object]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the Node process ended; its last words are above"
        answer = json.loads(line)
        for secret in _secrets_in(answer):
            self.server.secret(secret)
        return answer

    def _value_of(self, answer: Mapping[str, Any]) -> Any:
        if "error" in answer:
            raise SdkError(answer["error"])
        return answer["value"]


def _secrets_in(answer: object) -> Iterator[str]:
    if isinstance(answer, dict):
        for key, value in answer.items():
            if key in SECRET_KEYS and isinstance(value, str) and len(value) >= 20:
                yield value
            elif key != "applicationError":  # its `code` is a name
                yield from _secrets_in(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from _secrets_in(value)


def token_payload(access_token: str) -> Mapping[str, Any]:
    """What public clients read from an access token without verifying it: the fourth part, and the JSON text in its claim `data`."""
    assert access_token.startswith("OauthNG.JWS.")
    payload = access_token.split(".")[3]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return {**claims, "data": json.loads(claims["data"])}
