"""What a product and a collection are. Pure values; `store.py` keeps them, `actions.py` changes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal

import msgspec

from roundtrip.core.money import Money
from roundtrip.media.medium import Medium

NO_VARIANT = "00000000-0000-0000-0000-000000000000"
"""The id of the only variant of a product that does not manage its variants."""
ALL_PRODUCTS = "00000000-0000-0000-0000-000000000001"
"""The id of the collection that every product is in; each site has its own."""
ALL_PRODUCTS_ALIAS = "00000000-000000-000000-000000000001"
"""The same collection as some shop fronts write it in filters; it is no GUID."""
ALL_PRODUCTS_SLUG = "all-products"
PAGE_PATH = "/product-page/"
"""Where a site shows a product, with the slug after it."""
DEFAULT_CURRENCY = "USD"
RANK = Decimal(10) ** 4
"""`product.price_rank` counts ten-thousandths, so that prices of every currency (three decimals at most) compare as whole numbers."""


class ProductKind(StrEnum):
    """Physical goods are sent somewhere, digital ones are not."""

    PHYSICAL = "physical"
    DIGITAL = "digital"


class OptionKind(StrEnum):
    """How a choice is shown: by its words, or as a spot of colour."""

    DROP_DOWN = "drop_down"
    COLOR = "color"


class StockState(StrEnum):
    """Whether a product can be bought: as a whole, or only some of its variants."""

    IN_STOCK = "IN_STOCK"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    PARTIALLY_OUT_OF_STOCK = "PARTIALLY_OUT_OF_STOCK"


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    """One choice of an option. For colours `value` is the CSS colour and `description` its name; otherwise both are the same text."""

    id: str
    value: str
    description: str
    visible: bool = True


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something to choose before buying, such as the size. Names are unique within a product, descriptions within an option."""

    id: str
    name: str
    kind: OptionKind
    choices: tuple[Choice, ...]

    def choice(self, text: str) -> Choice | None:
        """The choice that a shop front names by its description or its value; the case of letters matters."""
        by_description = next((one for one in self.choices if one.description == text), None)
        return by_description or next((one for one in self.choices if one.value == text), None)


class Section(msgspec.Struct, frozen=True, omit_defaults=True):
    """More about a product, under a title of its own; `text` is HTML that is safe to show."""

    id: str
    title: str
    text: str


class Discount(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is taken off every price of a product. `value` is a decimal number: percent (0 to 100), or an amount in its currency."""

    kind: Literal["NONE", "PERCENT", "AMOUNT"] = "NONE"
    value: str = "0"

    def taken_off(self, price: Money) -> Money:
        """The price after it, never below nothing."""
        if self.kind == "PERCENT":
            left = price - price.share(Decimal(self.value))
        elif self.kind == "AMOUNT":
            left = price - Money.of(Decimal(self.value), price.currency)
        else:
            return price
        return max(left, Money.zero(price.currency))


NO_DISCOUNT = Discount()


@dataclass(frozen=True, slots=True)
class Price:
    """What one piece costs: `full` before the product's own discount, `due` after it."""

    full: Money
    due: Money


@dataclass(frozen=True, slots=True)
class Variant:
    """What can be put into a cart: one combination of choices (name of the option to description of the choice).

    `price` and `weight_grams` are None where the product's own count. `tracked` stock has a `quantity`; otherwise `in_stock` says all.
    """

    id: str
    choices: Mapping[str, str]
    sku: str = ""
    price: Money | None = None
    weight_grams: int | None = None
    visible: bool = True
    tracked: bool = False
    quantity: int = 0
    in_stock: bool = True

    @property
    def is_available(self) -> bool:
        """True when at least one piece can be bought."""
        return self.quantity > 0 if self.tracked else self.in_stock

    @property
    def available(self) -> int | None:
        """How many pieces can be bought; None when nobody counts them."""
        if self.tracked:
            return self.quantity
        return None if self.in_stock else 0


@dataclass(frozen=True, slots=True)
class Product:
    """Something to buy. Either its variants are managed, one for each combination of choices, or it has one, `NO_VARIANT`, for them all."""

    site_id: str
    id: str
    number: int
    slug: str
    name: str
    kind: ProductKind
    description: str
    visible: bool
    price: Money
    discount: Discount
    weight_grams: int | None
    manages_variants: bool
    options: tuple[Option, ...]
    variants: tuple[Variant, ...]
    media: tuple[Medium, ...]
    sections: tuple[Section, ...]
    ribbon: str
    brand: str
    collection_ids: tuple[str, ...]
    revision: int
    created_at: int
    updated_at: int
    tax_group: str = ""
    sold_variants: tuple[Variant, ...] = field(init=False, repr=False, compare=False)
    """The variants that visitors may see: every view of a product asks for them a dozen times."""

    def __post_init__(self) -> None:
        sold = self.variants if all(one.visible for one in self.variants) else tuple(one for one in self.variants if one.visible)
        object.__setattr__(self, "sold_variants", sold)

    @property
    def is_shippable(self) -> bool:
        """True for what has to be sent somewhere."""
        return self.kind is ProductKind.PHYSICAL

    def variant(self, variant_id: str) -> Variant | None:
        """The variant with this id that visitors may buy. Products without managed variants have `NO_VARIANT` only."""
        return next((one for one in self.variants if one.id == variant_id and one.visible), None)

    def option(self, name: str) -> Option | None:
        """The option of this name; the case of letters matters."""
        return next((one for one in self.options if one.name == name), None)

    def picked(self, choices: Mapping[str, str], *, hidden_too: bool = False) -> tuple[tuple[Option, Choice], ...] | None:
        """Each option with the choice that was made, in the product's order. None when one is missing, unknown or hidden."""
        if set(choices) != {one.name for one in self.options}:
            return None
        found = [(option, option.choice(choices[option.name])) for option in self.options]
        made = tuple((option, choice) for option, choice in found if choice is not None and (choice.visible or hidden_too))
        return made if len(made) == len(self.options) else None

    def chosen(self, choices: Mapping[str, str]) -> Variant | None:
        """The variant for one choice of every option, named by description or value; None when that cannot be bought here."""
        made = self.picked(choices)
        if made is None:
            return None
        if not self.manages_variants:
            return self.variant(NO_VARIANT)
        wanted = {option.name: choice.description for option, choice in made}
        return next((one for one in self.variants if one.visible and one.choices == wanted), None)

    @property
    def path(self) -> str:
        """The page of it on its site."""
        return PAGE_PATH + self.slug

    def price_of(self, variant: Variant) -> Price:
        """What one piece of this variant costs."""
        full = variant.price or self.price
        return Price(full, self.discount.taken_off(full))

    def weight_of(self, variant: Variant) -> int | None:
        """What one piece weighs, in grams."""
        return self.weight_grams if variant.weight_grams is None else variant.weight_grams

    @property
    def quantity(self) -> int | None:
        """How many pieces there are of everything that visitors may see; None when some of it is not counted."""
        counted = [one.quantity for one in self.sold_variants if one.tracked]
        return sum(counted) if len(counted) == len(self.sold_variants) else None

    @property
    def stock_state(self) -> StockState:
        """Whether all, some or none of what visitors may see can be bought."""
        available = [one.is_available for one in self.sold_variants]
        if available and all(available):
            return StockState.IN_STOCK
        return StockState.PARTIALLY_OUT_OF_STOCK if any(available) else StockState.OUT_OF_STOCK

    @property
    def price_rank(self) -> int:
        """The lowest price after discount in ten-thousandths: what price filters and sorting by price look at."""
        lowest = min((self.price_of(one).due.amount for one in self.sold_variants), default=self.discount.taken_off(self.price).amount)
        return int(lowest * RANK)

    def is_offered(self, option: Option, choice: Choice) -> bool:
        """True when something with this choice can be bought now."""
        if not self.manages_variants:
            return any(one.is_available for one in self.sold_variants)
        return any(one.is_available and one.choices.get(option.name) == choice.description for one in self.sold_variants)

    def prices(self) -> Iterator[Price]:
        """The price of everything that visitors may see; of the product itself when that is nothing."""
        if not self.sold_variants:
            yield Price(self.price, self.discount.taken_off(self.price))
        for one in self.sold_variants:
            yield self.price_of(one)


@dataclass(frozen=True, slots=True)
class Collection:
    """Products that belong together. `products` is how many visible ones are in it."""

    site_id: str
    id: str
    slug: str
    name: str
    description: str
    visible: bool
    media: tuple[Medium, ...]
    products: int
    revision: int
    created_at: int
    updated_at: int
