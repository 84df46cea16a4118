"""The look at all contracts: every minute since the last look is judged, in a number of statements that does not grow.

What a look does is done in steps of at most six hours in which no contract's terms and no contract's month change: so one
version of the terms holds for the whole step, and its statements need not tell minutes apart by them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.customers.contracts.terms import TERMS
from core.health.requests.models import TENANT_TOTAL_ROLLUP
from core.kernel.actor import Actor
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now
from core.reliability.sla import judging, periods, violating
from core.reliability.sla.maintaining import occurrences
from core.reliability.sla.models import SlaWatermark
from core.reliability.sla.spans import Open

MINUTE = timedelta(minutes=1)
BEHIND = timedelta(minutes=2)  # so late the last rows of a minute may be
AGAIN = timedelta(minutes=5)  # what was judged is judged again so long: rows came late
FURTHEST_BACK = timedelta(hours=24)  # for a monitor that took long to be sure since when it is down
FIRST = timedelta(days=7)  # as long as figures by the minute are kept
SETTLE = timedelta(seconds=10)
MARGIN = timedelta(seconds=30)  # between a row's id and its commit
LEAST_STEP, LONGEST_STEP, MOST_STEPS = 30, 360, 60  # minutes, minutes, steps of one look
MOST_MINUTES = 400_000  # of all contracts together in a step
TIMEOUT_MS = 60_000
SYSTEM = Actor.system("sla")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look did: minutes before `until` are judged. `is_behind`: there was more than a look takes on."""

    since: datetime
    until: datetime
    steps: int
    is_behind: bool


def evaluate(*, until: datetime | None = None, since: datetime | None = None) -> Looked:
    """Judges every minute up to `until` (two minutes ago), and with that brings violations and periods up to date.

    `since` is where to begin when nothing was judged before; else the last seven days are judged. Bears being called twice,
    also at the same time. Raises Unavailable.
    """
    end = _floor(until or utc_now() - BEHIND)
    with record(SYSTEM, timeout_ms=TIMEOUT_MS) as tx:
        held = _held(tx, _floor(since or end - FIRST))
    begin = place = _begin(held)
    for steps in range(MOST_STEPS):
        if place >= end:
            return Looked(begin, place, steps, is_behind=False)
        with record(SYSTEM, timeout_ms=TIMEOUT_MS) as tx:
            place = _step(tx, place, end, held.until)
    return Looked(begin, place, MOST_STEPS, is_behind=place < end)


def watermark(tx: Open) -> datetime | None:
    """Every minute before it was judged; None when none was."""
    found: datetime | None = tx.session.scalar(select(SlaWatermark.until))
    return found


def _floor(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


# A change of a monitor's state is stored when it is certain, with the time of the first sign of it. Ids tell when rows were
# made: their first 48 bits are milliseconds.
_ID_OF = "CAST(rpad(lpad(to_hex(CAST(extract(epoch FROM {0}) * 1000 AS bigint)), 12, '0'), 32, '0') AS uuid)"
_HELD = text(
    "SELECT m.until, m.known_until, m.since, (SELECT min(c.at) FROM monitor_change c WHERE c.at < m.until"
    f" AND c.id >= {_ID_OF.format('m.evaluated_at - CAST(:margin AS interval)')}"
    f" AND c.id < {_ID_OF.format('now() + CAST(:margin AS interval)')}) AS late FROM sla_watermark m WHERE m.id = 1"
)


def _held(tx: Recording, first: datetime) -> Any:
    """The watermark, made where there is none, and the earliest change of a monitor that was stored since the last look."""
    held = tx.session.execute(_HELD, {"margin": MARGIN}).first()
    if held is not None:
        return held
    new = insert(SlaWatermark).values(id=1, since=first, until=first, evaluated_at=utc_now())
    tx.execute(new.on_conflict_do_nothing())
    return tx.session.execute(_HELD, {"margin": MARGIN}).one()


def _begin(held: Any) -> datetime:
    """The last minutes are judged again; more of them where something came later than that."""
    earliest = min(one for one in (held.until - AGAIN, held.known_until, held.late) if one)
    return _floor(max(one for one in (earliest, held.until - FURTHEST_BACK, held.since) if one))


# The first moment after which other terms are in force or another month runs, for any contract; and how many are in force.
_CUT = text(f"""
WITH terms AS MATERIALIZED ({TERMS})
SELECT (SELECT min(c.at) FROM (
    SELECT valid_from AS at FROM terms UNION ALL SELECT valid_until FROM terms UNION ALL
    SELECT (date_trunc('month', :begin AT TIME ZONE z.time_zone) + interval '1 month') AT TIME ZONE z.time_zone
    FROM (SELECT DISTINCT time_zone FROM terms) AS z
) AS c WHERE c.at > :begin AND c.at < :end) AS cut,
(SELECT count(*) FROM terms WHERE valid_from <= :begin AND valid_until > :begin) AS contracts,
(SELECT moved_at FROM rollup_watermark WHERE rollup = :rollup) AS moved_at
""")


def _step(tx: Recording, begin: datetime, end: datetime, judged_until: datetime) -> datetime:
    """Judges from `begin` until what it returns."""
    tx.session.execute(judging.PLAN)
    one_at_a_time(tx)
    found: Any = tx.session.execute(_CUT, {"begin": begin, "end": end, "rollup": TENANT_TOTAL_ROLLUP.name}).one()
    length = min(max(MOST_MINUTES // max(found.contracts, 1), LEAST_STEP), LONGEST_STEP)
    finish: datetime = min(begin + length * MINUTE, end, found.cut or end)
    judging.judge(tx, begin, finish, occurrences(tx, begin, finish), judged=judged_until)
    judged = max(judged_until, finish)
    violating.look(tx, begin, finish, judged=judged)
    ends_hour = begin.replace(minute=0) != finish.replace(minute=0)
    periods.refresh(tx, begin, finish, judged=judged, with_quarters=ends_hour)
    _move(tx, finish, found.moved_at, is_whole=finish >= min(judged_until, end))
    return finish


def one_at_a_time(tx: Recording) -> None:
    """Two looks at the same time do the same one after the other."""
    tx.session.execute(select(SlaWatermark.until).with_for_update())


def _move(tx: Recording, finish: datetime, moved_at: datetime | None, *, is_whole: bool) -> None:
    """When all that was to be judged again is, what came late counts as seen."""
    known_until = min(finish, moved_at - SETTLE) if moved_at else None
    values: dict[str, Any] = {"until": func.greatest(SlaWatermark.until, finish), "known_until": known_until}
    if is_whole:
        values["evaluated_at"] = utc_now()
    tx.execute(update(SlaWatermark).where(SlaWatermark.id == 1).values(values))
