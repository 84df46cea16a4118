"""A larger plan that was approved because a quota is used up becomes the subscription's."""

from sqlalchemy import select

from core.customers.subscriptions import actions
from core.customers.subscriptions.models import Subscription
from core.kernel.actor import Actor
from core.kernel.events import Event, subscriber
from core.kernel.reads import read


@subscriber("quotas.approve_upgrade", name="subscriptions.upgrade_for_quota")
def upgrade_for_quota(actor: Actor, event: Event) -> None:
    """Changes the plan now, with the seats that the larger one includes; nothing when the plan was changed since.

    What cannot be changed (a cancelled subscription, say) stays as a failed event, for somebody to look at.
    """
    assert event.tenant_id is not None
    with read(actor) as rx:
        present = rx.value(select(Subscription.plan_key).where(Subscription.tenant_id == event.tenant_id))
    if present == event.payload["from_plan"] or present is None:
        actions.change_plan(actor, event.tenant_id, plan_key=event.payload["to_plan"])
