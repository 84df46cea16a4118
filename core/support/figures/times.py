"""First response and resolution on the whole: averages and medians, beside those of the time before."""

import pandas as pd
from sqlalchemy import literal, select, union_all

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read
from core.support.figures.filters import Filters
from core.support.figures.waits import MOMENTS, Measure, flat, read_whole, told, waits


def overview(actor: Actor, filters: Filters) -> pd.DataFrame:
    """Two rows per measure, of the period and of the one before it, and none where nothing ended. Raises Denied.

    Columns: measure, is_before, tickets, and of wall and business each average_s, median_s and p90_s (NA when unknown).
    """
    require(actor, "tickets:read")
    times = ((False, filters), (True, filters.before))
    both = union_all(*(_summed(one, measure, is_before) for is_before, one in times for measure in MOMENTS)).subquery(
        "figures"
    )
    with read(actor) as rx:
        read_whole(rx)
        frame = flat(rx.frame(select(*both.c)))
    return frame[frame["tickets"] > 0].reset_index(drop=True)


def _summed(filters: Filters, measure: str, is_before: bool) -> AnySelect:
    of: Measure = "first_response" if measure == "first_response" else "resolution"
    rows = waits(filters, of).subquery(f"waits_{measure}_{is_before:d}")
    return select(literal(measure).label("measure"), literal(is_before).label("is_before"), *told(rows))


def figure(frame: pd.DataFrame, measure: Measure, name: str, *, is_before: bool = False) -> float | None:
    """One figure of an overview in its own unit; None when it is unknown."""
    row = frame[(frame["measure"] == measure) & (frame["is_before"] == is_before)]
    return None if row.empty or pd.isna(row[name].iloc[0]) else float(row[name].iloc[0])
