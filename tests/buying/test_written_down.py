"""What an owner's server code changes in a shop is in the audit log: who, what, and from what to what (OPS-02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from roundtrip.api.operations import OPERATIONS
from roundtrip.storage import audit
from roundtrip.storage.audit import AuditEntry
from tests.api.shape import refused, succeeded
from tests.buying.conftest import Json, Till
from tests.buying.test_checkout_api import paid_later, placed

PERMISSIONS = {"coupon.manage", "shipping.manage", "tax.manage", "shop.manage", "order.manage"}
COUPON: Json = {"specification": {"name": "Ten", "code": "TEN", "percentOffRate": 10, "scope": {"namespace": "stores"}}}
RENAMED: Json = {"specification": {"name": "Eleven"}, "fieldMask": {"paths": ["name"]}}
OPTION: Json = {"shippingOption": {"title": "Post", "rates": [{"amount": "4.00"}]}}
ANN: Json = {"buyerInfo": {"email": "ann.other@shop.example"}, "archived": True}

ROWS: Sequence[tuple[str, str, Json, str, Json | None, Json | None]] = (
    ("CreateCoupon", "", COUPON, "coupon.created", None, {"code": "TEN", "value": "10"}),
    ("UpdateCoupon", "CreateCoupon", RENAMED, "coupon.updated", {"name": "Ten"}, {"name": "Eleven"}),
    ("DeleteCoupon", "CreateCoupon", {}, "coupon.deleted", {"name": "Eleven"}, None),
    ("CreateShippingOption", "", OPTION, "shipping_option.created", None, {"title": "Post"}),
    (
        "UpdateShippingOption",
        "CreateShippingOption",
        {"shippingOption": {"title": "Mail"}},
        "shipping_option.updated",
        {"title": "Post"},
        {"title": "Mail"},
    ),
    ("DeleteShippingOption", "CreateShippingOption", {}, "shipping_option.deleted", {"title": "Mail"}, None),
    ("CreateTaxRate", "", {"taxRate": {"name": "VAT", "rate": "19", "country": "DE"}}, "tax_rate.created", None, {"percent": "19"}),
    ("UpdateTaxRate", "CreateTaxRate", {"taxRate": {"rate": "7"}}, "tax_rate.updated", {"percent": "19"}, {"percent": "7"}),
    ("DeleteTaxRate", "CreateTaxRate", {}, "tax_rate.deleted", {"percent": "7", "country": "DE"}, None),
    (
        "UpdateShopSettings",
        "site",
        {"shopSettings": {"ordersEmail": "orders@shop.example"}},
        "shop_settings.updated",
        {},
        {"orders_email": "orders@shop.example"},
    ),
    ("CreatePaymentRequest", "", {}, "payment_request.created", None, {"expiresAt": None}),
    ("CancelPaymentRequest", "CreatePaymentRequest", {}, "payment_request.canceled", None, None),
    ("MarkOrderAsPaid", "order", {}, "order.marked_as_paid", None, {"amount": "19.05", "currency": "USD"}),
    ("UpdateOrder", "order", {"order": ANN}, "order.updated", None, {"corrected": ["email"], "archived": True}),
    ("RefundOrder", "order", {"amount": {"amount": "5"}, "reason": "Ann broke it"}, "order.refunded", None, {"amount": "5.00"}),
    ("CreateFulfillment", "order", {}, "order.fulfilled", None, {}),
    ("CancelOrder", "other order", {"customMessage": "Ann asked"}, "order.canceled", None, {"restocked": True}),
)


def entries(till: Till) -> Mapping[str, AuditEntry]:
    site_id = till.app.world.site.id
    found = till.app.application.db.read_now(lambda tx: audit.page(tx, site_id=site_id, before_id=None, limit=200))
    return {one.id: one for one in found}


def includes(entry: Mapping[str, Any] | None, wanted: Json | None) -> bool:
    return entry is None if wanted is None else entry is not None and wanted.items() <= entry.items()


def made_id(answer: Json) -> str:
    """The id of what was made, wherever the answer has it."""
    return str(answer.get("id") or next(value for value in answer.values() if isinstance(value, dict))["id"])


def test_whatever_an_owner_changes_in_a_shop_is_written_down_once(till: Till) -> None:
    """OPS-02. A refused call leaves nothing, and no entry says who bought (OPS-08)."""
    operations = {
        one.name: one for one in OPERATIONS if one.permission in PERMISSIONS and one.method != "GET" and "query" not in one.paths[0]
    }
    assert {row[0] for row in ROWS} == set(operations), "a call that changes a shop needs a row here"
    paid_later(till)
    ids = {"order": placed(till), "other order": placed(till), "site": till.app.world.site.id}
    for name, about, sent, action, before, after in ROWS:
        body = {"paymentRequest": {"orderId": ids["order"], "title": "For Ann"}} if name == "CreatePaymentRequest" else sent
        operation, known = operations[name], entries(till)
        path = operation.paths[0].replace("{id}", ids.get(about, ""))
        answer = succeeded(till.call(operation.method, path, body, token=till.app.world.key))
        if not about:
            ids[name] = made_id(answer)
        (entry,) = [one for one_id, one in entries(till).items() if one_id not in known]
        assert (entry.action, entry.actor.kind, entry.object_id) == (action, "api_key", ids.get(about) or ids[name]), name
        assert includes(entry.before, before), (name, entry.before)
        assert includes(entry.after, after), (name, entry.after)
        assert "ann" not in str((entry.before, entry.after, entry.object_name)).lower(), name
    known = entries(till)
    refused(till.call("POST", operations["CancelOrder"].paths[0].replace("{id}", ids["other order"]), {}, token=till.app.world.key), 409)
    assert entries(till) == known
