"""Error budgets: how many minutes of a month a contract may be down, how many are used up, how fast, and until when it lasts.

The budget is the share of the month that the target leaves: of the contract's minutes of the month that count, so maintenance,
unobserved and excluded ones shrink it. Burn rates after core/health/alerts/burn_rate: 1 uses the budget up at the month's end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Date, DateTime, Float, Integer, Uuid, column, text

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import Reading, as_frame, read
from core.kernel.times import utc_now
from core.reliability.sla.spans import counted_sql

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RATES = {"burn_rate_1h": HOUR, "burn_rate_6h": 6 * HOUR, "burn_rate_1d": DAY, "burn_rate_3d": 3 * DAY}


def allowed_minutes(minutes: float, target: float) -> float:
    """Of so many minutes, those that may be bad; `target` in percent."""
    return minutes * (100 - target) / 100


def burn_rate(bad: float, observed: float, target: float) -> float | None:
    """How many times faster than it may the budget burns; None when nothing was observed, infinite without a budget."""
    if not observed:
        return None
    share = allowed_minutes(1, target)
    if not share:
        return float("inf") if bad else 0.0
    return bad / observed / share


def exhausted_at(
    remaining: float, rate: float | None, target: float, now: datetime, ends_at: datetime
) -> datetime | None:
    """When the budget is used up if it goes on burning like this; None when it lasts until `ends_at`, or nobody knows."""
    if remaining <= 0:
        return now
    if not rate:
        return None
    minutes = remaining / (rate * allowed_minutes(1, target))
    left = (ends_at - now).total_seconds() / 60
    return now + timedelta(minutes=minutes) if minutes <= left else None


# The month that runs, or the one that was asked for: its begin is a midnight somewhere between UTC-12 and UTC+14.
_MONTHS = """
until AS MATERIALIZED (SELECT coalesce((SELECT until FROM sla_watermark), CAST(:now AS timestamptz)) AS until),
months AS MATERIALIZED (
    SELECT DISTINCT ON (p.contract_id) p.contract_id, p.tenant_id, p.bucket, p.uptime_target AS target, p.observed_minutes,
           p.bad_minutes, coalesce(p.ends_at, p.bucket + interval '1 month') AS ends_at,
           least(u.until, coalesce(p.ends_at, p.bucket + interval '1 month')) AS judged
    FROM sla_period p CROSS JOIN until u
    WHERE p.grain = 'month' AND p.uptime_target IS NOT NULL AND p.bucket >= :first AND p.bucket <= :last
      AND (NOT :runs OR coalesce(p.ends_at, p.bucket + interval '1 month') > :now)
      AND (CAST(:ids AS uuid[]) IS NULL OR p.contract_id = ANY (CAST(:ids AS uuid[])))
    ORDER BY p.contract_id, p.bucket DESC
)"""
_BUDGETS = f"""
WITH {_MONTHS},
windows AS MATERIALIZED (
    SELECT m.contract_id, m.judged - r.length AS starts_at, m.judged AS ends_at, r.name
    FROM months m CROSS JOIN unnest(CAST(:names AS text[]), CAST(:lengths AS interval[])) AS r (name, length)
),
rates AS (
    SELECT c.contract_id, w.name, c.bad, c.observed FROM ({counted_sql("windows")}) AS c
    JOIN windows w ON w.contract_id = c.contract_id AND w.starts_at = c.starts_at
)
SELECT m.contract_id, m.tenant_id,
       CAST(date_trunc('month', m.bucket + interval '14 hours', 'UTC') AT TIME ZONE 'UTC' AS date) AS month, m.target,
       m.observed_minutes, m.bad_minutes, m.judged, m.ends_at,
       m.observed_minutes + extract(epoch FROM m.ends_at - m.judged) / 60 AS minutes, r.name, r.bad, r.observed
FROM months m JOIN rates r ON r.contract_id = m.contract_id ORDER BY m.contract_id, r.name
"""
_FRAME = text("SELECT").columns(
    column("contract_id", Uuid()), column("tenant_id", Uuid()), column("month", Date()), column("target", Float()),
    column("observed_minutes", Integer()), column("bad_minutes", Integer()), column("budget_minutes", Float()),
    column("consumed_ratio", Float()), column("remaining_minutes", Float()),
    *(column(name, Float()) for name in RATES), column("exhausted_at", DateTime(timezone=True)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which months' begins count; with `runs` only months that run at `now`."""

    first: datetime
    last: datetime
    runs: bool


def budgets(
    actor: Actor, *, contract_ids: Sequence[UUID] | None = None, month: date | None = None, now: datetime | None = None
) -> pd.DataFrame:
    """One row per contract that promised an uptime in the month (the one that runs), as far as it was measured.

    Columns: contract_id, tenant_id, month, target (percent), observed_minutes, bad_minutes, budget_minutes (of the whole
    month), consumed_ratio (NA without a budget), remaining_minutes, burn_rate_1h to burn_rate_3d (NA where nothing was
    observed), exhausted_at (UTC; NA while it lasts beyond the month, the last minute that was judged when it is used up).
    """
    require(actor, "sla:read")
    with read(actor) as rx:
        rows = _rows(rx, contract_ids, _asked(month, now or utc_now()), now or utc_now())
    return as_frame(_FRAME, [_budget(some) for some in _by_contract(rows)])  # type: ignore[arg-type,misc]


def _asked(month: date | None, now: datetime) -> _Asked:
    if month is None:
        return _Asked(now - timedelta(days=32), now, runs=True)
    first = datetime(month.year, month.month, 1, tzinfo=now.tzinfo)
    return _Asked(first - timedelta(hours=14), first + timedelta(hours=12), runs=False)


def _rows(rx: Reading, ids: Sequence[UUID] | None, asked: _Asked, now: datetime) -> list[Any]:
    values = {
        "ids": list(ids) if ids is not None else None, "first": asked.first, "last": asked.last, "runs": asked.runs, "now": now,
        "names": list(RATES), "lengths": list(RATES.values()),
    }  # fmt: skip
    rx.session.execute(text("SELECT set_config('enable_nestloop', 'off', true)"))
    return list(rx.session.execute(text(_BUDGETS), values).all())


def _by_contract(rows: Sequence[Any]) -> list[list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.contract_id, []).append(row)
    return list(found.values())


def _budget(rows: Sequence[Any]) -> tuple[Any, ...]:
    one = rows[0]
    rates = {row.name: burn_rate(row.bad, row.observed, one.target) for row in rows}
    budget = allowed_minutes(float(one.minutes), one.target)
    remaining = budget - one.bad_minutes
    gone = (
        exhausted_at(remaining, rates["burn_rate_1d"], one.target, one.judged, one.ends_at) if one.bad_minutes else None
    )
    return (
        one.contract_id, one.tenant_id, one.month, one.target, one.observed_minutes, one.bad_minutes, budget,
        one.bad_minutes / budget if budget else None, remaining, *(rates[name] for name in RATES), gone,
    )  # fmt: skip


_COURSE = f"""
WITH {_MONTHS}
SELECT d.bucket AS day, d.bad_minutes, sum(d.bad_minutes) OVER (ORDER BY d.bucket) AS bad, m.target,
       m.observed_minutes + extract(epoch FROM m.ends_at - m.judged) / 60 AS minutes
FROM months m JOIN sla_period d
  ON d.contract_id = m.contract_id AND d.grain = 'day' AND d.bucket >= m.bucket AND d.bucket < m.ends_at
ORDER BY d.bucket
"""
_DAYS = text("SELECT").columns(
    column("day", DateTime(timezone=True)), column("bad_minutes", Integer()), column("remaining_minutes", Float())
)


def course(
    actor: Actor, contract_id: UUID, *, month: date | None = None, now: datetime | None = None
) -> pd.DataFrame:  # fmt: skip
    """One row per day of the month that was measured: day (its begin, UTC), bad_minutes, remaining_minutes after it."""
    require(actor, "sla:read")
    moment = now or utc_now()
    asked = _asked(month, moment)
    values = {"ids": [contract_id], "first": asked.first, "last": asked.last, "runs": asked.runs, "now": moment}
    with read(actor) as rx:
        rows = rx.session.execute(text(_COURSE), values).all()
    left = [
        (row.day, row.bad_minutes, allowed_minutes(float(row.minutes), row.target) - float(row.bad)) for row in rows
    ]
    return as_frame(_DAYS, left)  # type: ignore[arg-type]
