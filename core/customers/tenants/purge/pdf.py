"""The certificate of deletion as a document to hand on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import font_roboto  # type: ignore[import-untyped]
from fpdf import FPDF
from fpdf.enums import XPos, YPos

_MARGIN_MM = 18
_GRAY = 110
_FONT = "Roboto"


def render(certificate: Mapping[str, Any]) -> bytes:
    """A PDF of what `queries.certificate_of` gives: the same bytes for the same certificate."""
    page = FPDF()
    page.set_creation_date(certificate["issued_at"])
    page.set_title(f"Certificate of deletion {certificate['number']}")
    page.set_margin(_MARGIN_MM)
    page.set_auto_page_break(True, _MARGIN_MM)
    page.add_font(_FONT, "", font_roboto.Roboto)
    page.add_font(_FONT, "B", font_roboto.RobotoBold)
    page.add_page()
    _line(page, "Certificate of deletion", size=20, style="B")
    _line(page, f"Number {certificate['number']}", gray=_GRAY)
    page.ln(4)
    _whose(page, certificate["content"]["tenant"], certificate["issued_at"])
    _table(page, "Removed for good", certificate["content"]["removed"], ("table", "rows"), (3, 1))
    _table(page, "Kept, and why", certificate["content"]["kept"], ("table", "rows", "reason"), (2, 1, 5))
    _proof(page, certificate)
    return bytes(page.output())


def _line(page: FPDF, text: str, *, size: int = 10, style: str = "", gray: int = 0, font: str = _FONT) -> None:
    page.set_font(font, style, size)
    page.set_text_color(gray)
    page.multi_cell(0, size * 0.5, _printable(page, text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _printable(page: FPDF, text: str) -> str:
    """The text with the numbers of those letters that the font does not have; the signed document has them as they are."""
    known = getattr(page.fonts[_FONT.lower()], "cmap", {})
    return "".join(letter if ord(letter) in known else f"[U+{ord(letter):04X}]" for letter in text)


def _whose(page: FPDF, tenant: Mapping[str, Any], issued_at: datetime) -> None:
    facts = {
        "Customer": f"{tenant['name']} ({tenant['domain']})", "Customer number": tenant["id"], "Data region": tenant["region"],
        "Customer since": _moment(tenant["created_at"]), "Deleted": _moment(tenant["deleted_at"]),
        "Restorable until": _moment(tenant["restorable_until"]), "Data removed": _moment(issued_at.isoformat()),
    }  # fmt: skip
    for label, value in facts.items():
        page.set_font(_FONT, "", 10)
        page.set_text_color(_GRAY)
        page.cell(40, 6, label)
        page.set_text_color(0)
        page.multi_cell(0, 6, _printable(page, str(value)), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.ln(4)


def _moment(text: str | None) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC" if text else "unknown"


def _table(
    page: FPDF, title: str, rows: list[dict[str, Any]], columns: tuple[str, ...], widths: tuple[int, ...]
) -> None:
    _line(page, title, size=13, style="B")
    page.ln(1)
    page.set_font(_FONT, "", 9)
    aligned = tuple("RIGHT" if name == "rows" else "LEFT" for name in columns)
    with page.table(col_widths=widths, text_align=aligned, line_height=5, borders_layout="HORIZONTAL_LINES") as table:
        table.row([name.capitalize() for name in columns])
        for row in rows:
            table.row([f"{row[name]:,}" if name == "rows" else _printable(page, str(row[name])) for name in columns])
    page.ln(5)


def _proof(page: FPDF, certificate: Mapping[str, Any]) -> None:
    _line(page, "Proof", size=13, style="B")
    _line(
        page, "Signed with Ed25519 over the certificate's JSON document, which the portal hands out on request.", size=9
    )
    page.ln(1)
    for label, name in (("SHA-256", "digest"), ("Signature", "signature"), ("Public key", "public_key")):
        _line(page, label, size=8, gray=_GRAY)
        _line(page, certificate[name], size=8, font="Courier")
