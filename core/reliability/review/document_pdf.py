"""The post-mortem as a PDF."""

import font_roboto  # type: ignore[import-untyped]
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from core.reliability.review.document import Document, Section

_FONT, _GRAY, _MARGIN_MM = "Roboto", 110, 18


def render(document: Document) -> bytes:
    """The same bytes for the same document."""
    page = FPDF()
    page.set_creation_date(document.made_at)
    page.set_title(f"{document.reference}: {document.title}")
    page.set_margin(_MARGIN_MM)
    page.set_auto_page_break(True, _MARGIN_MM)
    page.add_font(_FONT, "", font_roboto.Roboto)
    page.add_font(_FONT, "B", font_roboto.RobotoBold)
    page.add_page()
    _text(page, document.title, size=18, style="B")
    _text(page, f"Post-mortem of {document.reference}, {document.status}, made {document.made_at:%Y-%m-%d %H:%M} UTC",
          gray=_GRAY)  # fmt: skip
    for section in document.sections:
        _section(page, section)
    return bytes(page.output())


def _section(page: FPDF, section: Section) -> None:
    page.ln(4)
    _text(page, section.title, size=13, style="B")
    page.ln(1)
    for label, value in section.facts:
        page.set_font(_FONT, "", 10)
        page.set_text_color(_GRAY)
        page.cell(52, 6, label)
        page.set_text_color(0)
        page.multi_cell(0, 6, _printable(page, value), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    for text in section.texts:
        _text(page, text)
        page.ln(1)
    if len(section.table) > 1:
        _table(page, section)
    elif section.table:
        _text(page, "None.", gray=_GRAY)


def _table(page: FPDF, section: Section) -> None:
    page.set_font(_FONT, "", 9)
    widths = {2: (2, 5), 3: (3, 7, 2), 4: (6, 2, 2, 2)}[len(section.table[0])]
    with page.table(col_widths=widths, text_align="LEFT", line_height=5, borders_layout="HORIZONTAL_LINES") as table:
        for row in section.table:
            table.row([_printable(page, cell) for cell in row])


def _text(page: FPDF, text: str, *, size: int = 10, style: str = "", gray: int = 0) -> None:
    page.set_font(_FONT, style, size)
    page.set_text_color(gray)
    page.multi_cell(0, size * 0.5, _printable(page, text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _printable(page: FPDF, text: str) -> str:
    """The text with the numbers of those letters that the font does not have."""
    known = getattr(page.fonts[_FONT.lower()], "cmap", {})
    text = text.replace("→", "to")
    return "".join(letter if letter == "\n" or ord(letter) in known else f"[U+{ord(letter):04X}]" for letter in text)
