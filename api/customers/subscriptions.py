"""Subscriptions for machines: which plan a tenant has, what a change would cost, and changing it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Limit,
    Once,
    area,
    collection,
    entity,
    records,
)
from api.customers.subscription_forms import (
    Cancellation,
    Change,
    ConfirmedChange,
    Conversion,
    Discount,
    Extension,
    Ledger,
    Many,
    Outcomes,
    Plan,
    PreviewOut,
    Start,
    Status,
    SubscriptionOut,
    SubscriptionPage,
    SubscriptionRow,
)
from core.customers.subscriptions import actions, changing, many, queries
from core.customers.subscriptions.models import Subscription
from core.kernel.actor import Actor
from core.kernel.errors import NotFound

router = area("/superadmin/subscriptions", "subscriptions")
PATH = "/api/v1/superadmin/subscriptions"


def _version(actor: Actor, tenant_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(_one(actor, tenant_id)["version"]))


def _one(actor: Actor, tenant_id: UUID) -> dict[str, Any]:
    found = queries.one(actor, tenant_id)
    if found is None:
        raise NotFound(changing.NO_SUBSCRIPTION)
    return {name: found[name] for name in SubscriptionOut.model_fields}


def _shown(request: Request, row: Subscription) -> Response:
    return entity(request, SubscriptionOut.model_validate(row))


@router.get("", response_model=SubscriptionPage)
def list_subscriptions(
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    status: Annotated[Status | None, Query()] = None,
    plan_key: Annotated[Plan | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Subscriptions of the tenants in your scope, newest first."""
    page = queries.listing(actor, status=status, plan_key=plan_key, after=cursor, limit=limit)
    rows = [{name: row[name] for name in SubscriptionRow.model_fields} for row in page.rows]
    return collection(request, rows, page.next, fields=fields)


@router.post("/change-many", response_model=Outcomes)
def change_many_subscriptions(request: Request, actor: CurrentActor, given: Many) -> Response:
    """Changes the plan of many tenants: one that cannot be changed does not stop the others."""
    outcomes = many.change_many(actor, given.tenant_ids, plan_key=given.plan_key, when=given.when)
    return collection(request, [{"tenant_id": one.id, "problem": one.problem} for one in outcomes])


@router.get("/{tenant_id}", response_model=SubscriptionOut)
def get_subscription(request: Request, actor: CurrentActor, tenant_id: UUID) -> Response:
    """The subscription of a tenant, with its version as ETag."""
    return entity(request, _one(actor, tenant_id))


@router.get("/{tenant_id}/ledger", response_model=Ledger)
def get_ledger(request: Request, actor: CurrentActor, tenant_id: UUID) -> Response:
    """Every change of the tenant's recurring revenue, oldest first."""
    return collection(request, records(queries.ledger(actor, tenant_id)))


@router.post("/{tenant_id}", status_code=201, response_model=SubscriptionOut)
def start_subscription(request: Request, actor: CurrentActor, tenant_id: UUID, given: Start, once: Once) -> Response:
    """Starts the subscription of a tenant that has none, or whose was cancelled."""
    row = actions.start(actor, tenant_id, **given.model_dump(), once=once)
    return entity(request, SubscriptionOut.model_validate(row), status=201, location=f"{PATH}/{tenant_id}")


@router.post("/{tenant_id}/preview", response_model=PreviewOut)
def preview_change(request: Request, actor: CurrentActor, tenant_id: UUID, given: Change) -> Response:
    """What a change would do, to the cent, without doing it."""
    shown = queries.preview(actor, tenant_id, **given.model_dump())
    change = shown.change
    names = ("charge", "unused", "net", "due", "credit_after")
    told = {name: getattr(change, name) for name in names} | {"currency": change.after.currency}
    rest = {"on": shown.on, "mrr_before": shown.mrr_before, "mrr_after": shown.mrr_after, "version": shown.version}
    return entity(request, told | rest | {"lines": records(shown.lines)})


@router.patch("/{tenant_id}", response_model=SubscriptionOut)
def change_subscription(
    request: Request, actor: CurrentActor, tenant_id: UUID, given: ConfirmedChange, match: IfMatch
) -> Response:
    """Changes plan, interval or seats, with proration in the middle of a period. With If-Match, 412 when somebody was faster."""
    return _shown(
        request, actions.change_plan(actor, tenant_id, **given.model_dump(), version=_version(actor, tenant_id, match))
    )


@router.delete("/{tenant_id}/scheduled", response_model=SubscriptionOut)
def drop_scheduled_change(request: Request, actor: CurrentActor, tenant_id: UUID, match: IfMatch) -> Response:
    """Takes back what was scheduled for the end of the period."""
    return _shown(request, actions.drop_scheduled(actor, tenant_id, version=_version(actor, tenant_id, match)))


@router.post("/{tenant_id}/discount", response_model=SubscriptionOut)
def set_discount(request: Request, actor: CurrentActor, tenant_id: UUID, given: Discount, match: IfMatch) -> Response:
    """A discount from the next period on."""
    version = _version(actor, tenant_id, match)
    return _shown(request, actions.set_discount(actor, tenant_id, **given.model_dump(), version=version))


@router.post("/{tenant_id}/extend-trial", response_model=SubscriptionOut)
def extend_trial(request: Request, actor: CurrentActor, tenant_id: UUID, given: Extension, match: IfMatch) -> Response:
    """Moves the last day of a trial."""
    version = _version(actor, tenant_id, match)
    return _shown(request, actions.extend_trial(actor, tenant_id, **given.model_dump(), version=version))


@router.post("/{tenant_id}/convert", response_model=SubscriptionOut)
def convert_trial(
    request: Request, actor: CurrentActor, tenant_id: UUID, given: Conversion, match: IfMatch
) -> Response:
    """Makes a trial a subscription that is paid for, today or when it ends."""
    version = _version(actor, tenant_id, match)
    return _shown(request, actions.convert(actor, tenant_id, **given.model_dump(), version=version))


@router.post("/{tenant_id}/cancel", response_model=SubscriptionOut)
def cancel_subscription(
    request: Request, actor: CurrentActor, tenant_id: UUID, given: Cancellation, match: IfMatch
) -> Response:
    """Cancels at the end of the period, or now; what was paid is not given back."""
    version = _version(actor, tenant_id, match)
    return _shown(request, actions.cancel(actor, tenant_id, **given.model_dump(), version=version))


@router.post("/{tenant_id}/resume", response_model=SubscriptionOut)
def resume_subscription(request: Request, actor: CurrentActor, tenant_id: UUID, match: IfMatch) -> Response:
    """Takes a cancellation back."""
    return _shown(request, actions.resume(actor, tenant_id, version=_version(actor, tenant_id, match)))
