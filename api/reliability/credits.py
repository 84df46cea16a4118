"""Service credits and reports for machines: what months came to, with proof; approval, issue, and the customer's report."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Limit,
    Money,
    Out,
    Search,
    Strict,
    area,
    collection,
    documented,
    entity,
)
from core.kernel.actor import Actor
from core.reliability.sla import credit_actions, credit_queries, crediting, report_making

router = area("/superadmin/sla", "sla")

Status = Literal["draft", "approved", "issued", "void", "none"]
_MONTH = r"^(19|20|21)\d{2}-(0[1-9]|1[0-2])$"
Reason = Annotated[str, Field(min_length=1, max_length=credit_actions.MAX_REASON)]
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {mime: {} for mime in report_making.MIME.values()}, "description": "The report."}
}


class CreditOut(Out):
    """What a contract's month came to. `month` is its first day in the contract's zone; sequence 0 is the month's own credit,
    later ones are adjustments of it. With the status none nothing is owed. `uptime` is in percent, rounded down."""

    id: UUID
    number: str | None
    contract_id: UUID
    tenant_id: UUID
    month: date
    sequence: int
    status: Status
    currency: str
    fee: Money
    uptime: Money | None
    percent: Money
    cap_amount: Money
    amount: Money
    formula: str
    computed_at: datetime
    computed_by: UUID | None
    computed_by_name: str
    approved_at: datetime | None
    approved_by_name: str | None
    issued_at: datetime | None
    issued_by_name: str | None
    void_reason: str | None
    invoice_id: UUID | None
    version: int


class CreditRow(CreditOut):
    tenant: str


class CreditWhole(CreditRow):
    """`proof` holds every figure that the amount came from, and the rows behind them; `invoice` is that one's number."""

    proof: dict[str, Any]
    invoice: str | None


class CreditPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[CreditRow]
    next: str | None


class ComputeIn(Strict):
    """Without `contract_ids`, every contract that was in force in the month."""

    month: Annotated[str, Field(pattern=_MONTH, examples=["2026-10"])]
    contract_ids: Annotated[list[UUID], Field(min_length=1, max_length=1_000)] | None = None


class ComputedOut(Out):
    """In contracts. `waiting` were not computed, because not every minute of their month was judged yet."""

    contracts: int
    drafted: int
    changed: int
    adjusted: int
    unowed: int
    waiting: int


class Said(Strict):
    reason: Reason


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _version(actor: Actor, credit_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(credit_queries.one(actor, credit_id)["version"]))


@router.get("/credits", response_model=CreditPage)
def list_sla_credits(  # noqa: PLR0913  (the filters)
    request: Request, actor: CurrentActor, fields: Fields,
    *,
    search: Annotated[Search, Query(description="Start of a number or of a tenant, or an id.")] = "",
    month: Annotated[str | None, Query(pattern=_MONTH)] = None,
    status: Annotated[tuple[Status, ...], Query()] = (),
    tenant_id: UUID | None = None,
    contract_id: UUID | None = None,
    with_unowed: Annotated[bool, Query(description="With months in which nothing is owed.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:  # fmt: skip
    """Credits of the tenants in your scope, the latest month first."""
    first_day = _first_day(month) if month else None
    filters = credit_queries.Filters(search, first_day, status, tenant_id, contract_id, with_unowed)
    page = credit_queries.listing(actor, filters, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.post("/credits/compute", response_model=ComputedOut)
def compute_sla_credits(request: Request, actor: CurrentActor, given: ComputeIn) -> Response:
    """Computes a month's credits, or computes them again: drafts follow, what was decided is corrected by an adjustment."""
    computed = crediting.compute(actor, month=_first_day(given.month), contract_ids=given.contract_ids)
    return entity(request, ComputedOut.model_validate(computed))


@router.get("/credits/{credit_id}", response_model=CreditWhole)
def get_sla_credit(request: Request, actor: CurrentActor, credit_id: UUID) -> Response:
    """One credit with its proof, and its version as ETag."""
    return entity(request, credit_queries.one(actor, credit_id))


@router.post("/credits/{credit_id}/approve", response_model=CreditOut)
def approve_sla_credit(request: Request, actor: CurrentActor, credit_id: UUID, match: IfMatch) -> Response:
    """Approves a draft that somebody else, or the clock, computed."""
    row = credit_actions.approve(actor, credit_id, version=_version(actor, credit_id, match))
    return entity(request, CreditOut.model_validate(row))


@router.post("/credits/{credit_id}/withdraw", response_model=CreditOut)
def withdraw_sla_credit(request: Request, actor: CurrentActor, credit_id: UUID, match: IfMatch) -> Response:
    """Takes an approval back before the credit is issued."""
    row = credit_actions.withdraw(actor, credit_id, version=_version(actor, credit_id, match))
    return entity(request, CreditOut.model_validate(row))


@router.post("/credits/{credit_id}/issue", response_model=CreditOut)
def issue_sla_credit(request: Request, actor: CurrentActor, credit_id: UUID, match: IfMatch) -> Response:
    """Gives an approved credit its number; the contract's next invoice takes it off."""
    row = credit_actions.issue(actor, credit_id, version=_version(actor, credit_id, match))
    return entity(request, CreditOut.model_validate(row))


@router.post("/credits/{credit_id}/void", response_model=CreditOut)
def void_sla_credit(
    request: Request, actor: CurrentActor, credit_id: UUID, given: Said, match: IfMatch
) -> Response:  # fmt: skip
    """Gives up a credit that was not issued, for good."""
    version = _version(actor, credit_id, match)
    row = credit_actions.void(actor, credit_id, reason=given.reason, version=version)
    return entity(request, CreditOut.model_validate(row))


@router.get("/reports/{contract_id}", response_class=Response, responses=_FILES | documented(404, 422))
def get_sla_report(
    actor: CurrentActor,
    contract_id: UUID,
    *,
    month: Annotated[str, Query(pattern=_MONTH, examples=["2026-10"])],
    format: Literal["pdf", "xlsx"] = "pdf",
) -> Response:
    """The report of a contract's month with charts, as PDF or Excel workbook. It takes exports:create; the audit keeps it."""
    made = report_making.create(actor, contract_id, _first_day(month), format)
    return Response(made.content, 200, {"Content-Disposition": f'attachment; filename="{made.name}"'}, made.mime)
