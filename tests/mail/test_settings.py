"""The mail server's address: read strictly, encrypted by default, its password shown nowhere (OPS-07)."""

from __future__ import annotations

from pathlib import Path

import pytest

from roundtrip.settings import SettingError, Settings, read
from roundtrip.worker.smtp import Encryption, SmtpServer


def read_with(folder: Path, url: str, sender: str = "no-reply@shop.example") -> Settings:
    return read({"ROUNDTRIP_DATA_DIR": str(folder), "ROUNDTRIP_SMTP_URL": url, "ROUNDTRIP_MAIL_FROM": sender})


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 587, Encryption.STARTTLS)),
        ("smtp://mail.example:2525/", SmtpServer("mail.example", 2525, Encryption.STARTTLS)),
        ("smtp://ann%40x:p%2F%40ss@mail.example", SmtpServer("mail.example", 587, Encryption.STARTTLS, "ann@x", "p/@ss")),
        ("smtps://mail.example", SmtpServer("mail.example", 465, Encryption.TLS)),
        ("smtp://mail.example?starttls=never", SmtpServer("mail.example", 587, Encryption.NONE)),
        ("smtp://127.0.0.1:25", SmtpServer("127.0.0.1", 25, Encryption.NONE)),
        ("smtp://u:p@localhost:25", SmtpServer("localhost", 25, Encryption.NONE, "u", "p")),
        ("smtp://localhost:25?starttls=always", SmtpServer("localhost", 25, Encryption.STARTTLS)),
    ],
)
def test_an_address_of_a_mail_server(tmp_path: Path, url: str, server: SmtpServer) -> None:
    assert read_with(tmp_path, url).mail.server == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example", "http://u:opensesame@mail.example", "smtp://", "smtp://u:opensesame@mail.example:x",
        "smtp://u:opensesame@mail.example/path", "smtp://u:opensesame@mail.example?starttls=maybe", "smtp://u:opensesame@mail.example?x=1",
        "smtp://u:opensesame@mail.example?starttls=never", "smtp://u:opensesame@[mail",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_without_being_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingError, match="ROUNDTRIP_SMTP_URL") as refusal:
        read_with(tmp_path, url)
    assert "opensesame" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize("sender", ["", "ann", "Ann <ann@shop.example>", "ann@shop.example\r\nBcc: x@evil.example"])
def test_a_sender_is_one_plain_address(tmp_path: Path, sender: str) -> None:
    with pytest.raises(SettingError, match="ROUNDTRIP_MAIL_FROM"):
        read_with(tmp_path, "smtp://mail.example", sender)


def test_no_password_in_what_settings_print(tmp_path: Path) -> None:
    known = read_with(tmp_path, "smtp://post:opensesame@mail.example")
    assert known.mail.server is not None
    assert known.mail.server.password == "opensesame"
    assert "opensesame" not in repr(known)
