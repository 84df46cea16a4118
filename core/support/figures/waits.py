"""How long customers waited, ticket by ticket, in SQL: what averages, medians and distributions are computed from.

A first response counts in the time in which it was given, a resolution in the time in which it was reached. `wall` is from
the creation of the ticket on; `business` is what the ticket's clock counted: working hours of its terms, without pauses.
Both in seconds.
"""

from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd
from sqlalchemy import BigInteger, Double, Float, and_, cast, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from core.kernel.reads import AnySelect, Reading
from core.support.figures.filters import Filters
from core.support.sla.models import TicketClock
from core.support.tickets.models import Ticket

Measure = Literal["first_response", "resolution"]
Hours = Literal["wall", "business"]
MOMENTS: dict[str, Any] = {"first_response": Ticket.first_response_at, "resolution": Ticket.resolved_at}
HOURS: tuple[Hours, ...] = ("wall", "business")
_WHOLE = text("SET LOCAL enable_nestloop = off")
FLOATS: ARRAY[float] = ARRAY(Double())
_QUANTILES = (0.5, 0.9)


def waits(filters: Filters, measure: Measure, extra: Sequence[Any] = ()) -> AnySelect:
    """A row per ticket that was answered or solved in the period: wall, business (NULL without a clock), and `extra`."""
    moment = MOMENTS[measure]
    own = and_(
        TicketClock.ticket_id == Ticket.id, TicketClock.target == measure, TicketClock.state.in_(("met", "missed")),
        filters.period.holds(TicketClock.stopped_at),
    )  # fmt: skip
    wall = cast(func.extract("epoch", moment - Ticket.created_at), Double).label("wall")
    business = cast(TicketClock.elapsed_s, Double).label("business")
    found = select(wall, business, *extra).select_from(Ticket).outerjoin(TicketClock, own)
    return found.where(filters.period.holds(moment), *filters.conditions())


def read_whole(rx: Reading) -> None:
    """Lets this transaction join sets as wholes. Behind row policies the planner takes 1,000 tickets for seven, and would
    look up the clock of each, or even go through all clocks of the period for each."""
    rx.session.execute(_WHOLE)


def told(rows: Any) -> list[Any]:
    """The aggregates over such rows, to be made readable by `flat`."""
    found: list[Any] = [cast(func.count(), BigInteger).label("tickets")]
    for hours in HOURS:
        column = rows.c[hours]
        found.append(cast(func.avg(column), Float).label(f"{hours}_average_s"))
        quantiles = func.percentile_cont(cast(literal(list(_QUANTILES), FLOATS), FLOATS)).within_group(column)
        found.append(cast(quantiles, FLOATS).label(f"{hours}_quantiles"))
    return found


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """With `median_s` and `p90_s` of wall and business, in place of pairs; a value between two where its place is."""
    for hours in HOURS:
        pairs = frame.pop(f"{hours}_quantiles")
        for place, name in enumerate(("median_s", "p90_s")):
            values = [None if pair is None else pair[place] for pair in pairs]
            frame[f"{hours}_{name}"] = pd.array(values, dtype="Float64")
    return frame
