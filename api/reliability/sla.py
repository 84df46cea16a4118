"""SLA for machines: what contracts promise against what was measured; the same queries as the pages."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import CurrentActor, Cursor, Day, Fields, Instant, Limit, Search, area, collection, entity, records
from api.reliability.sla_forms import (
    BudgetList,
    BudgetOut,
    CustomerOut,
    CustomerPage,
    ExclusionOut,
    Impact,
    Metric,
    PeriodPage,
    Sort,
    Standing,
    State,
    ViolationOut,
    ViolationPage,
    ViolationWhole,
)
from core.reliability.sla import asked, budget, metrics, overview, violations

router = area("/superadmin/sla", "sla")
_CUSTOMER, _VIOLATION = tuple(CustomerOut.model_fields), tuple(ViolationOut.model_fields)
_EXCLUSION, _BUDGET = tuple(ExclusionOut.model_fields), tuple(BudgetOut.model_fields)


def _row(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names}


@router.get("/customers", response_model=CustomerPage)
def list_sla_customers(  # noqa: PLR0913  (the filters)
    request: Request, actor: CurrentActor, fields: Fields,
    *,
    search: Annotated[Search, Query(description="The beginning of a tenant's name or domain, or an id.")] = "",
    state: Annotated[tuple[State, ...], Query()] = (),
    tenant_id: UUID | None = None,
    with_ended: Annotated[bool, Query(description="With contracts that are no longer measured.")] = False,
    sort: Sort = "margin",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:  # fmt: skip
    """Every measured contract in your scope, by default the one nearest to a breach first."""
    filters = overview.Filters(search, state, tenant_id, with_ended=with_ended)
    page = overview.listing(actor, filters, sort=sort, after=cursor, limit=limit)
    return collection(request, [_row(row, _CUSTOMER) for row in page.rows], page.next, fields=fields)


@router.get("/metrics", response_model=PeriodPage)
def list_sla_metrics(  # noqa: PLR0913  (the filters)
    request: Request, actor: CurrentActor, fields: Fields,
    *,
    grain: metrics.Grain = "day",
    contract_id: UUID | None = None,
    tenant_id: UUID | None = None,
    since: Annotated[Instant | None, Query(description="Periods that begin then or later.")] = None,
    until: Annotated[Instant | None, Query(description="Periods that begin before.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:  # fmt: skip
    """Hours, days, months or quarters as they were measured, the latest first."""
    page = metrics.listing(
        actor, metrics.Filters(grain, contract_id, tenant_id, since, until), after=cursor, limit=limit
    )
    return collection(request, page.rows, page.next, fields=fields)


@router.get("/violations", response_model=ViolationPage)
def list_sla_violations(  # noqa: PLR0913  (the filters)
    request: Request, actor: CurrentActor, fields: Fields,
    *,
    metric: Annotated[tuple[Metric, ...], Query()] = (),
    impact: Annotated[tuple[Impact, ...], Query()] = (),
    state: Annotated[tuple[Literal["open", "ended"], ...], Query()] = (),
    standing: Annotated[tuple[Standing, ...], Query()] = (),
    tenant_id: UUID | None = None,
    contract_id: UUID | None = None,
    since: Annotated[Instant | None, Query(description="Those that began then or later, or last still.")] = None,
    until: Annotated[Instant | None, Query(description="Those that began before.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:  # fmt: skip
    """What fell short of contracts, the latest first."""
    filters = violations.Filters(
        "", metric, impact, state, standing, tenant_id=tenant_id, contract_id=contract_id, since=since, until=until
    )
    page = violations.listing(actor, filters, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.get("/violations/{violation_id}", response_model=ViolationWhole)
def get_sla_violation(request: Request, actor: CurrentActor, violation_id: UUID) -> Response:
    """One violation with what was asked and decided about it."""
    row = violations.one(actor, violation_id)
    said = [_row(one, _EXCLUSION) for one in records(asked.exclusions(actor, violation_id=violation_id))]
    return entity(request, row | {"exclusions": said})


@router.get("/budgets", response_model=BudgetList)
def list_sla_budgets(
    request: Request, actor: CurrentActor, fields: Fields,
    *,
    contract_id: Annotated[tuple[UUID, ...], Query(max_length=200, description="Only these; none: all.")] = (),
    month: Annotated[Day | None, Query(description="Any day of the month; by default the present one.")] = None,
) -> Response:  # fmt: skip
    """The error budget of every contract that promises an uptime in that month."""
    found = budget.budgets(actor, contract_ids=list(contract_id) or None, month=month and month.replace(day=1))
    return collection(request, [_row(one, _BUDGET) for one in records(found)], fields=fields)
