"""The pages of the site, and the ways out to the hosted pages and back.

Their addresses are in `app.py`, the wire is in `api.py`, who is browsing in `visits.py`, buying in `shop.py`.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from examples.demo_site.answers import api_of, go, leave, page, redirect_session, settings_of, visit_of
from examples.demo_site.api import ApiError
from examples.demo_site.refusals import ask_why_refused
from examples.demo_site.visits import Visit


async def home(request: Request) -> Response:
    """Who you are, and what you can do. Also where the `login` intent comes back to."""
    visit, api = visit_of(request), api_of(request)
    came_back = request.query_params.get("wixMemberLoggedIn")
    if came_back is not None:
        return await _back_from_hosted_login(request, visit, is_logged_in=came_back == "true")
    problem = None
    try:
        token = await visit.access_token(api)
        if visit.member is not None:
            visit.member = await api.current_member(visit.trace, token)
    except ApiError as caught:
        if caught.is_login_over and visit.member is not None:
            visit.forget("Your login has ended, perhaps in another window. You are browsing as a visitor again.")
        else:
            problem = caught
    return page(request, "home.html", problem=problem)


async def _back_from_hosted_login(request: Request, visit: Visit, *, is_logged_in: bool) -> Response:
    """`wixMemberLoggedIn` says whether there is a login on the hosted pages now; it carries no tokens.

    Anyone can put it into a link, so it counts only when this visit went out and waits for it.
    """
    visit.trace.browser("Came back from the hosted pages", str(request.url))
    waited, visit.awaits_flow = visit.awaits_flow, False
    if waited and is_logged_in and visit.member is None:
        return go("/silent")
    if waited and not is_logged_in and visit.member is not None:
        visit.forget("You are logged out on the hosted pages, so here as well.")
    elif waited and not is_logged_in:
        visit.notice = "You came back without logging in. Nothing has changed."
    return go("/")  # without the parameter, so that a reload does not repeat it


async def login(request: Request) -> Response:
    """Out to the hosted login page; the answer comes to `/callback`."""
    return await _start_login(request, is_silent=False)


async def silent(request: Request) -> Response:
    """The same, but without a page: either the visitor is logged in over there already, or the answer is an error."""
    return await _start_login(request, is_silent=True)


async def _start_login(request: Request, *, is_silent: bool) -> Response:
    visit, settings = visit_of(request), settings_of(request)
    state, pending = visit.start_login(is_silent=is_silent)
    auth_request = {
        "clientId": settings.client_id,
        "responseType": "code",
        "responseMode": "query",
        "redirectUri": settings.redirect_uri,
        "scope": "offline_access openid",
        "state": state,
        "codeChallenge": pending.code_challenge,
        "codeChallengeMethod": "S256",
    }
    body = {"auth": {"authRequest": auth_request, "prompt": "none" if is_silent else "login"}}
    title = "A redirect session for a silent login" if is_silent else "A redirect session for a login"
    return leave(visit, await redirect_session(request, title, body))


async def callback(request: Request) -> Response:
    """Back from the authorize page with a code or an error. First: whose answer is it? Only then: what does it say?"""
    visit, settings, query = visit_of(request), settings_of(request), request.query_params
    visit.trace.browser("Came back to the redirect URI", str(request.url))
    pending = visit.take_login(query.get("state", ""))
    if pending is None:
        return page(request, "stray_callback.html", status=400, reason="state")
    if query.get("iss") != settings.server_url:
        return page(request, "stray_callback.html", status=400, reason="iss", received=query.get("iss", ""))
    if query.get("error"):
        return _login_failed(request, visit, query["error"], query.get("error_description", ""), is_silent=pending.is_silent)
    api = api_of(request)
    tokens = await api.exchange_code(visit.trace, query.get("code", ""), pending.code_verifier, settings.redirect_uri)
    member = await api.current_member(visit.trace, tokens.access_token)
    visit.tokens, visit.member = tokens, member
    visit.notice = f"Welcome, {member.name}."
    request.app.state.visits.renew_id(visit)
    return go("/")


def _login_failed(request: Request, visit: Visit, error: str, description: str, *, is_silent: bool) -> Response:
    if is_silent and error == "login_required":
        visit.notice = "There is no login on the hosted pages right now, so you are browsing as a visitor."
        return go("/")
    return page(request, "login_failed.html", error=error, description=description)


async def hosted_login(request: Request) -> Response:
    """Out to the hosted login page with the `login` intent: no code comes back, only the news whether somebody is logged in."""
    visit, settings = visit_of(request), settings_of(request)
    body = {"login": {}, "callbacks": {"postFlowUrl": f"{settings.site_url}/"}}
    url = await redirect_session(request, "A redirect session for the hosted login page", body)
    visit.awaits_flow = True
    return leave(visit, url)


async def logout(request: Request) -> Response:
    """End the login there and forget the tokens here; back on `/signed-out`."""
    if request.headers.get("sec-fetch-site") == "cross-site":
        return page(request, "logout_confirm.html")  # a link on a stranger's page should not log anybody out
    visit, settings = visit_of(request), settings_of(request)
    body = {"logout": {"clientId": settings.client_id}, "callbacks": {"postFlowUrl": f"{settings.site_url}/signed-out"}}
    url = await redirect_session(request, "A redirect session for a logout", body)
    visit.forget()
    return leave(visit, url)


async def signed_out(request: Request) -> Response:
    """Where a logout comes back to. `true` means: the visitor turned round on the way, and is still logged in over there."""
    still_there = request.query_params.get("wixMemberLoggedIn")
    if still_there is not None:
        visit_of(request).trace.browser("Came back from the logout", str(request.url))
    return page(request, "signed_out.html", still_there=still_there == "true")


async def why_refused(request: Request) -> Response:
    """Ways back that are not on the client's lists, and what the server says about each."""
    visit, api = visit_of(request), api_of(request)
    token = await visit.access_token(api)
    own_address, own_kind = request.query_params.get("address", "").strip(), request.query_params.get("kind", "login")
    verdicts = await ask_why_refused(api, visit.trace, token, settings_of(request), own_address, own_kind)
    return page(request, "why_refused.html", verdicts=verdicts, own_address=own_address, own_kind=own_kind)


async def inside(request: Request) -> Response:
    """What this site sent and received during this visit."""
    visit, api = visit_of(request), api_of(request)
    token = await visit.access_token(api)
    facts = await api.token_info(visit.trace, token)
    return page(request, "inside.html", facts=facts, entries=list(reversed(visit.trace.entries)))


async def show_problem(request: Request, problem: Exception) -> Response:
    """The one place that turns a failed call into a page, in words for the person who sees it."""
    if not isinstance(problem, ApiError):
        raise problem
    if problem.status == 401:
        visit_of(request).forget()  # the token is worth nothing any more; the next page gets a new one
    return page(request, "problem.html", status=502, problem=problem)
