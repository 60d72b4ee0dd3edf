"""Reads a rendered page the way assistive technology would: elements with their attributes, words and ancestors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "img", "br", "hr", "path", "circle", "rect"}


@dataclass
class Element:
    """One element. `words` are those inside it, children included."""

    tag: str
    attributes: dict[str, str | None]
    parent: Element | None = None
    children: list[Element] = field(default_factory=list)
    words: str = ""

    def get(self, name: str) -> str | None:
        """An attribute; None when it is missing or has no value."""
        return self.attributes.get(name)

    def walk(self) -> Iterator[Element]:
        """This element and everything in it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, *tags: str) -> list[Element]:
        """Everything in it with one of these tags."""
        return [element for element in self.walk() if element.tag in tags]

    def with_id(self, name: str) -> Element | None:
        """The element of this id."""
        return next((element for element in self.walk() if element.get("id") == name), None)

    def ancestors(self) -> Iterator[Element]:
        """From the parent up."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("#document", {})
        self.at = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), self.at)
        self.at.children.append(element)
        if tag not in VOID:
            self.at = element

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.at.tag == tag, f"</{tag}> closes <{self.at.tag}>"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        for element in (self.at, *self.at.ancestors()):
            element.words += data


def read_page(html: str) -> Element:
    """The tree of a page. Fails on a tag that is not closed where it should be."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.at is reader.root, f"<{reader.at.tag}> is never closed"
    return reader.root
