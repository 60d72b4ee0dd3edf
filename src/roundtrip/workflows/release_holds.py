"""Stock that was held for an order nobody paid goes back on its shelf when its time is over. The worker asks."""

from __future__ import annotations

from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders import store
from roundtrip.ecom.orders.model import OWED_KIND
from roundtrip.payments import actions as payments
from roundtrip.sites import store as sites
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows.order_locks import alone_with
from roundtrip.workflows.shop import open_shop


def overdue(tx: Tx, now: int, limit: int) -> list[tuple[str, str]]:
    """Site and id of orders whose hold is over. A read of an index that holds nothing else."""
    return store.overdue(tx, now, limit)


def release(tx: Tx, site_id: str, order_id: str, moment: Moment) -> bool:
    """Release one; False when it was paid or released meanwhile. What is being paid at this moment is settled first, or given up first."""
    site = sites.site(tx, site_id)
    order = store.get(tx, site_id, order_id)
    if site is None or order is None:
        return False
    alone_with(tx, order, moment.now)
    if not orders.release_overdue(tx, open_shop(tx, site), order_id, moment):
        return False
    payments.cancel_owed(tx, site_id, OWED_KIND, order_id, moment.now, reason="the time to pay was over")
    return True
