"""How a site is paid, in the dashboard: what can be set is set, keys are never seen again, and refusals stand at their field."""

from __future__ import annotations

from roundtrip.payments import actions, providers
from roundtrip.payments.site_settings import store
from tests.dashboard.owner_browser import OwnerBrowser, readable
from tests.payments.owed import owed

PAGE = "kiln/settings/payments"
KEY, SECRET = "sk_test_0123456789abcdef", "whsec_0123456789abcdef"


def test_a_site_is_set_up_to_be_paid(desk: OwnerBrowser) -> None:
    """OPS-02, OPS-03."""
    assert "Nobody has tried to pay yet." in readable(desk.open(PAGE))
    page = desk.save("/payments/stripe", secretKey=KEY, webhookSecret=SECRET)
    assert "sk_test_...cdef" in page
    assert KEY not in page
    assert SECRET not in page
    page = desk.save("/payments/offline", offline="on", instructions="By transfer")
    assert "By transfer" in page
    found = desk.app.application.db.read_now(store.of_site, desk.app.world.site.id)
    assert [one.name for one in found.ways_to_pay(desk.app.world.site)] == [providers.STRIPE, providers.TEST, providers.OFFLINE]
    thing = owed(site_id=desk.app.world.site.id, description="A <vase>")
    desk.app.application.db.write_now(actions.begin, thing, providers.TEST, desk.app.clock())
    page = desk.open(PAGE)
    assert "A &lt;vase&gt;" in page
    assert "42.00" in page


def test_a_wrong_key_is_refused_at_its_field_and_not_shown_again(desk: OwnerBrowser) -> None:
    desk.open(PAGE)
    page = desk.refuse("/payments/stripe", {"secretKey": "sk_live_0123456789abcdef", "webhookSecret": SECRET})
    assert 'id="secretKey-error"' in page
    assert "sk_live_0123456789abcdef" not in page
    page = desk.refuse("/payments/offline", {"offline": "on", "instructions": ""})
    assert 'id="instructions-error"' in page
