"""Options, choices and variants as an owner sets them: what is new, what stays, and what does not fit. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product as combinations
from typing import Any

from roundtrip.core.errors import invalid_field
from roundtrip.ecom.catalogue.draft import ChoiceDraft, OptionDraft, VariantDraft
from roundtrip.ecom.catalogue.field_values import grams_of, price_of, stocked
from roundtrip.ecom.catalogue.model import NO_VARIANT, Choice, Option, OptionKind, Product, Variant

Fresh = Callable[[], str]
"""Makes an id."""
MOST_VARIANTS = 300


def with_options(product: Product, fields: Mapping[str, Any], fresh: Fresh) -> Product:
    """The product with the options and variants that `fields` name. Options and choices of the same name keep their ids.

    Managed variants that are not listed are all combinations of choices. Variants whose combination stays keep their id and stock.
    """
    if not {"productOptions", "manageVariants", "variants"} & set(fields):
        return product
    options = product.options
    if "productOptions" in fields:
        options = _options(fields["productOptions"] or (), product, fresh)
    manages = bool(fields["manageVariants"]) if "manageVariants" in fields else product.manages_variants or bool(fields.get("variants"))
    if manages and not options:
        raise invalid_field("manageVariants", "needs productOptions: variants are combinations of their choices", "FORMAT")
    if not manages and fields.get("variants"):
        raise invalid_field("variants", "are set only when manageVariants is true", "FORMAT")
    changed = replace(product, options=options, manages_variants=manages)
    if not manages:
        kept = next((one for one in product.variants if one.id == NO_VARIANT), Variant(NO_VARIANT, {}))
        return replace(changed, variants=(kept,))
    listed = fields.get("variants")
    if listed is not None:
        return replace(changed, variants=_variants(listed, changed, fresh))
    return replace(changed, variants=_all_combinations(changed, fresh))


def _options(drafts: Sequence[OptionDraft], product: Product, fresh: Fresh) -> tuple[Option, ...]:
    made: list[Option] = []
    for number, draft in enumerate(drafts):
        place, name = f"productOptions[{number}]", draft.name.strip()
        if not name or any(one.name == name for one in made):
            raise invalid_field(f"{place}.name", f"must be a name that no other option has (received {name!r})", "FORMAT")
        before = product.option(name)
        choices: list[Choice] = []
        for at, choice in enumerate(draft.choices):
            one = _choice(choice, draft.option_type, before, fresh, f"{place}.choices[{at}]")
            if any(one.description == other.description for other in choices):
                raise invalid_field(f"{place}.choices[{at}]", f"comes twice: {one.description!r}", "FORMAT")
            choices.append(one)
        made.append(Option(before.id if before else fresh(), name, OptionKind(draft.option_type), tuple(choices)))
    return tuple(made)


def _choice(draft: ChoiceDraft, kind: str, before: Option | None, fresh: Fresh, place: str) -> Choice:
    description = draft.description.strip() or draft.value.strip()
    if not description:
        raise invalid_field(place, "must have a value or a description", "REQUIRED_FIELD")
    value = (draft.value.strip() or description) if kind == "color" else description
    kept = next((one.id for one in before.choices if one.description == description), None) if before else None
    return Choice(kept or fresh(), value, description, draft.visible)


def _known(product: Product) -> dict[tuple[tuple[str, str], ...], Variant]:
    return {tuple(sorted(one.choices.items())): one for one in product.variants if one.id != NO_VARIANT}


def _variants(drafts: Sequence[VariantDraft], product: Product, fresh: Fresh) -> tuple[Variant, ...]:
    if not drafts:
        raise invalid_field("variants", "must name at least one combination when variants are managed", "MIN_LENGTH", threshold=1)
    known, made = _known(product), dict[tuple[tuple[str, str], ...], Variant]()
    for number, draft in enumerate(drafts):
        place = f"variants[{number}]"
        picked = product.picked(draft.choices, hidden_too=True)
        if picked is None:
            wanted = ", ".join(one.name for one in product.options)
            raise invalid_field(f"{place}.choices", f"must name one choice for each of {wanted}", "FORMAT")
        choices = {option.name: choice.description for option, choice in picked}
        key = tuple(sorted(choices.items()))
        if key in made:
            raise invalid_field(f"{place}.choices", "is the combination of another variant", "FORMAT")
        before = known.get(key) or Variant(fresh(), choices)
        price = None if draft.price is None else price_of(f"{place}.price", draft.price, product.price.currency)
        weight = None if draft.weight is None else grams_of(f"{place}.weight", draft.weight)
        changed = replace(before, choices=choices, sku=draft.sku, price=price, weight_grams=weight, visible=draft.visible)
        made[key] = stocked(changed, draft.stock, f"{place}.stock")
    return tuple(made.values())


def _all_combinations(product: Product, fresh: Fresh) -> tuple[Variant, ...]:
    count = 1
    for option in product.options:
        count *= len(option.choices)
    if count > MOST_VARIANTS:
        raise invalid_field(
            "productOptions", f"make {count} combinations, more than {MOST_VARIANTS}; list the variants that exist", "FORMAT"
        )
    known, made = _known(product), []
    for picked in combinations(*(option.choices for option in product.options)):
        choices = {option.name: choice.description for option, choice in zip(product.options, picked, strict=True)}
        made.append(known.get(tuple(sorted(choices.items()))) or Variant(fresh(), choices))
    return tuple(made)
