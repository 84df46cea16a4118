"""The day's work on subscriptions; every hour, so that a day that was missed is made up soon."""

from core.customers.subscriptions import renewals, upgrades
from core.kernel.actor import Actor
from core.kernel.tasks import every, task
from core.kernel.times import utc_now

__all__ = ["upgrades"]


@every("subscriptions.renew", cron="5 * * * *")
@task("subscriptions.renew", retry=3)
def renew(actor: Actor) -> None:
    """Ends trials, makes scheduled changes, renews periods, and says who is past due."""
    today = utc_now().date()
    renewals.renew(actor, today=today)
    renewals.mark_past_due(actor, today=today)
