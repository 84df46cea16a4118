"""How long rows are kept, as data; partitions made ahead of time and dropped behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from core.kernel.actor import Actor
from core.kernel.logs import get_logger
from core.kernel.partitions import Every
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now

AHEAD = {"day": timedelta(days=3), "month": timedelta(days=40)}
log = get_logger()
_MISSING = text(
    "SELECT bool_or(to_regclass(:table || '_' || to_char(day, CASE :every WHEN 'day' THEN 'YYYYMMDD' ELSE 'YYYYMM' END))"
    " IS NULL) FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS day"
)


@dataclass(frozen=True, slots=True)
class Retention:
    """Rows of a table partitioned by day or month are kept for `keep` after their partition's end."""

    table: str
    every: Every
    keep: timedelta


_policies: dict[str, Retention] = {}


def keep(table: str, every: Every, days: int) -> None:
    """Declares how long the partitions of a table are kept; `apply` sees to it."""
    _policies[table] = Retention(table, every, timedelta(days=days))


def policies() -> list[Retention]:
    """All that have been imported (core/tasks.py imports every slice)."""
    return list(_policies.values())


def make_ready(tx: Recording, table: str, every: Every | None, first: datetime, last: datetime) -> None:
    """Makes the partitions from `first` to `last` where they are missing; without a lock when none is."""
    if every is None:
        return
    values = {"table": table, "every": every, "first": first.date(), "last": last.date()}
    if tx.session.scalar(_MISSING, values):
        tx.session.execute(select(func.qd_ensure_partitions(table, every, first.date(), last.date())))


def apply(some: Iterable[Retention] | None = None, *, now: datetime | None = None) -> int:
    """Makes partitions ahead and drops those that are past their time. Returns how many were dropped."""
    moment, dropped = now or utc_now(), 0
    for policy in policies() if some is None else some:
        with record(Actor.system("retention")) as tx:
            ahead = (moment.date(), (moment + AHEAD[policy.every]).date())
            tx.session.execute(select(func.qd_ensure_partitions(policy.table, policy.every, *ahead)))
            before = (moment - policy.keep).date()
            dropped += tx.session.scalar(select(func.qd_drop_partitions(policy.table, policy.every, before))) or 0
    log.info("retention applied", dropped=dropped)
    return dropped
