"""Growth for machines: recurring revenue as of any month's end; the same queries as the page."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import CurrentActor, Cursor, Limit, Out, area, collection, entity, records
from core.customers.growth import breakdowns, cohorts, months, movements, queries
from core.customers.growth.filters import Filters
from core.kernel.actor import Actor
from core.kernel.times import utc_now

router = area("/superadmin/growth", "growth")

NAME = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
MonthName = Annotated[
    str, Query(pattern=NAME, examples=["2026-10"], description="A month in UTC; the present one up to now.")
]
AsOf = Annotated[str | None, Query(pattern=NAME, description="The last month that counts; by default the present one.")]
Currency = Annotated[
    str | None,
    Query(pattern=r"^[A-Z]{3}$", description="Amounts of others are left out; by default the most used one."),
]
Regions = Annotated[
    tuple[Literal["US", "EU", "APAC"], ...], Query(description="Regions that tenants have today; none: all.")
]
Count = Annotated[int, Query(ge=1, le=queries.MOST_MONTHS, description="How many months, up to and with as_of.")]
Plan = Literal["free", "basic", "pro", "enterprise"]


class MonthOut(Out):
    """Amounts are MRR; opening and movements (signed) add up to closing. Ratios are null where nothing was paid at first."""

    name: str
    opening: float
    new: float
    reactivation: float
    expansion: float
    contraction: float
    churn: float
    closing: float
    arr: float
    tenants_opening: int
    tenants_new: int
    tenants_reactivation: int
    tenants_expansion: int
    tenants_contraction: int
    tenants_churn: int
    tenants_closing: int
    tenants_lost: int
    arpa: float | None
    churn_ratio: float | None
    net_ratio: float | None
    gross_ratio: float | None
    net_ratio_12: float | None
    gross_ratio_12: float | None


class GrowthOut(Out):
    """Months from the oldest to `as_of`. With a scope other than `all` they count the tenants in your sight alone."""

    as_of: str
    currency: str
    scope: Literal["all", "assigned", "tenant"]
    months: list[MonthOut]


class CohortAge(Out):
    """`tenants` and `mrr` at the end of the month of this `age`; ratios are of what the cohort began with."""

    cohort: str
    age: int
    size: int
    started: float
    tenants: int
    mrr: float
    tenants_ratio: float
    mrr_ratio: float


class CohortsOut(Out):
    as_of: str
    currency: str
    cohorts: list[CohortAge]


class PartOut(Out):
    month: str
    part: str
    mrr: float
    tenants: int


class PartsOut(Out):
    as_of: str
    currency: str
    parts: list[PartOut]


class MovementOut(Out):
    """One row of the ledger. The tenant's name is null where it is not in sight."""

    id: int
    tenant_id: UUID
    tenant: str | None
    at: datetime
    kind: movements.Kind
    amount: float
    mrr_before: float
    mrr_after: float
    currency: str
    plan_before: Plan | None
    plan_after: Plan
    cause: str


class MovementPage(Out):
    items: list[MovementOut]
    next: str | None


def _filters(actor: Actor, as_of: str | None, currency: str | None, regions: tuple[str, ...]) -> Filters:
    """What is not said is the present month, and the currency that most tenants paid in."""
    if currency is None:
        known = queries.extents(actor)
        currency = known[0].currency if known else "USD"
    return Filters(months.parse(as_of) if as_of else months.number_of(utc_now()), currency, regions)


def _about(filters: Filters) -> dict[str, str]:
    return {"as_of": months.name_of(filters.as_of), "currency": filters.currency}


@router.get("", response_model=GrowthOut)
def get_growth(
    request: Request, actor: CurrentActor, as_of: AsOf = None, currency: Currency = None, region: Regions = (),
    count: Count = 24,
) -> Response:  # fmt: skip
    """MRR, ARR, movements, customers and retention, month by month."""
    filters = _filters(actor, as_of, currency, region)
    course = queries.course(actor, filters, count=count).drop(columns="month")
    return entity(request, _about(filters) | {"scope": actor.scope, "months": records(course)})


@router.get("/cohorts", response_model=CohortsOut)
def get_cohorts(
    request: Request, actor: CurrentActor, as_of: AsOf = None, currency: Currency = None, region: Regions = (),
    count: Count = 24,
) -> Response:  # fmt: skip
    """What is left of the tenants that began to pay in each month, month after month."""
    filters = _filters(actor, as_of, currency, region)
    frame = cohorts.cohorts(actor, filters, count=count)
    named = frame.assign(cohort=[months.name_of(int(cohort)) for cohort in frame["cohort"]])
    return entity(request, _about(filters) | {"cohorts": records(named)})


@router.get("/breakdown", response_model=PartsOut)
def get_growth_breakdown(
    request: Request, actor: CurrentActor, by: breakdowns.By = "plan", as_of: AsOf = None, currency: Currency = None,
    region: Regions = (), count: Count = 24,
) -> Response:  # fmt: skip
    """MRR and paying tenants at each month's end by plan, or by the region that tenants have today."""
    filters = _filters(actor, as_of, currency, region)
    frame = breakdowns.by(actor, filters, by, count=count)
    named = frame.assign(month=[months.name_of(int(month)) for month in frame["month"]])
    return entity(request, _about(filters) | {"parts": records(named)})


@router.get("/movements", response_model=MovementPage)
def list_movements(
    request: Request, actor: CurrentActor, month: MonthName, kind: movements.Kind | None = None, currency: Currency = None,
    region: Regions = (), cursor: Cursor = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """The rows of the ledger of one month, the latest first: the tenants behind its movements."""
    filters = _filters(actor, month, currency, region)
    page = movements.listing(actor, filters, filters.as_of, kind or "", after=cursor, limit=limit)
    return collection(request, page.rows, page.next)
