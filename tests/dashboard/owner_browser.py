"""An owner in front of the dashboard, without a browser: opens pages, fills in their forms as they are, sends them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser

import httpx

from roundtrip.core.ids import new_id
from roundtrip.core.secrets import derived_key
from roundtrip.credentials.one_time_code import link_token
from roundtrip.owners import actions as owners
from roundtrip.owners.model import JOIN_KEY_PURPOSE
from tests.app_fixture import PASSWORD, SECRET, App, Browser

EMAIL = "olive@example.com"


class _Forms(HTMLParser):
    """Every form of a page: its action, and the fields that a browser would send untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._field = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value if value is not None else "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        if not self.forms or (not given.get("name") and tag != "option"):
            return
        fields = self.forms[-1][1]
        if tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            fields[given["name"]] = given.get("value", "")
        elif tag == "textarea":
            self._field = given["name"]
            fields[self._field] = ""
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select and "selected" in given:
            fields[self._select] = given.get("value", "")

    def handle_data(self, text: str) -> None:
        if self._field:
            self.forms[-1][1][self._field] += text

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._field = ""
        elif tag == "select":
            self._select = ""


class OwnerBrowser:
    """A browser in which an owner is logged in."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.browser = Browser(app)
        self.page = self._join()

    def _join(self) -> httpx.Response:
        now = self.app.clock()
        code = self.app.application.db.write_now(lambda tx: owners.first_invitation(tx, code_id=new_id(now), now=now))
        assert code is not None
        path = f"/dashboard/join/{link_token(derived_key(SECRET, JOIN_KEY_PURPOSE), code.id)}"
        self.page = self.browser.open(self.app.base + path)
        answer = self.send(path, {"email": EMAIL, "name": "Olive Owner", "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return answer

    def open(self, path: str) -> str:
        """Go to a page of the dashboard and answer its HTML."""
        self.page = self.browser.open(f"{self.app.base}/dashboard/{path}")
        return self.page.text

    def send(self, action: str, changes: Mapping[str, str | None]) -> httpx.Response:
        """Send the form of this page with that action, some fields changed; None leaves a field out (an unticked box)."""
        self.app.clock.move(1)
        found = _Forms()
        found.feed(self.page.text)
        forms = [(target, fields) for target, fields in found.forms if target.endswith(action)]
        assert forms, f"no form for {action} among {[target for target, _ in found.forms]}"
        target, fields = next((form for form in forms if _is_meant(form[1], changes)), forms[0])
        sent = {name: value for name, value in {**fields, **changes}.items() if value is not None}
        self.page = self.browser.submit(self.app.base + target, sent)
        return self.page

    def save(self, action: str, **changes: str | None) -> str:
        """Send a form that must be taken, and answer the page that follows."""
        return self.save_fields(action, changes)

    def save_fields(self, action: str, changes: Mapping[str, str | None]) -> str:
        """The same, for fields whose names are no Python words."""
        answer = self.send(action, changes)
        assert answer.status_code == 303, readable(answer.text)
        self.page = self.browser.open(str(httpx.URL(str(answer.request.url)).join(answer.headers["location"])))
        assert self.page.status_code == 200, self.page.text
        return self.page.text

    def refuse(self, action: str, changes: Mapping[str, str | None], status: int = 400) -> str:
        """Send a form that must be refused, and answer the page that says why."""
        answer = self.send(action, changes)
        assert answer.status_code == status, readable(answer.text)
        return answer.text


def _is_meant(fields: Mapping[str, str], changes: Mapping[str, str | None]) -> bool:
    """True for the form whose hidden fields say the same as the changes: each entry of a list has a form of its own."""
    return all(fields[name] == changes[name] for name in ("entry", "list") if fields.get(name) and name in changes)


def readable(html: str) -> str:
    """The words of a page."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body))).strip()
