"""Demo figures: counted from the other demo data, now and for the days before."""

from datetime import datetime, timedelta

from core.customers.summaries.recomputing import recompute, recount_days
from core.kernel.actor import Actor

DAYS = 21


def seed(actor: Actor, now: datetime) -> None:
    """What the directory would show had it counted every day."""
    recount_days(actor, (now - timedelta(days=back) for back in range(DAYS, 0, -1)))
    recompute(actor, now=now)
