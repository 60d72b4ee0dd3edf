"""The pages of tickets and answers, for who has their address: shown to nobody else, and printed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from roundtrip.events import seed
from roundtrip.events.orders import links
from roundtrip.text import ticket_pdf
from roundtrip.text.ticket_pdf import Printed
from tests.api.shape import succeeded
from tests.app_fixture import App, Browser
from tests.events.test_events_api import ANN, EVENTS, RSVPS, holds, keyed, ordered


def test_tickets_have_pages_that_nobody_can_guess(app: App) -> None:
    holds(app)
    order = ordered(app, app.visitor())
    browser = Browser(app)
    shown = browser.open(order["orderPageUrl"])
    assert shown.status_code == 200
    assert shown.text.count('class="ticket-code"') == 2
    assert order["tickets"][0]["ticketNumber"] in shown.text
    one = browser.open(order["tickets"][1]["checkInUrl"])
    assert one.text.count('class="ticket-code"') == 1
    for url in (order["ticketsPdf"], order["tickets"][0]["ticketPdfUrl"]):
        assert browser.open(url).content.startswith(b"%PDF-")
    assert "BEGIN:VEVENT" in browser.open(f"{order['orderPageUrl']}/event.ics").text
    token = urlsplit(order["orderPageUrl"]).path.removeprefix(links.ORDER_PREFIX)
    for guess in (f"{app.base}/tickets/{token[:-1]}x", f"{app.base}/ticket/{token}", f"{app.base}/rsvp/{token}"):
        assert browser.open(guess).status_code == 404, guess


def test_an_answer_is_taken_back_on_its_page(app: App) -> None:
    holds(app)
    made = succeeded(app.post(RSVPS, {"rsvp": {"eventId": seed.STUDIO, **ANN, "status": "YES"}}, app.visitor()))["rsvp"]
    url = app.base + links.rsvp_path(app.application._code_key, made["id"])
    browser = Browser(app)
    page = browser.open(url)
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf
    assert browser.submit(url, {"csrf": csrf[1], "do": "withdraw"}).status_code == 303
    assert "You said that you don" in browser.open(url).text
    assert succeeded(keyed(app, "GET", f"{RSVPS}/{made['id']}"))["rsvp"]["status"] == "NO"
    event = succeeded(keyed(app, "GET", f"{EVENTS}/{seed.STUDIO}"))["event"]
    assert event["registration"]["rsvp"]["placesLeft"] == 50


def test_tickets_are_printed_in_every_script_that_there_is_a_font_for() -> None:
    one = Printed(
        "Kiln", "夏の夜のライブ", "2026-09-21", "中庭", "一般入場", "Zoë Łukasz", "2ABC-1", "2ABC", "https://pages.example/ticket/1"
    )
    assert ticket_pdf.tickets_file([one, one], "ja").count(b"/Type /Page\n") == 2
    assert ticket_pdf.can_write("he") is (ticket_pdf._wide() is not None)
