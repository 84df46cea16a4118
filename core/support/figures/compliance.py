"""How often targets were met: of the clocks that ended in a time, and the latest that went past their target."""

from uuid import UUID

import pandas as pd
from sqlalchemy import BigInteger, Boolean, cast, func, select

from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read
from core.kernel.times import utc_now
from core.support.figures.filters import Filters
from core.support.figures.waits import read_whole
from core.support.sla.models import TARGETS, TicketClock
from core.support.teams import people
from core.support.tickets.models import Ticket

MOST_BREACHES = 100


def rates(actor: Actor, filters: Filters) -> pd.DataFrame:
    """One row per target, in the order of TARGETS: target, met, missed, met_ratio and met_ratio_before. Raises Denied.

    Of clocks that stopped in the period, met by met and missed; NA where none stopped. Clocks that still run count nowhere.
    """
    require(actor, "tickets:read")
    with read(actor) as rx:
        if filters.is_narrowed:
            read_whole(rx)
        rows = rx.rows(_counts(filters))
    counts = {(row.target, row.is_before, row.state): int(row.clocks) for row in rows}
    told = []
    for target in TARGETS:
        met, missed = (counts.get((target, False, state), 0) for state in ("met", "missed"))
        before = [counts.get((target, True, state), 0) for state in ("met", "missed")]
        told.append((target, met, missed, ratio(met, missed), ratio(*before)))
    frame = pd.DataFrame(told, columns=["target", "met", "missed", "met_ratio", "met_ratio_before"])
    return frame.astype(
        {"target": "string", "met": "Int64", "missed": "Int64", "met_ratio": "Float64", "met_ratio_before": "Float64"}
    )


def ratio(met: int, missed: int) -> float | None:
    """None when nothing ended."""
    return met / (met + missed) if met + missed else None


def _counts(filters: Filters) -> AnySelect:
    period, before = filters.period, filters.period.before
    is_before = cast(TicketClock.stopped_at < period.since, Boolean).label("is_before")
    parts = (TicketClock.target, TicketClock.state, is_before)
    found = select(*parts, cast(func.count(), BigInteger).label("clocks")).where(
        TicketClock.target.in_(TARGETS), TicketClock.stopped_at >= before.since, TicketClock.stopped_at < period.until,
        TicketClock.state.in_(("met", "missed")),
    )  # fmt: skip
    if filters.is_narrowed:
        found = found.join(Ticket, Ticket.id == TicketClock.ticket_id).where(*filters.conditions())
    return found.group_by(*parts)


def latest_breaches(actor: Actor, *, limit: int = 10) -> pd.DataFrame:
    """One row per clock that went past its target, the latest first. Raises Denied.

    Columns: ticket_id, number, subject, tenant (NA without one in sight), priority, status, assignee (NA for nobody), target,
    breached_at, is_over (whether it was answered or solved since).
    """
    require(actor, "tickets:read")
    # The latest first, and then their tickets: else all that ever were late are joined before they are put in order.
    late = (
        select(TicketClock.ticket_id, TicketClock.target, TicketClock.breached_at, TicketClock.stopped_at)
        .where(TicketClock.breached_at <= utc_now())
        .order_by(TicketClock.breached_at.desc())
        .limit(min(limit, MOST_BREACHES))
        .subquery("late")
    )
    found = (
        select(
            Ticket.id.label("ticket_id"), Ticket.number, Ticket.subject, Tenant.name.label("tenant"), Ticket.priority,
            Ticket.status, Ticket.assignee_id, Ticket.assignee_label, late.c.target, late.c.breached_at,
            cast(late.c.stopped_at.is_not(None), Boolean).label("is_over"),
        )
        .join(late, late.c.ticket_id == Ticket.id)
        .outerjoin(Tenant, Tenant.id == Ticket.tenant_id)
        .order_by(late.c.breached_at.desc())
    )  # fmt: skip
    with read(actor) as rx:
        frame = rx.frame(found)
    names = {str(key): name for key, name in people.names(_ids(frame)).items()}
    assignee = frame.pop("assignee_id").map(names.get).astype("string").fillna(frame.pop("assignee_label"))
    frame.insert(6, "assignee", assignee)
    return frame


def _ids(frame: pd.DataFrame) -> list[UUID]:
    return [UUID(one) for one in frame["assignee_id"].dropna()]
