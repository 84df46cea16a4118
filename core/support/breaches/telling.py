"""Who is told of levels: the assignee of all, the team's lead from 90 % on (of what is nobody's, of all), its manager of
breaches. A burst is one digest for each of them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Executable, Text, cast, func, literal, or_, select, union, update
from sqlalchemy.dialects.postgresql import insert

from core.access.operators.models import Operator
from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.reads import read
from core.kernel.tasks import enqueue_on
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.support.breaches.models import TicketDigest, TicketLevelAlert
from core.support.breaches.statements import BREACH
from core.support.sla.models import LEVELS
from core.support.teams.models import SupportTeam

LEAD_FROM = 90
MOST_ITEMS = 20
SEND = "support.send_digests"
LATE = timedelta(days=7)  # what nobody could be told of for so long is not news any more
_TOLD = ("ticket_id", "target", "level", "due_at", "assignee_id", "team_id")


def tell(actor: Actor, *, now: datetime | None = None) -> int:
    """Makes a digest for each recipient of what nobody was told of yet, and queues the sending. Returns how many digests.

    An alert is marked in the statement that makes its digests: a process that dies in between tells nothing, and the next
    one tells it.
    """
    alert = TicketLevelAlert
    with read(actor) as rx:
        if rx.value(select(alert.id).where(*_untold(now or utc_now())).limit(1)) is None:
            return 0
    with record(actor) as tx:
        made = len(tx.execute(_digests(now or utc_now())).all())
        if made:
            enqueue_on(db.driver(tx.session), SEND, key=SEND, request_id=actor.request_id, arguments={})
    return made


def _untold(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return TicketLevelAlert.told_at.is_(None), TicketLevelAlert.at > now - LATE


def _digests(now: datetime) -> Executable:
    alert, digest = TicketLevelAlert, TicketDigest
    untold = select(alert.id).where(*_untold(now)).with_for_update(skip_locked=True).cte("untold")
    told = (
        update(alert).where(alert.id.in_(select(untold.c.id))).values(told_at=now)
        .returning(*(getattr(alert, name) for name in _TOLD)).cte("told")
    )  # fmt: skip
    ranked = _ranked(_recipients(told))
    counts = func.jsonb_build_object(
        *(part for level in LEVELS for part in (str(level), func.count().filter(ranked.c.level == level)))
    )
    item = func.jsonb_build_object(
        *(part for name in ("ticket_id", "target", "level", "due_at") for part in (name, ranked.c[name]))
    )
    gravest = func.jsonb_agg(item).filter(ranked.c.place <= MOST_ITEMS)
    names = ["id", "operator_id", "kind", "at", "levels", "items", "outcome"]
    values = (ranked.c.operator_id, literal("levels"), literal(now), counts, gravest, literal("queued"))
    rows = select(func.gen_random_uuid(), *values).group_by(ranked.c.operator_id)
    return insert(digest).from_select(names, rows).returning(digest.id)


def _recipients(told: CTE) -> CTE:
    """A row per alert and recipient; who is several of these is told once. An account out of service gets no mail."""
    team, alert = SupportTeam, (told.c.ticket_id, told.c.target, told.c.level, told.c.due_at)
    of_team = told.join(team, team.id == told.c.team_id)
    leads = or_(told.c.level >= LEAD_FROM, told.c.assignee_id.is_(None))
    everybody = union(
        select(told.c.assignee_id.label("operator_id"), *alert).where(told.c.assignee_id.is_not(None)),
        select(team.lead_id, *alert).select_from(of_team).where(leads, team.lead_id.is_not(None)),
        select(team.manager_id, *alert).select_from(of_team).where(told.c.level == BREACH, team.manager_id.is_not(None)),
    ).subquery("everybody")  # fmt: skip
    served = Operator.disabled_at.is_(None)
    return select(*everybody.c).join(Operator, Operator.id == everybody.c.operator_id).where(served).cte("recipients")


def _ranked(recipients: CTE) -> Any:
    gravest_first = (recipients.c.level.desc(), recipients.c.due_at, cast(recipients.c.ticket_id, Text))
    place = func.row_number().over(partition_by=recipients.c.operator_id, order_by=gravest_first)
    return select(*recipients.c, place.label("place")).subquery("ranked")
