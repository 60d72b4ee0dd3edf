"""Turns a file that somebody sent into a picture that we wrote ourselves (decision 0118). Slow: no server calls it in a transaction.

Only four decoders can be reached, size is checked before anything is unpacked, and nothing of the file is kept but its pixels: no
metadata, no second format behind the first, no script.
"""

from __future__ import annotations

import io
from threading import Lock

from PIL import Image, ImageCms, ImageOps

from roundtrip.core.errors import AppError, Kind
from roundtrip.media.model import MOST_BYTES, MOST_PIXELS, MOST_SIDE, Cleaned
from roundtrip.media.writing import written

ACCEPTED = ("JPEG", "PNG", "WEBP", "GIF")
_JPEG, _PNG, _WEBP = ("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")
_KEPT = {"JPEG": _JPEG, "MPO": _JPEG, "PNG": _PNG, "WEBP": _WEBP, "GIF": _PNG}  # MPO: a JPEG of a phone with a second one behind it
_QUALITY = 92
_SRGB = ImageCms.createProfile("sRGB")
_one_at_a_time = Lock()  # a picture unpacked is large; two would be twice as large


def clean(content: bytes) -> Cleaned:
    """Read, put upright, convert to sRGB, write again. A moving picture becomes its first frame.

    Raises INVALID `PICTURE_TOO_LARGE` or `NOT_A_PICTURE`.
    """
    if len(content) > MOST_BYTES:
        raise too_large(f"it has {len(content)} bytes; at most {MOST_BYTES} are allowed")
    with _one_at_a_time:
        try:
            return _clean(content)
        except AppError:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise too_large(f"it would have more than {MOST_PIXELS} pixels") from error
        except MemoryError as error:
            raise too_large("it needs more memory than there is") from error
        except Exception as error:  # whatever a decoder stumbles over, the file is to blame
            raise _not_a_picture(error) from error


def too_large(reason: str) -> AppError:
    """The refusal of a picture that is too large; `reason` says what was received and what is allowed."""
    return AppError(Kind.INVALID, "PICTURE_TOO_LARGE", f"The picture was not kept: {reason}. Make it smaller.")


def _not_a_picture(error: Exception) -> AppError:
    text = f"The file is not a picture that can be read ({type(error).__name__}). Send a JPEG, PNG, WebP or GIF; SVG is not accepted."
    return AppError(Kind.INVALID, "NOT_A_PICTURE", text)


def _clean(content: bytes) -> Cleaned:
    with Image.open(io.BytesIO(content), formats=ACCEPTED) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise too_large(f"it has {opened.width} × {opened.height} pixels; at most {MOST_PIXELS} are allowed")
        form, content_type = _KEPT[opened.format or ""]
        if form == "JPEG":
            opened.draft("RGB", (MOST_SIDE, MOST_SIDE))
        image = _upright_in_srgb(opened)
    image.thumbnail((MOST_SIDE, MOST_SIDE), Image.Resampling.LANCZOS)
    return Cleaned(written(image, form, _QUALITY), content_type, image.width, image.height)


def _upright_in_srgb(opened: Image.Image) -> Image.Image:
    opened.load()
    profile = opened.info.get("icc_profile")
    image = ImageOps.exif_transpose(opened)
    if image.mode.startswith(("I", "F")):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if profile and image.mode in ("RGB", "CMYK", "L", "RGBA"):
        image = _to_srgb(image, profile)
    is_clear = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    return image.convert("RGBA" if is_clear else "RGB")


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The colours as their maker saw them; as they are when the profile is broken or for other colours."""
    try:
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        changed = ImageCms.profileToProfile(image, io.BytesIO(profile), _SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return changed or image
