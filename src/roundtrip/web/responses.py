"""The answers of the pages. Nothing else in the product writes a `Location` or `Refresh` header (`tests/architecture/test_location.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

from starlette.responses import Response

from roundtrip.flows.base import Redirect
from roundtrip.web import cookies
from roundtrip.web.cookies import Cookie


def html(
    body: str,
    *,
    status: int = 200,
    headers: Mapping[str, str],
    set_cookies: Iterable[Cookie] = (),
    secure: bool,
    onward: Redirect | None = None,
) -> Response:
    """A page. `onward`: after a second the browser goes on to this address by itself (made by `redirect_session/return_url.py`)."""
    refresh = {"refresh": f"1; url={onward.url}"} if onward is not None else {}
    response = Response(body, status, {**headers, **refresh}, media_type="text/html")
    return _with(response, set_cookies, secure)


def within(session_id: str, segment: str, *, set_cookies: Iterable[Cookie] = (), secure: bool) -> Response:
    """On to another address of the same visit. The id is one of ours and the segment a step's name; 303 after GET and POST alike."""
    return _redirect(f"/session/{quote(session_id, safe='')}/{quote(segment, safe='')}", 303, set_cookies, secure)


def away(redirect: Redirect, *, after_post: bool, set_cookies: Iterable[Cookie] = (), secure: bool) -> Response:
    """To the site: the address was made by `redirect_session/return_url.py`. 303 after a POST (RED-13), 302 as clients know it."""
    return _redirect(redirect.url, 303 if after_post else 302, set_cookies, secure)


def on_our_host(path: str, *, set_cookies: Iterable[Cookie] = (), secure: bool) -> Response:
    """On to a path of our own that was stored. Each of its segments is quoted, so nothing in it can lead elsewhere."""
    segments = [quote(segment, safe="") for segment in path.split("/") if segment not in ("", ".", "..")]
    return _redirect("/" + "/".join(segments), 303, set_cookies, secure)


def to_payment(body: str, page_url: str, *, headers: Mapping[str, str], secure: bool) -> Response:
    """A page that goes on by itself to the one of a payment provider, which the provider named to us (decision record 0122).

    Not a redirect: the visitor comes from a form, and browsers hold where a form may lead against the page's own policy.
    """
    return _with(Response(body, 200, {**headers, "refresh": f"0; url={page_url}"}, media_type="text/html"), (), secure)


def again_soon(body: str, session_id: str, segment: str, *, headers: Mapping[str, str], secure: bool) -> Response:
    """A page that asks for another address of the same visit after a second, by itself."""
    refresh = {"refresh": f"1; url=/session/{quote(session_id, safe='')}/{quote(segment, safe='')}"}
    return _with(Response(body, 200, {**headers, **refresh}, media_type="text/html"), (), secure)


def at_desk(segments: Iterable[str], query: Mapping[str, str], *, set_cookies: Iterable[Cookie] = (), secure: bool) -> Response:
    """On to another page of the dashboard. Segments and values are quoted, so nothing in them can lead elsewhere."""
    path = "".join(f"/{quote(segment, safe='')}" for segment in segments if segment)
    return _redirect(f"/dashboard{path}{'?' if query else ''}{urlencode(query)}", 303, set_cookies, secure)


def download(content: bytes, name: str, media_type: str) -> Response:
    """A file to be saved. The name is one of ours."""
    headers = {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-disposition": f'attachment; filename="{name}"',
    }
    return Response(content, 200, headers, media_type=media_type)


def calendar(content: bytes, name: str) -> Response:
    """A file for calendar programs (RFC 5545)."""
    headers = {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-disposition": f'attachment; filename="{name}.ics"',
    }
    return Response(content, 200, {**headers, "content-type": "text/calendar; charset=utf-8"})


def printed(content: bytes, name: str) -> Response:
    """A file to print (PDF)."""
    headers = {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-disposition": f'attachment; filename="{name}.pdf"',
    }
    return Response(content, 200, {**headers, "content-type": "application/pdf"})


def plain(text: str, status: int) -> Response:
    """A few words, for when no page can be made."""
    return Response(text, status, {"cache-control": "no-store", "x-content-type-options": "nosniff"}, media_type="text/plain")


def nothing() -> Response:
    """For who only looks (a prefetch, a picture): no content, and nothing has moved."""
    return Response(b"", 204, {"cache-control": "no-store", "x-content-type-options": "nosniff"})


def _redirect(url: str, status: int, set_cookies: Iterable[Cookie], secure: bool) -> Response:
    headers = {"location": url, "cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff"}
    return _with(Response(b"", status, headers), set_cookies, secure)


def _with(response: Response, set_cookies: Iterable[Cookie], secure: bool) -> Response:
    for cookie in set_cookies:
        response.headers.append("set-cookie", cookies.header(cookie, secure=secure))
    return response
