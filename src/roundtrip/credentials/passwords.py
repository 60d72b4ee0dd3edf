"""What a password and an e-mail address must look like, and how passwords are hashed.

Hashing blocks for tens of milliseconds and takes 19 MiB: the edge calls it on a thread, outside any transaction, at most one per core.
Nothing here knows the database.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from roundtrip.core.errors import invalid_field

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)

DUMMY_HASH = "$argon2id$v=19$m=19456,t=2,p=1$Hc7FbLWZ8ZkKD6ZTr2e8rA$3l1qKnrHEPVSzjxvyoYFZ6jWkBjZgo+eqWXeon2Xe8E"
"""The hash of a random text that nobody kept. Checked against when there is no such member, so that it takes as long (IDN-03)."""

_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f<>()\[\],;:\\\"]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")
_MAX_EMAIL = 254  # RFC 5321 4.5.3.1, as everybody reads it


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """What a site asks of a new password. Lengths are in characters."""

    min_length: int = 8
    """NIST SP 800-63B and ASVS 6.2.1 ask for at least 8; 15 is advised where there is no second factor."""
    max_length: int = 256
    """Long phrases are welcome; the bound keeps one request from hashing megabytes."""


def check_email(text: str) -> str:
    """The address without surrounding space, in composed Unicode form.

    Raises `AppError` with a violation of `loginId.email` that carries `type: EMAIL`, by which the official SDK knows a bad address.
    """
    email = unicodedata.normalize("NFC", text.strip())
    if len(email) > _MAX_EMAIL or _EMAIL.fullmatch(email) is None:
        raise invalid_field("loginId.email", "is not an e-mail address; expected a form like name@example.com", "FORMAT", type="EMAIL")
    return email


def check_password(text: str, email: str, rules: PasswordRules = PasswordRules()) -> None:
    """Raises `AppError` with a violation of `password` when a new password is too short, too long, well known or the address itself.

    There are no rules about kinds of characters (IDN-01).
    """
    password = _normal(text)
    if len(password) < rules.min_length:
        raise invalid_field("password", f"must have at least {rules.min_length} characters", "MIN_LENGTH", threshold=rules.min_length)
    if len(password) > rules.max_length:
        raise invalid_field("password", f"must have at most {rules.max_length} characters", "MAX_LENGTH", threshold=rules.max_length)
    folded = password.casefold()
    address = _normal(email).casefold()
    if folded in (address, address.partition("@")[0]):
        raise invalid_field("password", "must not be the e-mail address; choose something others cannot guess")
    if f"\n{folded}\n" in _common(rules.min_length) or len(set(folded)) == 1:
        raise invalid_field("password", "is one of the passwords that are tried first; choose one that is yours alone")


def hash_password(text: str) -> str:
    """What is stored: argon2id with its own salt and parameters in the text. Blocks."""
    return _HASHER.hash(_normal(text))


def verify_password(stored: str | None, text: str) -> bool:
    """True when `text` is the password behind `stored`. Blocks, for None and unreadable hashes too (IDN-03)."""
    try:
        _HASHER.verify(stored or DUMMY_HASH, _normal(text))
    except VerificationError:
        return False
    except InvalidHashError:
        return verify_password(None, text)
    return stored is not None


def _normal(text: str) -> str:
    """The same keystrokes on another keyboard must give the same password (NIST SP 800-63B 5.1.1.2)."""
    return unicodedata.normalize("NFKC", text)


@functools.cache
def _common(min_length: int) -> str:
    """Well-known passwords that pass the length rule, in lower case, each between two line ends.

    Read from zxcvbn's file without importing it: the import keeps 14 MiB of names, words and single strings in every server process for
    the sake of 110 kB. A scan of those takes less than a thousandth of the hash that follows. A test notices when the file changes shape.
    """
    package = importlib.util.find_spec("zxcvbn")
    source = Path(package.origin).with_name("frequency_lists.py").read_text("utf-8") if package and package.origin else ""
    found = re.search(r'"passwords": "([^"]*)"', source)
    if found is None:
        raise RuntimeError("zxcvbn's list of common passwords is not where it was; adapt credentials/passwords.py to its new version")
    return "\n".join(["", *(word for word in found[1].split(",") if len(word) >= min_length), ""])
