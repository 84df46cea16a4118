"""A CSV file of invoices, read into invoices and problems. Pure: knows no database.

One row per line of an invoice; rows of one `external_id` belong together, and their invoice's columns must agree.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from core.customers.invoices import rules
from core.kernel.errors import ExpectedError, Invalid

REQUIRED = ("external_id", "tenant", "issued_on", "description", "unit_price")
OPTIONAL = (
    "due_on",
    "currency",
    "status",
    "paid_on",
    "tax",
    "total",
    "period_start",
    "period_end",
    "quantity",
    "amount",
)
MAX_ROWS = 10_000
MAX_BYTES = 5_000_000
IMPORTED = ("open", "paid", "void", "uncollectible")
_OF_INVOICE = (
    "tenant",
    "issued_on",
    "due_on",
    "currency",
    "status",
    "paid_on",
    "tax",
    "total",
    "period_start",
    "period_end",
)


@dataclass(slots=True)
class Parsed:
    """One invoice of the file: the rows it stands in (the header is row 1), what it says, or what is wrong with it."""

    external_id: str
    rows: list[int]
    tenant: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        tax: Decimal = self.values.get("tax", Decimal("0.00"))
        return sum((line["amount"] for line in self.lines), tax)


def parse(data: bytes) -> list[Parsed]:
    """The file's invoices in the order of their first rows. Raises Invalid for a file that is none of the kind."""
    if len(data) > MAX_BYTES:
        raise Invalid(f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it.", {"file": "Too large."})
    by_id: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for place, row in _rows(data):
        by_id.setdefault(row["external_id"] or f"(row {place})", []).append((place, row))
    return [_invoice(external_id, rows) for external_id, rows in by_id.items()]


def _rows(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("The file is not UTF-8 text. Save it as CSV in UTF-8.", {"file": "Not UTF-8."}) from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        _require_columns(reader.fieldnames or [])
        for place, row in enumerate(reader, 2):
            if place > MAX_ROWS + 1:
                raise Invalid(f"The file has more than {MAX_ROWS:,} rows. Split it.", {"file": "Too many rows."})
            known = {name.strip(): (value or "").strip() for name, value in row.items() if isinstance(name, str)}
            if any(known.values()):
                yield place, known
    except csv.Error as error:
        raise Invalid(f"The file is no CSV ({error}).", {"file": "No CSV."}) from error


def _require_columns(names: Any) -> None:
    given = {name.strip() for name in names}
    missing = [name for name in REQUIRED if name not in given]
    unknown = sorted(given - {*REQUIRED, *OPTIONAL})
    if missing or unknown:
        told = [
            f"It lacks {', '.join(missing)}." if missing else "",
            f"It has {', '.join(unknown)}." if unknown else "",
        ]
        raise Invalid(f"The file has other columns. {' '.join(told).strip()}", {"file": "Other columns."})


def _invoice(external_id: str, rows: list[tuple[int, dict[str, str]]]) -> Parsed:
    head = rows[0][1]
    found = Parsed(external_id, [place for place, _ in rows], tenant=head["tenant"])
    if not head["external_id"] or len(head["external_id"]) > 200:
        found.problems.append("external_id is missing, or longer than 200 characters.")
    if not head["tenant"]:
        found.problems.append("tenant is missing: give its id or its domain.")
    for place, row in rows:
        if other := [name for name in _OF_INVOICE if row.get(name, "") != head.get(name, "")]:
            found.problems.append(f"Row {place} says another {', '.join(other)} than row {rows[0][0]}.")
    _try(found, rows[0][0], lambda: found.values.update(_values(head)))
    for place, row in rows:
        _try(found, place, lambda row=row: found.lines.append(_line(row)))
    if not found.problems:
        _try(found, rows[0][0], lambda: _check(found))
    return found


def _try(found: Parsed, place: int, step: Any) -> None:
    try:
        step()
    except ExpectedError as error:
        found.problems.append(f"Row {place}: {error}")


def _check(found: Parsed) -> None:
    values = found.values
    rules.require_dates(values["issued_on"], values["due_on"], values["period"])
    subtotal, _ = rules.totals(found.lines, values["tax"])
    rules.require_sum([subtotal, values["tax"]], values["total"])


def _line(row: Mapping[str, str]) -> dict[str, Any]:
    quantity = _number(row, "quantity")
    price = _number(row, "unit_price")
    if price is None:
        raise Invalid("unit_price is missing.")
    given = {"description": row["description"], "unit_price": price, "amount": _number(row, "amount")}
    return rules.clean_line(given | {"quantity": Decimal(1) if quantity is None else quantity})


def _values(row: Mapping[str, str]) -> dict[str, Any]:
    status, paid_on = row.get("status") or "open", _day(row, "paid_on")
    if status not in IMPORTED:
        raise Invalid(f"The status {status} is unknown; there are {', '.join(IMPORTED)}.")
    if (status == "paid") != (paid_on is not None):
        raise Invalid("A paid invoice, and no other, says in paid_on when it was paid.")
    issued_on = _day(row, "issued_on")
    if issued_on is None:
        raise Invalid("issued_on is missing.")
    return {
        "issued_on": issued_on, "due_on": _day(row, "due_on") or issued_on + rules.PAYMENT_TERM, "status": status,
        "currency": rules.clean_currency(row.get("currency") or "USD"),
        "tax": rules.clean_tax(_number(row, "tax") or Decimal("0.00")), "total": _number(row, "total"),
        "paid_at": datetime.combine(paid_on, time(12), UTC) if paid_on else None,
        "period": (_day(row, "period_start"), _day(row, "period_end")),
    }  # fmt: skip


def _number(row: Mapping[str, str], name: str) -> Decimal | None:
    text = row.get(name, "")
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise Invalid(f"{name} is “{text[:40]}”, and not a number like 49.00.") from error
    if not number.is_finite() or abs(number) > rules.MAX_AMOUNT or number != round(number, 4):
        raise Invalid(f"{name} is “{text[:40]}”: too large, or with more than four decimals.")
    return number


def _day(row: Mapping[str, str], name: str) -> date | None:
    text = row.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(f"{name} is “{text[:40]}”, and not a day like 2025-01-31.") from error
