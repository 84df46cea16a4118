"""A tenant's region may change without its infrastructure: the residency rule is looked at again."""

from sqlalchemy import select

from core.customers.infrastructure import actions, queries
from core.customers.infrastructure.models import Infrastructure
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.events import Event, subscriber
from core.kernel.reads import read
from core.kernel.tasks import every
from core.kernel.times import utc_now


@subscriber("tenants.update", "tenants.update_many", "tenants.restore", name="infrastructure.judge_tenant")
def judge_tenant(actor: Actor, event: Event) -> None:
    """Since the event, by whom it was caused."""
    if event.tenant_id is None:
        return
    with read(actor) as rx:
        mine = [row.id for row in rx.rows(select(Infrastructure.id).where(Infrastructure.tenant_id == event.tenant_id))]
    if mine:
        actions.judge(actor, mine, told="the tenant was changed", by_name=event.actor_name, at=event.occurred_at)


@every("infrastructure.judge_all", seconds=3600)
def judge_all(actor: Actor) -> None:
    """What came by another way, such as a restored backup, is found within the hour; since when is then when it was found."""
    wrong = queries.unsettled(actor)
    if not wrong:
        return
    try:
        actions.judge(actor, wrong, told="found by the hourly check", by_name=actor.name, at=utc_now())
    except NotFound:
        return
