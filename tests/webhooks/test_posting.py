"""Where webhooks may be sent to, and what counts as an answer (WHK-05, WHK-07)."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from roundtrip.core import urls
from roundtrip.core.clock import SECOND
from roundtrip.core.errors import AppError
from roundtrip.webhooks.deliveries import schedule
from roundtrip.webhooks.deliveries.model import DeliveryStatus
from roundtrip.webhooks.endpoints.actions import Draft, check_url
from roundtrip.worker.posting import Answer, Fence, Line, NotSent
from tests.mail.post_office import make_certificate
from tests.webhooks.town import Receiver, Town

OPEN = Fence(is_open=True)
CLOSED = Fence()


def posted(url: str, fence: Fence = OPEN, *, resolve: object = None, tls: ssl.SSLContext | None = None, timeout: float = 5.0) -> Answer:
    more = {"resolve": resolve} if resolve else {}

    async def post() -> Answer:
        line = Line(urls.parse(url), fence, timeout, tls=tls, **more)  # type: ignore[arg-type]
        try:
            return await line.post(b"{}", {"webhook-id": "1"})
        finally:
            line.close()

    return asyncio.run(post())


def leads_to(*addresses: str) -> Callable[[str, int], object]:
    """A name server of our own: one answer after another."""
    answers = iter(addresses)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return [next(answers)]

    return resolve


@contextmanager
def speaking(*answers: bytes, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that says these bytes, one after each request, and then ends the connection."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = listening.accept()
            with tls.wrap_socket(connection, server_side=True) if tls else connection as one:
                for answer in answers:
                    one.recv(65536)
                    one.sendall(answer)
        except OSError:
            pass  # the client was not satisfied, which is what a test is about

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()
        thread.join(5)


PRIVATE = (
    "127.0.0.1",
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "0.0.0.0",
    "::1",
    "fe80::1",
    "fc00::1",
    "::ffff:10.0.0.1",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_live_site_reaches_no_private_address_whatever_its_name(address: str) -> None:
    """WHK-07."""
    with pytest.raises(NotSent, match="not a public address"):
        posted("https://hooks.shop.example/", CLOSED, resolve=leads_to(address))


def test_a_test_site_reaches_this_machine_and_never_the_metadata_of_a_cloud(receiver: Receiver) -> None:
    """WHK-07."""
    assert posted(receiver.url()).status == 200
    with pytest.raises(NotSent, match=r"169\.254\.169\.254"):
        posted("http://metadata.example/", resolve=leads_to("169.254.169.254"))
    inside = Fence(inside=frozenset({f"localhost:{receiver.port}"}))
    assert posted(receiver.url(), inside).address in ("127.0.0.1", "::1")


def test_a_name_that_answers_differently_the_second_time_leads_nowhere(receiver: Receiver) -> None:
    """WHK-07, DNS rebinding: what was looked at is what is connected to, and every new connection is looked at again."""
    url = f"http://rebind.example:{receiver.port}/"
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["203.0.113.9"] if len(asked) == 1 else ["127.0.0.1"]

    class Watched(Fence):
        """203.0.113.0/24 is for documentation: no machine has it, so the first answer is public here and connects to nobody."""

        def forbidden(self, url: urls.Url, addresses: Sequence[str]) -> str | None:
            return None if list(addresses) == ["203.0.113.9"] else super().forbidden(url, addresses)

    for _ in range(2):
        with pytest.raises(NotSent):
            posted(url, Watched(), resolve=rebinding, timeout=0.3)
    assert len(asked) == 2, "looked up once for each connection, never again for the same"
    assert receiver.got == []


def test_all_addresses_of_a_name_must_be_public() -> None:
    """WHK-07: one private among public ones is enough."""

    async def both(host: str, port: int) -> Sequence[str]:
        return ["1.1.1.1", "10.0.0.1"]

    with pytest.raises(NotSent, match=r"10\.0\.0\.1"):
        posted("https://hooks.example/", CLOSED, resolve=both)


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ((b"HTTP/1.1 204 No Content\r\n\r\n",), 204),
        ((b"HTTP/1.1 200 OK\r\n\r\nuntil the end",), 200),
        ((b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",), 201),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 200_000,), 200),
        ((b"SSH-2.0-OpenSSH_9.2\r\n",), "not HTTP"),
        ((b"",), "without an answer"),
    ],
)
def test_what_counts_as_an_answer(answers: tuple[bytes, ...], status: int | str) -> None:
    with speaking(*answers) as port:
        if isinstance(status, int):
            assert posted(f"http://127.0.0.1:{port}/").status == status
        else:
            with pytest.raises(NotSent, match=status):
                posted(f"http://127.0.0.1:{port}/")


def test_tls_is_spoken_and_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    file = make_certificate(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    with speaking(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", tls=serving) as port:
        trusting = ssl.create_default_context(cafile=str(file))
        assert posted(f"https://127.0.0.1:{port}/", tls=trusting).status == 200
    with speaking(b"", tls=serving) as port, pytest.raises(NotSent, match="certificate"):
        posted(f"https://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example/", "https"),
        ("https://127.0.0.1/", "reachable from the internet"),
        ("https://localhost/", "reachable from the internet"),
        ("https://[::1]/", "reachable from the internet"),
        ("https://hooks.example/#part", "never sent"),
        ("https://user@hooks.example/", "user name"),
        ("myapp://hooks", "https"),
    ],
)
def test_an_address_that_cannot_be_is_refused_when_it_is_typed(town: Town, url: str, why: str) -> None:
    with pytest.raises(AppError, match=why):
        check_url(Draft(url, "", ("*",)), town.live)


def test_a_live_site_that_names_a_private_host_reads_why_in_the_log(town: Town, receiver: Receiver) -> None:
    """WHK-07: an operator can let it through."""
    inside = frozenset({f"localhost:{receiver.port}"})
    endpoint, _ = town.endpoint(receiver.url(), site=town.live, inside=inside)
    town.happen(site=town.live)
    town.round()
    assert receiver.got == []
    town.site = town.live
    (delivery,) = town.deliveries(endpoint)
    assert (delivery.status, delivery.last_status) == (DeliveryStatus.WAITING, None)
    assert "not a public address" in (delivery.last_error or "")
    town.clock.move(10 * SECOND)
    town.round(inside=inside)
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("120", 120_000),
        ("Wed, 23 Sep 2026 21:12:00 GMT", 0),
        ("soon", 0),
        (None, 0),
        ("99999999999999999999", 86_400_000),
        ("-5", 0),
        ("", 0),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date_and_never_trusted_too_far(text: str | None, ms: int) -> None:
    assert schedule.wish(text, 1_800_000_000_000) == ms
