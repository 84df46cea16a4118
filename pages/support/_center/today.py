"""What was resolved today, in the viewer's zone."""

import pandas as pd

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.support.figures import backlog
from core.support.figures.filters import Period
from pages._parts.frame import zone
from pages.support._figures.period import Chosen


def resolved(actor: Actor, chosen: Chosen, days: pd.DataFrame) -> int:
    """Out of the days where they go up to now."""
    now = utc_now().astimezone(zone(actor))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if chosen.is_live and chosen.period.since <= midnight and days["day"].iloc[-1] == now.date():
        return int(days["resolved"].iloc[-1])
    return backlog.resolved_in(actor, Period(midnight.astimezone(chosen.period.since.tzinfo), utc_now()))
