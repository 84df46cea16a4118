"""Invoices for machines: the system that bills sends them, and learns what was paid."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    PRODUCES,
    CurrentActor,
    Cursor,
    Day,
    Fields,
    IfMatch,
    Instant,
    Limit,
    Money,
    Once,
    Out,
    Search,
    Strict,
    area,
    collection,
    entity,
    records,
)
from core.customers.invoices import actions, document, importing, queries
from core.customers.invoices.actions import Draft
from core.kernel.actor import Actor

router = area("/superadmin/invoices", "invoices")
PATH = "/api/v1/superadmin/invoices"

Status = Literal["draft", "open", "paid", "void", "uncollectible"]


_LARGEST = Decimal("999999999999.99")
Amount = Annotated[Decimal, Field(ge=-_LARGEST, le=_LARGEST, decimal_places=2)]
Positive = Annotated[Decimal, Field(ge=0, le=_LARGEST, decimal_places=2)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["USD"])]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class InvoiceOut(Out):
    """An invoice. A draft has no number; a period ends the day before `period_end`."""

    id: UUID
    number: str | None
    external_id: str | None
    tenant_id: UUID
    subscription_id: UUID | None
    contract_id: UUID | None
    source: Literal["renewal", "change", "import", "api", "manual", "contract"]
    status: Status
    issued_on: date
    due_on: date
    paid_at: datetime | None
    currency: str
    subtotal: Money
    tax: Money
    total: Money
    period_start: date | None
    period_end: date | None
    created_at: datetime
    version: int


class InvoiceRow(InvoiceOut):
    tenant: str
    is_overdue: bool


class LineOut(Out):
    position: int
    description: str
    quantity: Money
    unit_price: Money
    amount: Money


class InvoiceWhole(InvoiceRow):
    lines: list[LineOut]


class InvoicePage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[InvoiceRow]
    next: str | None


class LineIn(Strict):
    """`amount` may be given to be checked: it must be quantity × unit price, to the cent."""

    description: Annotated[str, Field(min_length=1, max_length=500, examples=["Pro, monthly"])]
    unit_price: Annotated[Decimal, Field(ge=-_LARGEST, le=_LARGEST, decimal_places=4, examples=["199.00"])]
    quantity: Annotated[Decimal, Field(gt=0, le=10**9, decimal_places=4)] = Decimal(1)
    amount: Amount | None = None


class InvoiceIn(Strict):
    """`external_id` is your own name for it: what is sent twice is kept once. `total`, if given, is checked."""

    tenant_id: UUID
    external_id: Annotated[str, Field(min_length=1, max_length=200, examples=["INV-2027-17"])]
    issued_on: date
    due_on: date | None = None
    status: Literal["draft", "open", "paid"] = "open"
    paid_at: Instant | None = None
    currency: Currency = "USD"
    tax: Positive = Decimal("0.00")
    total: Positive | None = None
    period_start: date | None = None
    period_end: date | None = None
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=200)]


class Payment(Strict):
    """Without a time it was paid now."""

    paid_at: Instant | None = None


class Said(Strict):
    reason: Reason


class ImportIn(Strict):
    """`csv` is the file's text. With `dry_run` nothing is kept, and the answer says what would be."""

    csv: Annotated[str, Field(min_length=1, max_length=1_000_000)]
    dry_run: bool = False


class ImportRow(Out):
    """One invoice of the file; `known` is there already and stays as it is, `refused` has a problem."""

    rows: str
    external_id: str
    tenant: str
    total: Money | None
    currency: str | None
    outcome: Literal["new", "known", "refused"]
    problem: str | None


class ImportOut(Out):
    items: list[ImportRow]
    next: None


def _version(actor: Actor, invoice_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one(actor, invoice_id)["version"]))


@router.get("", response_model=InvoicePage)
def list_invoices(  # noqa: PLR0913  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    search: Annotated[Search, Query(description="Start of a number, an external id, or of a tenant.")] = "",
    status: Annotated[tuple[Status, ...], Query()] = (),
    tenant_id: UUID | None = None,
    overdue: bool = False,
    since: Annotated[Day | None, Query(description="Issued on this day or later.")] = None,
    until: Annotated[Day | None, Query(description="Issued on this day or earlier.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Invoices of the tenants in your scope, last issued first."""
    filters = queries.Filters(search, status, tenant_id, overdue, since, until)
    page = queries.listing(actor, filters, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.post("", status_code=201, response_model=InvoiceOut)
def create_invoice(request: Request, actor: CurrentActor, given: InvoiceIn, once: Once) -> Response:
    """Keeps an invoice. 201 when it is new, 200 when it was sent before, 409 when something else was sent under its id."""
    values: dict[str, Any] = given.model_dump(exclude={"period_start", "period_end"})
    draft = Draft(**values, period=(given.period_start, given.period_end), source="api")
    row, is_new = actions.create(actor, draft, once=once)
    told = InvoiceOut.model_validate(row)
    return entity(request, told, status=201 if is_new else 200, location=f"{PATH}/{row.id}")


@router.post("/import", response_model=ImportOut)
def import_invoices(request: Request, actor: CurrentActor, given: ImportIn) -> Response:
    """Reads a CSV file: those that are new and right are kept, the others are told row by row."""
    data = given.csv.encode()
    frame = importing.preview(actor, data) if given.dry_run else importing.import_many(actor, data)
    return collection(request, records(frame))


@router.get("/{invoice_id}", response_model=InvoiceWhole)
def get_invoice(request: Request, actor: CurrentActor, invoice_id: UUID) -> Response:
    """One invoice with its lines, and its version as ETag."""
    return entity(request, queries.one(actor, invoice_id))


@router.get("/{invoice_id}/pdf", response_class=Response, openapi_extra={PRODUCES: "application/pdf"})
def get_invoice_as_pdf(actor: CurrentActor, invoice_id: UUID) -> Response:
    """The invoice as a document to hand on; the audit keeps who took it."""
    return Response(document.take(actor, invoice_id)[1], media_type="application/pdf")


@router.post("/{invoice_id}/issue", response_model=InvoiceOut)
def issue_invoice(request: Request, actor: CurrentActor, invoice_id: UUID, match: IfMatch) -> Response:
    """Makes a draft an open invoice with a number."""
    row = actions.issue(actor, invoice_id, version=_version(actor, invoice_id, match))
    return entity(request, InvoiceOut.model_validate(row))


@router.post("/{invoice_id}/pay", response_model=InvoiceOut)
def pay_invoice(request: Request, actor: CurrentActor, invoice_id: UUID, given: Payment, match: IfMatch) -> Response:
    """Records a payment."""
    version = _version(actor, invoice_id, match)
    row = actions.mark_paid(actor, invoice_id, paid_at=given.paid_at, version=version)
    return entity(request, InvoiceOut.model_validate(row))


@router.post("/{invoice_id}/void", response_model=InvoiceOut)
def void_invoice(request: Request, actor: CurrentActor, invoice_id: UUID, given: Said, match: IfMatch) -> Response:
    """Takes an invoice back that was wrong; its number stays taken."""
    version = _version(actor, invoice_id, match)
    return entity(
        request, InvoiceOut.model_validate(actions.void(actor, invoice_id, reason=given.reason, version=version))
    )


@router.post("/{invoice_id}/write-off", response_model=InvoiceOut)
def write_off_invoice(request: Request, actor: CurrentActor, invoice_id: UUID, given: Said, match: IfMatch) -> Response:
    """Gives an open invoice up; it can still be paid."""
    version = _version(actor, invoice_id, match)
    row = actions.write_off(actor, invoice_id, reason=given.reason, version=version)
    return entity(request, InvoiceOut.model_validate(row))
