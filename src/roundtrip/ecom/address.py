"""Where things go and who gets them. Kept as JSON inside carts, checkouts and orders; the wire's names for the fields are in `api/`."""

from __future__ import annotations

import re

import msgspec

_EAST_ASIAN = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]")
"""Han, kana and hangul."""


class Address(msgspec.Struct, frozen=True, omit_defaults=True):
    """A postal address. `country` is ISO 3166-1 (`US`), `subdivision` ISO 3166-2 (`US-NY`)."""

    country: str = ""
    subdivision: str = ""
    city: str = ""
    postal_code: str = ""
    line: str = ""
    line2: str = ""

    @property
    def place(self) -> Place:
        """What delivery and tax depend on."""
        return Place.of(self.country, self.subdivision)

    @property
    def is_complete(self) -> bool:
        """True when a parcel could be sent there."""
        return bool(self.country and self.city and self.line)


class Contact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person at an address."""

    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    company: str = ""

    @property
    def name(self) -> str:
        """Both names as one line, in the order of their script: the family comes first in Chinese, Japanese and Korean."""
        names = (self.first_name, self.last_name)
        ordered = reversed(names) if _EAST_ASIAN.search("".join(names)) else names
        return " ".join(name for name in ordered if name)


class Recipient(msgspec.Struct, frozen=True, omit_defaults=True):
    """An address and who is there."""

    address: Address = Address()
    contact: Contact = Contact()


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """A country, or a part of one (`subdivision` is not empty then). Both empty: nowhere in particular."""

    country: str = ""
    subdivision: str = ""

    @classmethod
    def of(cls, country: str, subdivision: str) -> Place:
        """From what people write: `us` and `NY` are the country US and its part US-NY."""
        country = country.strip().upper()
        part = subdivision.strip().upper()
        if part and "-" not in part:
            part = f"{country}-{part}"
        return cls(country, part)


NOWHERE = Place()
