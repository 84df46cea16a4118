"""What a month's credits are computed from, for all contracts at once: terms, minutes and the rows behind them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.customers.contracts.terms import TERMS
from core.kernel.writes import Transaction
from core.reliability.sla import spans
from core.reliability.sla.credit_proof import MOST_SPANS, Behind, Exclusion, Span
from core.reliability.sla.credit_rules import Minutes, MonthCredit, Part, judge, next_month, tiers_of

_PARTS = text(f"""
WITH terms AS ({TERMS}),
bounded AS (
    SELECT t.*, CAST(:month AS timestamp) AT TIME ZONE t.time_zone AS month_starts,
           CAST(:following AS timestamp) AT TIME ZONE t.time_zone AS month_ends
    FROM terms t
    WHERE CAST(:chosen AS uuid[]) IS NULL OR t.contract_id = ANY (CAST(:chosen AS uuid[]))
)
SELECT contract_id, tenant_id, version_number, time_zone, currency, annual_value, credit_tiers, credit_cap, month_ends,
       GREATEST(valid_from, month_starts) AS starts_at, LEAST(valid_until, month_ends) AS ends_at,
       CAST(GREATEST(valid_from, month_starts) AT TIME ZONE time_zone AS date) AS first_day,
       CAST(LEAST(valid_until, month_ends) AT TIME ZONE time_zone AS date) AS end_day
FROM bounded
WHERE valid_from < month_ends AND valid_until > month_starts
ORDER BY contract_id, version_number
""")

_WINDOWS = """
WITH windows AS (
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
        AS given (contract_id, starts_at, ends_at)
)
"""
_SPANS = text(f"""{_WINDOWS}
SELECT w.contract_id, GREATEST(s.starts_at, w.starts_at) AS starts_at, LEAST(s.ends_at, w.ends_at) AS ends_at,
       s.state, s.cause, s.span_count
FROM windows w
CROSS JOIN LATERAL (
    SELECT i.starts_at, i.ends_at, i.state, i.cause, count(*) OVER () AS span_count
    FROM sla_span i
    WHERE i.contract_id = w.contract_id AND i.ends_at > w.starts_at AND i.starts_at < w.ends_at AND i.state <> 'up'
    ORDER BY i.state <> 'down', i.starts_at LIMIT :most
) s
ORDER BY w.contract_id, starts_at
""")
_EXCLUSIONS = text(f"""{_WINDOWS}
SELECT w.contract_id, e.id, e.violation_id, e.reason, e.decided_by_name,
       GREATEST(e.starts_at, w.starts_at) AS starts_at, LEAST(e.ends_at, w.ends_at) AS ends_at
FROM windows w
JOIN sla_exclusion e ON e.contract_id = w.contract_id AND e.ends_at > w.starts_at AND e.starts_at < w.ends_at
JOIN sla_violation v ON v.id = e.violation_id AND v.metric = 'uptime'
WHERE e.decision = 'approved'
ORDER BY w.contract_id, starts_at, e.id
""")
Window = tuple[UUID, datetime, datetime]


@dataclass(frozen=True, slots=True)
class Covered:
    """A contract's days of a month: its versions, and the window (UTC) that they cover. `month_ends` is the month's end."""

    contract_id: UUID
    tenant_id: UUID
    time_zone: str
    currency: str
    month_ends: datetime
    window: Window
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a contract's month comes to, and what stands behind it."""

    covered: Covered
    credit: MonthCredit
    behind: Behind


def covered(tx: Transaction, month: date, contract_ids: Sequence[UUID] | None = None) -> list[Covered]:
    """Contracts that promised a credit in the month, by id. Those out of the actor's sight are not among them."""
    given = {
        "month": month,
        "following": next_month(month),
        "chosen": list(contract_ids) if contract_ids is not None else None,
    }
    rows: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in tx.session.execute(_PARTS, given):
        rows[row.contract_id].append(row)
    found = (_covered(of_one) for of_one in rows.values())
    return [one for one in found if any(part.tiers for part in one.parts)]


def _covered(rows: Sequence[Row[Any]]) -> Covered:
    first, last = rows[0], rows[-1]
    parts = (
        Part(
            row.version_number, row.first_day, row.end_day, row.annual_value, tiers_of(row.credit_tiers), row.credit_cap
        )
        for row in rows
    )
    window = (first.contract_id, first.starts_at, last.ends_at)
    return Covered(
        first.contract_id, first.tenant_id, first.time_zone, first.currency, first.month_ends, window, tuple(parts)
    )


def judged(tx: Transaction, month: date, found: Sequence[Covered]) -> list[Judged]:
    """What the months come to. Three statements, however many contracts."""
    counted = spans.counted(tx, [one.window for one in found])
    given = _arrays(one.window for one in found)
    behind = _spans(tx.session, given)
    excluded = _exclusions(tx.session, given)
    made = []
    for one in found:
        seen = counted[one.window]
        minutes = Minutes(seen.observed, seen.bad, seen.maintenance, seen.excluded, seen.unobserved)
        rows, count = behind.get(one.contract_id, ([], 0))
        starts_at, ends_at = one.window[1:]
        proof = Behind(one.time_zone, starts_at, ends_at, rows, count, excluded[one.contract_id])
        made.append(Judged(one, judge(month, one.currency, one.parts, minutes), proof))
    return made


def _arrays(windows: Iterable[Window]) -> dict[str, Any]:
    ids, starts, ends = zip(*windows, strict=True)
    return {"ids": list(ids), "starts": list(starts), "ends": list(ends)}


def _spans(session: Session, given: dict[str, Any]) -> dict[UUID, tuple[list[Span], int]]:
    found: dict[UUID, tuple[list[Span], int]] = {}
    for row in session.execute(_SPANS, given | {"most": MOST_SPANS}):
        rows, _ = found.setdefault(row.contract_id, ([], int(row.span_count)))
        rows.append(Span(row.starts_at, row.ends_at, row.state, row.cause))
    return found


def _exclusions(session: Session, given: dict[str, Any]) -> dict[UUID, list[Exclusion]]:
    found: dict[UUID, list[Exclusion]] = defaultdict(list)
    for row in session.execute(_EXCLUSIONS, given):
        found[row.contract_id].append(
            Exclusion(row.id, row.violation_id, row.starts_at, row.ends_at, row.reason, row.decided_by_name or "")
        )
    return found
