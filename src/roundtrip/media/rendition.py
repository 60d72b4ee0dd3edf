"""Which part of a picture is wanted, and how large: read from an address, held against the picture, bounded (decision 0117).

Pure. An address is `crop/x_..,y_..,w_..,h_..`, `fill/w_..,h_..,al_..` or `fit/w_..,h_..`, or a crop and then one of the others, with
settings that follow the last. Settings that are not known here are passed over: clients send more than one server can do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from roundtrip.core.errors import AppError, Kind
from roundtrip.media.model import MOST_SIDE

KINDS = ("crop", "fill", "fit")
MOST_ENLARGED = 2.0
"""Times, and only where an address asks for it (`lg_`); without that, no rendition is larger than its picture."""
MOST_BLUR = 60
_DEFAULT_QUALITY = 85
_MOST_SETTINGS = 400  # characters
_WHOLE = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,4})?")
_FOCUS: Mapping[str, tuple[float, float]] = {
    "c": (0.5, 0.5), "t": (0.5, 0.0), "b": (0.5, 1.0), "l": (0.0, 0.5), "r": (1.0, 0.5),
    "tl": (0.0, 0.0), "tr": (1.0, 0.0), "bl": (0.0, 1.0), "br": (1.0, 1.0),
}  # fmt: skip

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels of the picture as it is kept."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """Exactly what is to be made of one picture; equal ones are made once. `size` is width and height in pixels, `quality` 20 to 95."""

    box: Box
    size: tuple[int, int]
    quality: int = _DEFAULT_QUALITY
    blur: int = 0
    sharpen: bool = False


def read(parts: Sequence[tuple[str, str]], width: int, height: int) -> Rendition:
    """The rendition that an address asks for, of a picture with these sides. `parts` are the pairs of kind and settings, in order.

    Raises INVALID `INVALID_RENDITION` for what cannot be understood.
    """
    area: Box = (0.0, 0.0, float(width), float(height))
    settings: Mapping[str, str] = {}
    size = (width, height)
    for kind, text in parts:
        settings = _settings(kind, text)
        limit = MOST_ENLARGED if "lg" in settings else 1.0
        if kind == "crop":
            area = _cropped(area, settings)
            size = _whole_size(area, 1.0)
        elif kind == "fill":
            area, size = _filled(area, settings, limit)
        else:
            size = _fitted(area, settings, limit)
    left, top, right, bottom = (round(side, 2) for side in area)
    return Rendition(
        box=(left, top, right, bottom),
        size=size,
        # In steps, so that strangers cannot make a hundred of the same.
        quality=_between(settings, "q", _DEFAULT_QUALITY, 20, 95) // 5 * 5,
        blur=_between(settings, "blur", 0, 0, MOST_BLUR),
        sharpen="usm" in settings,
    )


def _settings(kind: str, text: str) -> Mapping[str, str]:
    if kind not in KINDS:
        raise _invalid(f"{kind[:40]!r} is none of {', '.join(KINDS)}")
    if len(text) > _MOST_SETTINGS:
        raise _invalid(f"the settings have {len(text)} characters; at most {_MOST_SETTINGS} are read")
    found = {}
    for setting in text.split(","):
        name, _, value = setting.partition("_")
        found[name] = value
    return found


def _number(settings: Mapping[str, str], name: str) -> float | None:
    """None when it is left out, or `NaN`: the SDK's helper writes that for pictures whose size it was not told."""
    text = settings.get(name)
    if text is None or text == "NaN":
        return None
    if not _WHOLE.fullmatch(text):
        raise _invalid(f"{name}_{text[:40]} is not a number of at most six digits")
    return float(text)


def _between(settings: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    number = _number(settings, name)
    return default if number is None else max(low, min(high, int(number)))


def _side(settings: Mapping[str, str], name: str) -> float | None:
    number = _number(settings, name)
    if number is not None and number <= 0:
        raise _invalid(f"{name}_{settings[name]} must be more than 0")
    return number


def _part_of_side(settings: Mapping[str, str], name: str) -> float:
    return max(0.0, min(1.0, _number(settings, name) or 0.0))


def _focus(settings: Mapping[str, str]) -> tuple[float, float]:
    """Where the middle of what stays should be, as parts of the sides."""
    if "fp" in settings:
        x, _, y = settings["fp"].partition("_")
        point = {"fp": x, "fp_y": y}
        return _part_of_side(point, "fp"), _part_of_side(point, "fp_y")
    found = _FOCUS.get(settings.get("al", "c"))
    if found is None:
        raise _invalid(f"al_{settings['al'][:40]} is none of {', '.join(_FOCUS)}")
    return found


def _cropped(area: Box, settings: Mapping[str, str]) -> Box:
    left, top, right, bottom = area
    width = _side(settings, "w") or right - left
    height = _side(settings, "h") or bottom - top
    if "x" not in settings and "y" not in settings:
        return _placed(area, min(width, right - left), min(height, bottom - top), _focus(settings))
    x, y = _number(settings, "x") or 0.0, _number(settings, "y") or 0.0
    cut = (max(left, left + x), max(top, top + y), min(right, left + x + width), min(bottom, top + y + height))
    if cut[2] - cut[0] < 1 or cut[3] - cut[1] < 1:
        raise _invalid(f"the crop lies outside of the picture, which has {right - left:.0f} × {bottom - top:.0f} pixels")
    return cut


def _filled(area: Box, settings: Mapping[str, str], limit: float) -> tuple[Box, tuple[int, int]]:
    """The largest part of the area that has the wanted shape, and its size."""
    wanted_width, wanted_height = _side(settings, "w"), _side(settings, "h")
    if wanted_width is None or wanted_height is None:
        return area, _fitted(area, settings, limit)
    width, height = area[2] - area[0], area[3] - area[1]
    scale = max(wanted_width / width, wanted_height / height)
    box = _placed(area, min(width, wanted_width / scale), min(height, wanted_height / scale), _focus(settings))
    return box, _whole_size(box, min(scale, limit))


def _fitted(area: Box, settings: Mapping[str, str], limit: float) -> tuple[int, int]:
    """The size of the whole area when neither side may be longer than wanted."""
    wanted = (_side(settings, "w"), area[2] - area[0]), (_side(settings, "h"), area[3] - area[1])
    return _whole_size(area, min([limit, *(side / has for side, has in wanted if side is not None)]))


def _placed(area: Box, width: float, height: float, focus: tuple[float, float]) -> Box:
    """A part of the area with its middle as near to the focus as the edges allow; never thinner than a pixel."""
    width, height = max(1.0, width), max(1.0, height)
    left = min(max(area[0], area[0] + (area[2] - area[0]) * focus[0] - width / 2), area[2] - width)
    top = min(max(area[1], area[1] + (area[3] - area[1]) * focus[1] - height / 2), area[3] - height)
    return left, top, left + width, top + height


def _whole_size(box: Box, scale: float) -> tuple[int, int]:
    width, height = box[2] - box[0], box[3] - box[1]
    scale = min(scale, MOST_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _invalid(reason: str) -> AppError:
    text = f"This is no address of a picture: {reason}. Expected /v1/fill/w_300,h_200/name.jpg, or fit or crop/x_0,y_0,w_300,h_200."
    return AppError(Kind.INVALID, "INVALID_RENDITION", text)
