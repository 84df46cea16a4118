"""An invoice as a document to hand on."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import font_roboto  # type: ignore[import-untyped]
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from sqlalchemy import select

from core.customers.contracts.models import Contract
from core.customers.contracts.rules import number_of
from core.customers.invoices import queries
from core.customers.invoices.models import Invoice
from core.kernel.actor import Actor
from core.kernel.reads import read
from core.kernel.writes import write

_MARGIN_MM = 18
_GRAY, _FONT = 110, "Roboto"
_WIDTHS, _RIGHT = (6, 1.4, 2, 2), ("LEFT", "RIGHT", "RIGHT", "RIGHT")
# What a reader must not take for money that is asked for.
_STANDINGS = {
    "draft": "Draft. Not issued: nothing is owed by it yet.", "paid": "Paid on {paid}.", "void": "Void. Nothing is owed by it.",
    "uncollectible": "Written off.",
}  # fmt: skip


def take(actor: Actor, invoice_id: UUID) -> tuple[str, bytes]:
    """A file name and the PDF; who took it is recorded. Raises Denied, NotFound."""
    with write(actor, "invoices.take_document") as tx:
        tx.saw(tx.get(Invoice, invoice_id))
    invoice = queries.one(actor, invoice_id)
    return f"{invoice['number'] or 'draft'}.pdf", render(
        invoice | {"contract": _contract(actor, invoice["contract_id"])}
    )


def _contract(actor: Actor, contract_id: UUID | None) -> str | None:
    if contract_id is None or not actor.may("contracts:read"):
        return None
    with read(actor) as rx:
        number = rx.value(select(Contract.number).where(Contract.id == contract_id))
    return number_of(number) if number else None


def render(invoice: Mapping[str, Any]) -> bytes:
    """A PDF of what `queries.one` gives, with `contract` (its number, or None): the same bytes for the same invoice."""
    page = FPDF()
    page.set_creation_date(datetime.combine(invoice["issued_on"], time(), UTC))
    page.set_title(f"Invoice {invoice['number'] or 'draft'}")
    page.set_margin(_MARGIN_MM)
    page.set_auto_page_break(True, _MARGIN_MM)
    page.add_font(_FONT, "", font_roboto.Roboto)
    page.add_font(_FONT, "B", font_roboto.RobotoBold)
    page.add_page()
    _line(page, "Invoice" if invoice["number"] else "Invoice (draft)", size=22, style="B")
    page.ln(3)
    _facts(page, invoice)
    _lines(page, invoice)
    _sums(page, invoice)
    _standing(page, invoice)
    return bytes(page.output())


def _line(page: FPDF, text: str, *, size: int = 10, style: str = "", gray: int = 0) -> None:
    page.set_font(_FONT, style, size)
    page.set_text_color(gray)
    page.multi_cell(0, size * 0.5, _printable(page, text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _printable(page: FPDF, text: str) -> str:
    """The text with the numbers of those letters that the font does not have."""
    known = getattr(page.fonts[_FONT.lower()], "cmap", {})
    return "".join(letter if ord(letter) in known else f"[U+{ord(letter):04X}]" for letter in text)


def _facts(page: FPDF, invoice: Mapping[str, Any]) -> None:
    facts = {
        "Number": invoice["number"] or "none yet", "Bill to": invoice["tenant"], "Customer number": str(invoice["tenant_id"]),
        "Issued": str(invoice["issued_on"]), "Due": str(invoice["due_on"]), "Period": _period(invoice),
        "Contract": invoice.get("contract"), "Your reference": invoice["external_id"],
    }  # fmt: skip
    for label, value in facts.items():
        if value:
            page.set_font(_FONT, "", 10)
            page.set_text_color(_GRAY)
            page.cell(40, 6, label)
            page.set_text_color(0)
            page.multi_cell(0, 6, _printable(page, value), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.ln(6)


def _period(invoice: Mapping[str, Any]) -> str | None:
    start, end = invoice["period_start"], invoice["period_end"]
    return f"{start} to {end - timedelta(days=1)}" if start and end else None


def _lines(page: FPDF, invoice: Mapping[str, Any]) -> None:
    page.set_font(_FONT, "", 9)
    page.set_text_color(0)
    with page.table(
        col_widths=_WIDTHS, text_align=_RIGHT, line_height=6, borders_layout="HORIZONTAL_LINES", padding=1
    ) as table:
        table.row(["What", "Quantity", "Unit price", f"Amount ({invoice['currency']})"])
        for line in invoice["lines"]:
            quantity, price = f"{line['quantity'].normalize():f}", f"{line['unit_price']:,.2f}"
            table.row([_printable(page, line["description"]), quantity, price, f"{line['amount']:,.2f}"])


def _sums(page: FPDF, invoice: Mapping[str, Any]) -> None:
    page.ln(2)
    for label, name in (("Subtotal", "subtotal"), ("Tax", "tax"), ("Total", "total")):
        page.set_font(_FONT, "B" if name == "total" else "", 11 if name == "total" else 10)
        page.cell(
            0,
            6,
            f"{label}   {invoice['currency']} {invoice[name]:,.2f}",
            align="R",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )
    page.ln(6)


def _standing(page: FPDF, invoice: Mapping[str, Any]) -> None:
    paid = f"{invoice['paid_at']:%Y-%m-%d}" if invoice["paid_at"] else ""
    owed = (
        f"Please pay {invoice['currency']} {invoice['total']:,.2f} by {invoice['due_on']}, naming {invoice['number']}."
    )
    _line(page, _STANDINGS.get(invoice["status"], owed).format(paid=paid), size=11, style="B")
