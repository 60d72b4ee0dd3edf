"""What is a mail address, and how mail servers write it (RFC 5321, RFC 6531). Settings are checked with it: it imports next to nothing."""

from __future__ import annotations

import re

from ada_url import idna_to_ascii

LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1, without the angle brackets
LONGEST_LOCAL_PART = 64
# RFC 5321 atoms, and RFC 6531 letters of the world; quoted local parts are allowed there and used by nobody but attackers.
_LOCAL_PART = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")


class BadAddress(ValueError):
    """Nobody can be reached by this address; the text says why without repeating it."""


def wire_address(text: str) -> str:
    """The address as mail servers know it: the domain in ASCII (IDNA), the local part as it is. Raises `BadAddress`."""
    local, at, domain = text.strip().rpartition("@")
    if not at or len(local.encode()) > LONGEST_LOCAL_PART or _LOCAL_PART.fullmatch(local) is None:
        raise BadAddress("the part before the @ is missing or has characters that an address cannot have")
    host = _ascii_host(domain)
    if _HOST.fullmatch(host) is None:
        raise BadAddress("the part after the @ is not the name of a host")
    address = f"{local}@{host}"
    if len(address.encode()) > LONGEST_ADDRESS:
        raise BadAddress(f"it has more than {LONGEST_ADDRESS} characters")
    return address


def _ascii_host(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return idna_to_ascii(domain).decode("ascii")
    except ValueError as error:
        raise BadAddress("the part after the @ is not the name of a host") from error
