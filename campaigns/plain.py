"""The words of a piece of HTML, as somebody without HTML should read them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

BLOCKS = {"p", "ul", "ol", "div", "h1", "h2", "h3", "h4", "blockquote"}


class _Reader(HTMLParser):
    """Collects words: paragraphs apart, list items with a dash or a number, links with their address behind them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self.numbers: list[int | None] = []
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"ul", "ol"}:
            self.numbers.append(0 if tag == "ol" else None)
        if tag in BLOCKS:
            self.written.append("\n\n")
        elif tag == "br":
            self.written.append("\n")
        elif tag == "li":
            self.written.append("\n" + self._bullet())
        elif tag == "a":
            self.links.append((dict(attrs).get("href") or "", len(self.written)))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ul", "ol"} and self.numbers:
            self.numbers.pop()
        if tag in BLOCKS:
            self.written.append("\n\n")
        elif tag == "a" and self.links:
            address, began = self.links.pop()
            address = address.removeprefix("mailto:").removeprefix("tel:")
            if address and "".join(self.written[began:]).strip() != address:
                self.written.append(f" ({address})")

    def handle_data(self, data: str) -> None:
        self.written.append(re.sub(r"\s+", " ", data))

    def _bullet(self) -> str:
        if not self.numbers or self.numbers[-1] is None:
            return "- "
        self.numbers[-1] += 1
        return f"{self.numbers[-1]}. "


def plain(html: str) -> str:
    """The text of a piece of HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [line.strip() for line in "".join(reader.written).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
