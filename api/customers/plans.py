"""Plans for machines: what is sold, and changing it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field

from api.conventions import CurrentActor, Fields, IfMatch, Money, Out, Strict, area, collection, entity, records
from core.customers.plans import actions, queries, rules

router = area("/superadmin/plans", "plans")

Key = Literal["free", "basic", "pro", "enterprise"]
Price = Annotated[Decimal, Field(ge=0, le=rules.MAX_PRICE, decimal_places=2, examples=["49.00"])]
Figure = Annotated[int, Field(strict=True, ge=0, le=rules.MAX_FIGURE)]
Resource = Literal["users", "storage_bytes", "api_calls", "messages", "ai_spend"]
Policy = Literal["notify", "throttle", "block", "auto_upgrade"]
Reason = Annotated[str, Field(min_length=1, max_length=500, examples=["Price list of 2027"])]


class PlanOut(Out):
    """A plan. A seat price is for each seat beyond `seats`; a limit of null is unlimited."""

    key: Key
    name: str
    position: int
    price_monthly: Money
    price_yearly: Money
    seat_price_monthly: Money
    seat_price_yearly: Money
    currency: str
    seats: int
    trial_days: int
    limits: dict[str, int | None]
    quota_policy: dict[str, Policy]
    settings: dict[str, Any]
    is_public: bool
    updated_at: datetime
    version: int


class PlanRow(PlanOut):
    """A plan with how many have it (null without subscriptions:read); `outdated` are those with other prices than today's."""

    subscriptions: int | None
    trials: int | None
    outdated: int | None


class PlanPage(Out):
    items: list[PlanRow]
    next: None


class PlanChange(Strict):
    """Only what is given is changed; `limits`, `quota_policy` and `settings` replace the whole."""

    reason: Reason
    name: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    price_monthly: Price | None = None
    price_yearly: Price | None = None
    seat_price_monthly: Price | None = None
    seat_price_yearly: Price | None = None
    seats: Annotated[int, Field(strict=True, ge=1, le=rules.MAX_SEATS)] | None = None
    trial_days: Annotated[int, Field(strict=True, ge=0, le=365)] | None = None
    limits: dict[Resource, Figure | None] | None = None
    quota_policy: dict[Resource, Policy] | None = None
    settings: dict[str, Any] | None = None
    is_public: bool | None = None


@router.get("", response_model=PlanPage)
def list_plans(request: Request, actor: CurrentActor, fields: Fields) -> Response:
    """Every plan, in the order they are sold in."""
    return collection(request, records(queries.listing(actor)), fields=fields)


@router.get("/{key}", response_model=PlanOut)
def get_plan(request: Request, actor: CurrentActor, key: Key) -> Response:
    """One plan, with its version as ETag."""
    return entity(request, queries.one(actor, key))


@router.patch("/{key}", response_model=PlanOut)
def change_plan_itself(request: Request, actor: CurrentActor, key: Key, given: PlanChange, match: IfMatch) -> Response:
    """Changes a plan. Running subscriptions keep their prices. With If-Match, 412 when somebody was faster."""
    known = match.against(lambda: int(queries.one(actor, key)["version"])) or int(queries.one(actor, key)["version"])
    values = given.model_dump(exclude_unset=True, exclude={"reason"})
    plan = actions.update(actor, key, version=known, reason=given.reason, **_given(values))
    return entity(request, PlanOut.model_validate(plan))


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
