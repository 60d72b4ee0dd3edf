"""A small imitation of Stripe's hosted payment page and its signed events: Checkout Sessions, the money behind them, and refunds.

It answers on a real socket, as the official library asks; keeps idempotency keys; and is as strict as the real one where it matters to us.
PaymentIntents and refunds are also tried against `localstripe`, which knows no Checkout Sessions (`test_localstripe.py`).
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

SECRET_KEY = "sk_test_imitation4242"
WEBHOOK_SECRET = "whsec_imitation0123456789"
Json = dict[str, Any]


@dataclass
class Imitation:
    """What it holds. `down` True: every request fails as if the network did."""

    url: str = ""
    sessions: dict[str, Json] = field(default_factory=dict)
    intents: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    answers: dict[str, tuple[str, Json]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    down: bool = False
    refuse_refunds: bool = False
    refuse_cards: bool = False
    forget_keys: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def pay(self, session_id: str, *, slowly: bool = False) -> Json:
        """The visitor pays on the page; `slowly`: by a method that takes days."""
        session = self.sessions[session_id]
        assert session["status"] == "open", "this page is closed"
        intent_id = f"pi_{next(self.numbers)}"
        if session["mode"] == "setup":
            session |= {"status": "complete", "payment_status": "no_payment_required", "customer": f"cus_{next(self.numbers)}", "url": None}
            return session
        metadata = session["payment_intent_data"]["metadata"]
        if session["payment_intent_data"].get("setup_future_usage") == "off_session":
            session["customer"] = f"cus_{next(self.numbers)}"
        self.intents[intent_id] = {
            "id": intent_id,
            "object": "payment_intent",
            "amount": session["amount_total"],
            "amount_received": 0 if slowly else session["amount_total"],
            "currency": session["currency"],
            "status": "processing" if slowly else "succeeded",
            "metadata": metadata,
        }
        session |= {"status": "complete", "payment_status": "unpaid" if slowly else "paid", "payment_intent": intent_id, "url": None}
        return session

    def event(self, kind: str, thing: Json, **changes: Any) -> Json:
        """What would be posted about a thing."""
        return {"id": f"evt_{next(self.numbers)}", "object": "event", "type": kind, "livemode": False, "data": {"object": thing}, **changes}

    def open_pages(self) -> list[Json]:
        """Pages on which somebody can still pay."""
        return [one for one in self.sessions.values() if one["status"] == "open"]

    def answer(self, method: str, path: str, params: Json, key: str | None) -> tuple[int, Json]:
        """One request, answered; the same idempotency key brings the first answer again."""
        with self.lock:
            if self.down:
                return 500, {"error": {"type": "api_error", "message": "down"}}
            self.calls.append(f"{method} {path}")
            said = json.dumps([path, params], sort_keys=True)
            if key and key in self.answers and not self.forget_keys:
                before, kept = self.answers[key]
                if before != said:
                    return 400, _error("Keys for idempotent requests can only be used with the same parameters", "idempotency_error")
                return 200, kept
            status, body = self._do(method, path, params)
            if key and status == 200:
                self.answers[key] = (said, json.loads(json.dumps(body)))
            return status, body

    def _do(self, method: str, path: str, params: Json) -> tuple[int, Json]:
        parts = path.removeprefix("/v1/").split("/")
        match (method, parts):
            case ("POST", ["checkout", "sessions"]):
                return self._new_session(params)
            case ("GET", ["checkout", "sessions", name]):
                session = self.sessions[name]
                intent = self.intents.get(session["payment_intent"] or "")
                return 200, {**session, "payment_intent": intent} if params.get("expand") else session
            case ("POST", ["checkout", "sessions", name, "expire"]):
                session = self.sessions[name]
                if session["status"] != "open":
                    return 400, _error("Only Checkout Sessions with a status in [open] can be expired.")
                session |= {"status": "expired", "url": None}
                return 200, session
            case ("GET", ["payment_intents", name]):
                return 200, self.intents[name]
            case ("POST", ["refunds"]):
                return self._new_refund(params)
            case ("GET", ["refunds"]):
                found = [one for one in self.refunds.values() if one["payment_intent"] == params["payment_intent"]]
                return 200, {"object": "list", "data": found, "has_more": False, "url": "/v1/refunds"}
        return self._do_again(method, path, params)

    def _do_again(self, method: str, path: str, params: Json) -> tuple[int, Json]:
        """What is asked about cards that are kept."""
        match (method, path.removeprefix("/v1/").split("/")):
            case ("GET", ["customers", name, "payment_methods"]):
                card = {"id": f"pm_of_{name}", "object": "payment_method"}
                return 200, {"object": "list", "data": [card], "has_more": False, "url": path}
            case ("POST", ["payment_intents"]):
                return self._charge(params)
            case ("GET", ["payment_intents"]):
                found = [one for one in self.intents.values() if one.get("customer") == params["customer"]]
                return 200, {"object": "list", "data": found, "has_more": False, "url": path}
        return 404, _error(f"no such path {path}")

    def _charge(self, params: Json) -> tuple[int, Json]:
        """A kept card is charged while nobody is there."""
        wanted = {"off_session": "true", "confirm": "true", "payment_method": f"pm_of_{params['customer']}"}
        if {name: params.get(name) for name in wanted} != wanted:
            return 400, _error("unexpected charge")
        if self.refuse_cards:
            return 402, _error("Your card was declined.", "card_error", code="card_declined")
        intent_id, amount = f"pi_{next(self.numbers)}", int(params["amount"])
        known = {name: params[name] for name in ("currency", "customer", "metadata")}
        intent = {"id": intent_id, "object": "payment_intent", "amount": amount, "amount_received": amount, "status": "succeeded", **known}
        self.intents[intent_id] = intent
        return 200, intent

    def _new_session(self, params: Json) -> tuple[int, Json]:
        expires_in = int(params["expires_at"]) - time.time()
        nothing: Json = {"quantity": "1", "price_data": {"unit_amount": "0", "currency": params.get("currency", "")}}
        item: Json = params["line_items"]["0"] if params["mode"] == "payment" else nothing
        if params["mode"] not in ("payment", "setup") or item["quantity"] != "1":
            return 400, _error("unexpected session")
        if "expires_at" not in params or expires_in > 24 * 3600 + 365 * 24 * 3600 * 10:
            return 400, _error("expires_at is out of range")
        session_id = f"cs_test_{next(self.numbers)}"
        self.sessions[session_id] = {
            "id": session_id,
            "object": "checkout.session",
            "status": "open",
            "mode": params["mode"],
            "customer": None,
            "payment_status": "unpaid",
            "amount_total": int(item["price_data"]["unit_amount"]),
            "currency": item["price_data"]["currency"],
            "payment_intent": None,
            "client_reference_id": params["client_reference_id"],
            "metadata": params["metadata"],
            "payment_intent_data": params.get("payment_intent_data", {}),
            "success_url": params["success_url"],
            "cancel_url": params["cancel_url"],
            "customer_email": params.get("customer_email"),
            "customer_details": {"name": "Ann Example"},
            "locale": params["locale"],
            "url": f"{self.url}/pay/{session_id}",
        }
        return 200, self.sessions[session_id]

    def _new_refund(self, params: Json) -> tuple[int, Json]:
        if self.refuse_refunds:
            return 400, _error("The account is closed.")
        intent = self.intents[params["payment_intent"]]
        back = sum(one["amount"] for one in self.refunds.values() if one["payment_intent"] == intent["id"])
        amount = int(params["amount"])
        if back + amount > intent["amount_received"]:
            return 400, _error("Refund amount is greater than the unrefunded amount on the charge.", code="charge_already_refunded")
        refund_id = f"re_{next(self.numbers)}"
        self.refunds[refund_id] = {
            "id": refund_id,
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "metadata": params["metadata"],
            "status": "succeeded",
        }
        return 200, self.refunds[refund_id]


def signed(event: Json, secret: str = WEBHOOK_SECRET, at: int | None = None) -> tuple[bytes, str]:
    """The body of an event, and its signature header."""
    body = json.dumps(event)
    return body.encode(), stripe.WebhookSignature.generate_signature_header(body, secret, at)


def _error(message: str, kind: str = "invalid_request_error", code: str | None = None) -> Json:
    return {"error": {"type": kind, "message": message, **({"code": code} if code else {})}}


def _nested(pairs: list[tuple[str, str]]) -> Json:
    """`a[b][0]=c` as the dictionaries that it stands for."""
    found: Json = {}
    for name, value in pairs:
        *outer, last = name.replace("]", "").split("[")
        place = found
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return found


def _answering_for(imitation: Imitation) -> type[BaseHTTPRequestHandler]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._respond("GET", _nested(parse_qsl(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            self._respond("POST", _nested(parse_qsl(body, keep_blank_values=True)))

        def _respond(self, method: str, params: Json) -> None:
            if self.headers.get("Authorization") != f"Bearer {SECRET_KEY}":
                status, body = 401, _error(f"Invalid API Key provided: {self.headers.get('Authorization')}")
            else:
                path = urlsplit(self.path).path
                status, body = imitation.answer(method, path, params, self.headers.get("Idempotency-Key"))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Answer


@contextmanager
def running() -> Iterator[Imitation]:
    """The imitation on a free port of this machine."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    imitation = Imitation(url=f"http://127.0.0.1:{http.server_address[1]}")
    http.RequestHandlerClass = _answering_for(imitation)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield imitation
    http.shutdown()
    http.server_close()
    thread.join()
