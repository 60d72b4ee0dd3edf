"""HTML that owners wrote (descriptions of what they sell), made safe to show in our pages (PAG-04, PAG-05)."""

from __future__ import annotations

from functools import lru_cache

import nh3
from markupsafe import Markup

_TAGS = {"p", "br", "b", "strong", "i", "em", "u", "s", "ul", "ol", "li", "h2", "h3", "h4", "blockquote", "sub", "sup", "span", "div"}
_CLEANER = nh3.Cleaner(tags=_TAGS, attributes={}, clean_content_tags={"script", "style"}, link_rel=None)


@lru_cache(maxsize=512)
def cleaned(html: str) -> Markup:
    """Paragraphs, lists and emphasis stay; links, pictures, styles and everything that could run or load something goes."""
    return Markup(_CLEANER.clean(html))  # noqa: S704 - cleaned in the same line
