"""A studio's site with the official pricing-plans and members modules: it lists plans, and its members see and end what they have."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from roundtrip.plans import seed
from tests.sdk.bridge import Sdk, SdkError
from tests.sdk.conftest import SHOP, Account, sign_in
from tests.server_fixtures import Server

FIND: tuple[str, tuple[object, ...]] = ("find", ())


@pytest.fixture(scope="session")
def plans_client(server: Server) -> str:
    """A client of a site that sells the demo plans."""
    server.command("plan", "demo", "--site", "demo", "--no-member", "--json")
    return server.client("Plans", redirect_uris=[f"{SHOP}/callback"], redirect_domains=[SHOP])


@pytest.fixture(params=[None, "api.selfhost.example"], ids=["maker", "own"])
def studio(request: pytest.FixtureRequest, server: Server, plans_client: str, node_processes: None) -> Iterator[Sdk]:
    """The site's SDK client: it asks its maker's host, and then any other, for which it knows other addresses."""
    sdk = Sdk(server, plans_client, api_host=request.param)
    yield sdk
    sdk.close()


def test_a_site_lists_plans_and_a_member_sees_buys_and_ends_them(studio: Sdk, account: Account) -> None:
    found = studio.query("plans.queryPublicPlans", FIND)
    assert [one["slug"] for one in found["items"]] == ["class-pass-10", "monthly-unlimited", "community"]
    assert found["totalCount"] == 3
    monthly = found["items"][1]
    assert monthly["pricing"]["subscription"] == {"cycleDuration": {"count": 1, "unit": "MONTH"}, "cycleCount": 0}
    assert (monthly["pricing"]["price"], monthly["pricing"]["freeTrialDays"]) == ({"value": "79.00", "currency": "USD"}, 7)
    assert (monthly["perks"]["values"][0], monthly["primary"], monthly["buyerCanCancel"]) == ("Unlimited classes", True, True)
    one = studio.query("plans.queryPublicPlans", ("in", ("_id", [seed.PASS])), FIND)["items"][0]
    assert (one["name"], one["pricing"]["singlePaymentForDuration"]) == ("10-Class Pass", {"count": 3, "unit": "MONTH"})
    ways = [(sent["method"], urlsplit(sent["url"]).path) for sent in studio.requests() if "plans" in sent["url"]]
    assert ways[0] in (("POST", "/pricing-plans/v2/plans/public/query"), ("POST", "/_api/pricing-plans/v2/plans/public/query"))
    with pytest.raises(SdkError) as visitor:
        studio("planOrders.memberListOrders")
    assert visitor.value.application_error["code"] == "MEMBER_REQUIRED"
    done = studio("auth.register", {"email": account.email, "password": account.password})
    sign_in(studio, done["data"]["sessionToken"])
    assert studio("planOrders.memberListOrders")["orders"] == []
    me = studio("members.getCurrentMember")["member"]
    changed = studio("members.updateMember", me["_id"], {"contact": {"firstName": "Dana", "phones": ["+12125550100"]}})
    assert (changed["contact"]["firstName"], changed["contact"]["phones"]) == ("Dana", ["+12125550100"])
    bought = studio("planOrders.createOnlineOrder", seed.COMMUNITY)["order"]
    assert (bought["status"], bought["planName"], bought["lastPaymentStatus"]) == ("ACTIVE", "Community", "NOT_APPLICABLE")
    preview = studio("planOrders.getOnlineOrderPreview", seed.MONTHLY)["order"]
    assert (preview["status"], preview["planPrice"], preview["freeTrialDays"]) == ("ACTIVE", "79.00", 7)
    with pytest.raises(SdkError) as twice:
        studio("planOrders.createOnlineOrder", seed.COMMUNITY)
    assert twice.value.application_error["code"] == "purchases_limit_reached"
    listed = studio("planOrders.memberListOrders")["orders"]
    assert [(one["_id"], one["planId"], one["buyer"]["memberId"]) for one in listed] == [(bought["_id"], seed.COMMUNITY, me["_id"])]
    studio("planOrders.requestCancellation", bought["_id"], "IMMEDIATELY")
    ended = studio("planOrders.memberGetOrder", bought["_id"])
    ended = ended.get("order", ended)
    assert (ended["status"], ended["cancellation"]["cause"]) == ("CANCELED", "MEMBER_ACTION")
    with pytest.raises(SdkError) as again:
        studio("planOrders.requestCancellation", bought["_id"], "IMMEDIATELY")
    assert again.value.application_error["code"] == "PLAN_ORDER_STATUS"
