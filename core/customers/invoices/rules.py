"""What an invoice may be and become. Pure; Decimal only."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from core.kernel.errors import Invalid

PAYMENT_TERM = timedelta(days=14)
MAX_LINES = 200
MAX_AMOUNT = Decimal("999999999999.99")  # what numeric(14, 2) holds
MAX_TEXT = 500
CENT = Decimal("0.01")

# Which acts an invoice of which status bears; everything else is refused.
ALLOWED = {
    "issue": frozenset({"draft"}),
    "pay": frozenset({"open", "uncollectible"}),
    "void": frozenset({"open", "uncollectible"}),
    "write_off": frozenset({"open"}),
}
_NEEDED = {
    "issue": "only a draft can be issued.",
    "pay": "only an open invoice, or one written off, can be marked paid.",
    "void": "only an open invoice, or one written off, can be voided.",
    "write_off": "only an open invoice can be written off.",
}


def require(act: str, status: str) -> None:
    """That an invoice of this status bears the act. Raises Invalid."""
    if status not in ALLOWED[act]:
        raise Invalid(f"This invoice is {status}; {_NEEDED[act]}")


def number_of(year: int, place: int) -> str:
    """The number as it stands on the invoice; sorts as it counts, up to a million a year."""
    return f"{year}-{place:06d}"


def line_amount(quantity: Decimal, unit_price: Decimal) -> Decimal:
    """What a line comes to, to the cent, half a cent upwards."""
    return (quantity * unit_price).quantize(CENT, ROUND_HALF_UP)


def clean_line(values: dict[str, Any]) -> dict[str, Any]:
    """description, quantity, unit_price, amount of a line. Raises Invalid when the amount is not quantity × price."""
    text = " ".join(str(values.get("description") or "").split())
    if not text or len(text) > MAX_TEXT:
        raise Invalid(
            f"Give each line a description of 1 to {MAX_TEXT} characters.", {"description": "Missing or too long."}
        )
    quantity, price = values.get("quantity", Decimal(1)), values["unit_price"]
    if quantity <= 0:
        raise Invalid("A quantity is more than 0; a credit has a negative price.", {"quantity": "More than 0."})
    amount = line_amount(quantity, price)
    if abs(amount) > MAX_AMOUNT:
        raise Invalid("This amount is more than an invoice can hold.", {"unit_price": "Too much."})
    told = values.get("amount")
    if told is not None and told != amount:
        sentence = f"The line's amount is {told}, but {quantity} × {price} is {amount}."
        raise Invalid(sentence, {"amount": sentence})
    return {"description": text, "quantity": quantity, "unit_price": price, "amount": amount}


def totals(lines: Sequence[dict[str, Any]], tax: Decimal) -> tuple[Decimal, Decimal]:
    """Subtotal and total. Raises Invalid for none, too many, or less than nothing."""
    if not 1 <= len(lines) <= MAX_LINES:
        raise Invalid(f"An invoice has 1 to {MAX_LINES} lines.", {"lines": f"1 to {MAX_LINES} lines."})
    subtotal = sum((line["amount"] for line in lines), Decimal("0.00"))
    if subtotal < 0 or tax < 0:
        raise Invalid("An invoice is of 0 or more, and so is its tax.", {"lines": "The lines come to less than 0."})
    if subtotal + tax > MAX_AMOUNT:
        raise Invalid("This total is more than an invoice can hold.", {"lines": "Too much."})
    return subtotal, subtotal + tax


def require_dates(issued_on: date, due_on: date, period: tuple[date | None, date | None]) -> None:
    """Raises one Invalid that names every bad date."""
    problems = {}
    if due_on < issued_on:
        problems["due_on"] = "An invoice is due on the day of issue or later."
    start, end = period
    if (start is None) != (end is None) or (start and end and start >= end):
        problems["period_end"] = "A period has a first day and a later end, or neither."
    if problems:
        raise Invalid(" ".join(problems.values()), problems)


def is_overdue(status: str, due_on: date, today: date) -> bool:
    return status == "open" and due_on < today


def require_sum(parts: Iterable[Decimal], told: Decimal | None) -> None:
    """That a total that was told is the one that was counted. Raises Invalid."""
    counted = sum(parts, Decimal("0.00"))
    if told is not None and told != counted:
        sentence = f"The total is {told}, but lines and tax come to {counted}."
        raise Invalid(sentence, {"total": sentence})


def clean_currency(text: str) -> str:
    """A currency's code of three letters (ISO 4217). Raises Invalid."""
    code = text.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        sentence = "Give the currency by its three letters, such as USD."
        raise Invalid(sentence, {"currency": sentence})
    return code


def clean_tax(tax: Decimal) -> Decimal:
    """Raises Invalid for less than nothing, or parts of a cent."""
    if not tax.is_finite() or not 0 <= tax <= MAX_AMOUNT or tax != tax.quantize(CENT):
        sentence = "Tax is 0 or more, to the cent."
        raise Invalid(sentence, {"tax": sentence})
    return tax.quantize(CENT)


def require_status(status: str, paid_at: Any) -> None:
    """What a new invoice may be. Raises Invalid."""
    if status not in ("draft", "open", "paid"):
        raise Invalid("A new invoice is a draft, open or paid.", {"status": "Draft, open or paid."})
    if (status == "paid") != (paid_at is not None):
        raise Invalid("A paid invoice, and no other, says when it was paid.", {"paid_at": "Only for a paid invoice."})
