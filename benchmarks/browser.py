"""As much of a browser as a journey needs: cookies, navigation headers, redirects, one form. No scripts, as for our pages."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode, urljoin, urlsplit

from benchmarks.wire import Answer, Connection, WrongAnswerError, request

_NAVIGATION = {
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Language": "en",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Upgrade-Insecure-Requests": "1",
    "User-Agent": "Mozilla/5.0 (roundtrip benchmarks)",
}
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.IGNORECASE | re.DOTALL)
_INPUT = re.compile(r"<input\b([^>]*)>", re.IGNORECASE)
_SELECT = re.compile(r"<select\b([^>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_MOST_HOPS = 12


def _attributes(text: str) -> dict[str, str]:
    return {name.lower(): html.unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(text)}


class Browser:
    """One person's browser, without a cache. Cookies are kept by name: everything measured is one host."""

    def __init__(self, base: str, cookies: dict[str, str] | None = None) -> None:
        self._base = base
        self.cookies = dict(cookies or {})

    async def get(self, connection: Connection, url: str) -> Answer:
        """Navigate to `url`, as a click on another site does."""
        return await self._navigate(connection, "GET", url, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-User": "?1"}, b"")

    async def post(self, connection: Connection, url: str, fields: dict[str, str]) -> Answer:
        """Submit a form of the pages host."""
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": self._base, "Content-Type": "application/x-www-form-urlencoded"}
        return await self._navigate(connection, "POST", url, headers, urlencode(fields).encode())

    async def follow(self, connection: Connection, url: str, answer: Answer, callback: str) -> tuple[str, Answer]:
        """Follow redirects from `answer` (to a request for `url`) until a page or an address that starts with `callback`.

        Answers with the address arrived at. The callback itself is not requested: it belongs to the caller's site.
        """
        for _ in range(_MOST_HOPS):
            if answer.status not in (302, 303):
                return url, answer.expect(200)
            url = urljoin(url, answer.headers("location")[0])
            if url.startswith(callback):
                return url, answer
            answer = await self.get(connection, url)
        raise WrongAnswerError(f"more than {_MOST_HOPS} redirects, the last to {url}")

    async def submit(self, connection: Connection, url: str, page: Answer, named: str, typed: dict[str, str]) -> tuple[str, Answer]:
        """Fill in the form of `page` that has a field of the name `named`, send it; answers with its address and the answer.

        Fields that are not in `typed` are sent as they stand there.
        """
        for attributes, content in _FORM.findall(page.body.decode()):
            fields = _fields(content)
            if named in fields:
                target = urljoin(url, _attributes(attributes).get("action") or url)
                return target, await self.post(connection, target, fields | typed)
        raise WrongAnswerError(f"no form with a field {named!r} at {url}:\n{page.body[:2000].decode()}")

    async def _navigate(self, connection: Connection, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        parts = urlsplit(url)
        if self.cookies:
            headers = {**headers, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        answer = await connection.send(request(method, self._base, target, {**_NAVIGATION, **headers}, body))
        for cookie in answer.headers("set-cookie"):
            self._keep(cookie)
        return answer

    def _keep(self, cookie: str) -> None:
        pair, _, attributes = cookie.partition(";")
        name, _, value = pair.partition("=")
        if not value.strip('"') or re.search(r"max-age=0\b|01[ -]jan[ -]1970", attributes, re.IGNORECASE):
            self.cookies.pop(name.strip(), None)
        else:
            self.cookies[name.strip()] = value


def _fields(form: str) -> dict[str, str]:
    """What a form sends when nobody touches it. Lists to choose from are empty then."""
    found = {_attributes(one)["name"]: "" for one in _SELECT.findall(form)}
    for text in _INPUT.findall(form):
        one = _attributes(text)
        chosen = one.get("type") not in ("checkbox", "radio") or re.search(r"\schecked\b", text)
        if chosen and "name" in one and one.get("type") != "submit":
            found[one["name"]] = one.get("value", "")
    return found
