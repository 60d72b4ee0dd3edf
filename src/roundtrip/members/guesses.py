"""What counts as a guess about a member, and at which door: the same doors for hosted pages and the identity API (IDN-02)."""

from __future__ import annotations

from roundtrip.credentials.throttle import MAILS, Guess
from roundtrip.members.model import email_key


def login(site_id: str, email: str, address: str) -> Guess:
    """A password that is tried."""
    return Guess(f"login {site_id}", email_key(email), address)


def sign_up(site_id: str, email: str, address: str) -> Guess:
    """An address that somebody registers with, which tells, or mails, something about it."""
    return Guess(f"sign-up {site_id}", email_key(email), address, MAILS)


def mail(site_id: str, email: str, address: str) -> Guess:
    """A mail with a code that somebody asks for. Each one counts, because each one is sent."""
    return Guess(f"mail {site_id}", email_key(email), address, MAILS)


def code(site_id: str, email: str, address: str) -> Guess:
    """Digits that are tried."""
    return Guess(f"code {site_id}", email_key(email), address)
