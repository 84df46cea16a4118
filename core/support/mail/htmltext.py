"""HTML of mails as plain text. Nothing of it is ever shown as HTML; scripts and styles are not even text."""

import re
from html.parser import HTMLParser

_DROPPED = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "svg", "math", "iframe"})
_BREAKS = frozenset({
    "address", "article", "aside", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul", "blockquote",
})  # fmt: skip
_PARAGRAPHS = frozenset({"p", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"})
_VOID = frozenset({"br", "hr", "img", "meta", "link", "input", "base", "col", "wbr"})
_SPACE = re.compile(r"[ \t\r\n\f]+")


class _Reader(HTMLParser):
    """Collects lines. `quoted` counts the blockquotes around the text, which become `>` as in plain text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.dropping: str | None = None
        self.depth = self.quoted = 0
        self.link = ""

    def _end_line(self, *, paragraph: bool = False) -> None:
        prefix = "> " * self.quoted
        if self.line.strip():
            self.lines.append(prefix + self.line.strip())
        self.line = ""
        if paragraph and self.lines and self.lines[-1].strip("> "):
            self.lines.append(prefix.rstrip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.dropping is not None:
            self.depth += tag == self.dropping
            return
        if tag in _DROPPED:
            self.dropping, self.depth = tag, 1
            return
        if tag == "br":
            self.lines.append("> " * self.quoted + self.line.strip())
            self.line = ""
        if tag in _BREAKS:
            self._end_line(paragraph=tag in _PARAGRAPHS)
        self._begin(tag, dict(attrs))

    def _begin(self, tag: str, attrs: dict[str, str | None]) -> None:
        if tag == "blockquote":
            self.quoted += 1
        elif tag == "li":
            self.line = "- "
        elif tag == "a":
            self.link = attrs.get("href") or ""
        elif tag in ("td", "th") and self.line.strip():
            self.line += "  "

    def handle_endtag(self, tag: str) -> None:
        if self.dropping is not None:
            self.depth -= tag == self.dropping
            # A body that begins inside an unclosed head would be lost; so would all behind a script that never ends.
            if self.depth == 0 or (self.dropping in ("head", "title") and tag == "head"):
                self.dropping = None
            return
        if tag == "a" and self.link.startswith(("http://", "https://")) and self.link not in self.line[-1_000:]:
            self.line += f" ({self.link})"
        if tag in _BREAKS:
            self._end_line(paragraph=tag in _PARAGRAPHS)
        if tag == "blockquote":
            self.quoted = max(0, self.quoted - 1)

    def handle_data(self, data: str) -> None:
        if self.dropping is None:
            text = _SPACE.sub(" ", data)
            self.line += text.lstrip() if not self.line else text


def to_text(html: str) -> str:
    """The text that a reader sees, with links' addresses behind them and quotes marked by `>`."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader._end_line()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in reader.lines)).strip()
