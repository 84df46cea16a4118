"""The paper of a report: letters, headings, tables and the foot of each page."""

from collections.abc import Sequence
from datetime import datetime

import font_roboto  # type: ignore[import-untyped]
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

FONT = "Roboto"
MARGIN_MM = 16.0
INK, GRAY = 30, 110
_MARKED = FontFace(emphasis="BOLD", color=(196, 48, 62))


class Paper(FPDF):
    """A4, with the title and the page's number at the foot of each page. The same bytes for the same content."""

    def __init__(self, title: str, made_at: datetime) -> None:
        super().__init__(format="A4")
        self.foot = title
        self.set_creation_date(made_at)
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(True, MARGIN_MM + 4)
        self.add_font(FONT, "", font_roboto.Roboto)
        self.add_font(FONT, "B", font_roboto.RobotoBold)
        self.set_title(printable(self, title))
        self.set_lang("en")
        self.add_page()

    def footer(self) -> None:
        self.set_y(-MARGIN_MM)
        self.set_font(FONT, "", 8)
        self.set_text_color(GRAY)
        self.cell(self.epw * 0.8, 5, _fitting(self, printable(self, self.foot), self.epw * 0.8))
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")


def _fitting(page: FPDF, text: str, width: float) -> str:
    if page.get_string_width(text) <= width:
        return text
    while text and page.get_string_width(text + "…") > width:
        text = text[:-1]
    return text + "…"


def printable(page: FPDF, text: str) -> str:
    """The text with the numbers of those letters that the font does not have."""
    known = getattr(page.fonts[FONT.lower()], "cmap", {})
    return "".join(letter if ord(letter) in known else f"[U+{ord(letter):04X}]" for letter in text)


def line(page: FPDF, text: str, *, size: float = 9.5, is_bold: bool = False, gray: int = INK) -> None:
    """A paragraph over the width of the page."""
    page.set_font(FONT, "B" if is_bold else "", size)
    page.set_text_color(gray)
    page.multi_cell(0, size * 0.5, printable(page, text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def heading(page: FPDF, text: str, *, needs_mm: float = 30) -> None:
    """Begins a section, on a new page where less than `needs_mm` is left for what follows."""
    if page.will_page_break(needs_mm):
        page.add_page()
    page.ln(4)
    line(page, text, size=12.5, is_bold=True)
    page.ln(1.5)


def table(
    page: FPDF, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], *, right: Sequence[int] = (),
    marked: str = "",
) -> None:  # fmt: skip
    """Rows under a head that each page repeats; columns `right` are aligned so. Cells that say `marked` stand out."""
    page.set_font(FONT, "", 8.5)
    page.set_text_color(INK)
    page.set_draw_color(205, 211, 215)
    page.set_fill_color(255)
    page.set_line_width(0.2)
    aligned = tuple("RIGHT" if place in right else "LEFT" for place in range(len(head)))
    with page.table(
        col_widths=tuple(widths), text_align=aligned, line_height=5, padding=(0, 2, 0, 1), borders_layout="HORIZONTAL_LINES",
        headings_style=FontFace(emphasis="BOLD", color=INK),
    ) as made:  # fmt: skip
        made.row(list(head))
        for row in rows:
            cells = made.row()
            for text in row:
                cells.cell(printable(page, text), style=_MARKED if marked and text == marked else None)
