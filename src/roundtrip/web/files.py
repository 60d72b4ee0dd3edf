"""The pages' own stylesheet, script and icon over HTTP."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from roundtrip.web import ends
from roundtrip.web.assets import CACHE_BRIEFLY, CACHE_FOREVER, Asset
from roundtrip.web.services import WebServices


async def static(services: WebServices, request: Request) -> Response:
    """One file. Under the current version's address it may be kept for ever."""
    assets = services.renderer.assets
    asset = assets.find(request.path_params["name"])
    if asset is None:
        return ends.nothing_here(services, request)
    return _send(request, asset, CACHE_FOREVER if request.path_params["version"] == assets.version else CACHE_BRIEFLY)


async def icon(services: WebServices, request: Request) -> Response:
    """What browsers ask for unasked."""
    asset = services.renderer.assets.find("icon.svg")
    return _send(request, asset, CACHE_BRIEFLY) if asset else ends.nothing_here(services, request)


def _send(request: Request, asset: Asset, caching: str) -> Response:
    headers = {"cache-control": caching, "x-content-type-options": "nosniff", "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.gzipped, 200, {**headers, "content-encoding": "gzip"}, media_type=asset.content_type)
    return Response(asset.body, 200, headers, media_type=asset.content_type)
