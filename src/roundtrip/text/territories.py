"""Names of countries in the reader's language, and the parts of countries that taxes and parcels depend on."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from babel import Locale

_NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})

PARTS: Mapping[str, Mapping[str, str]] = {
    "US": {
        "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado", "CT": "Connecticut",
        "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois",
        "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland",
        "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana",
        "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York",
        "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania",
        "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah",
        "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
        "AS": "American Samoa", "GU": "Guam", "MP": "Northern Mariana Islands", "PR": "Puerto Rico", "VI": "Virgin Islands",
    },
    "CA": {
        "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick", "NL": "Newfoundland and Labrador",
        "NS": "Nova Scotia", "NT": "Northwest Territories", "NU": "Nunavut", "ON": "Ontario", "PE": "Prince Edward Island",
        "QC": "Quebec", "SK": "Saskatchewan", "YT": "Yukon",
    },
}  # fmt: skip
"""Countries that are taxed by part: ISO 3166-2 without the country, and the name."""


@lru_cache(maxsize=16)
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """Every country as (ISO 3166-1 code, name), sorted by name as readers of this language look them up."""
    names = Locale.parse(language).territories
    found = [(code, name) for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES]
    return tuple(sorted(found, key=lambda one: _sorted_as(one[1])))


def is_country(code: str) -> bool:
    """True for a code that `countries` lists."""
    return any(code == known for known, _ in countries("en"))


def country_name(language: str, code: str) -> str:
    """What readers of this language call a country; the code itself for one that is not known."""
    return dict(countries(language)).get(code, code)


def part_code(country: str, text: str) -> str | None:
    """The ISO 3166-2 code (`US-NY`) for what somebody typed (`NY`, `us-ny`, `New York`) where a country's parts are known.

    None: the country has parts and this is none of them. For other countries the text itself, without the spaces around it.
    """
    parts = PARTS.get(country)
    typed = text.strip()
    if parts is None:
        return typed
    short = typed.upper().removeprefix(f"{country}-")
    if short in parts:
        return f"{country}-{short}"
    return next((f"{country}-{code}" for code, name in parts.items() if name.casefold() == typed.casefold()), None)


def _sorted_as(name: str) -> str:
    """Letters without their marks, so that Åland stands with A."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(sign))
