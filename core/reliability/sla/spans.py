"""Minutes of contracts by state over any window of time: what periods, budgets and credits alike are computed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

Window = tuple[UUID, datetime, datetime]


class Open(Protocol):
    """A transaction, read-only or not."""

    session: Session


@dataclass(frozen=True, slots=True)
class Counted:
    """Whole minutes of one contract from `starts_at` until `ends_at`.

    Observed, maintenance, excluded and unobserved ones make up the window; `bad` are those of the observed ones in which it
    was down. A minute that nobody judged is unobserved.
    """

    contract_id: UUID
    starts_at: datetime
    ends_at: datetime
    observed: int
    bad: int
    maintenance: int
    excluded: int
    unobserved: int

    @property
    def uptime(self) -> Decimal | None:
        """Percent, not rounded; None when nothing was observed."""
        return 100 * Decimal(self.observed - self.bad) / self.observed if self.observed else None


# Of each span the part inside of the window, and of that what was excluded: whole minutes all of them. The first span that
# touches the window is found by the key, because spans of a contract do not overlap.
_COUNTED = """
SELECT w.contract_id, w.starts_at, w.ends_at,
       coalesce(c.up + c.down, 0) AS observed, coalesce(c.down, 0) AS bad, coalesce(c.maintenance, 0) AS maintenance,
       coalesce(c.excluded, 0) AS excluded,
       CAST(extract(epoch FROM w.ends_at - w.starts_at) / 60 AS bigint)
           - coalesce(c.up + c.down + c.maintenance + c.excluded, 0) AS unobserved
FROM {windows} AS w LEFT JOIN (
    SELECT e.contract_id, range_agg(tstzrange(e.starts_at, e.ends_at)) AS spans
    FROM sla_exclusion e JOIN sla_violation v ON v.id = e.violation_id
    WHERE e.decision = 'approved' AND v.metric = 'uptime' GROUP BY e.contract_id
) AS x ON x.contract_id = w.contract_id
LEFT JOIN LATERAL (
    SELECT CAST(coalesce(sum(p.minutes - p.out) FILTER (WHERE p.state = 'up'), 0) AS bigint) AS up,
           CAST(coalesce(sum(p.minutes - p.out) FILTER (WHERE p.state = 'down'), 0) AS bigint) AS down,
           CAST(coalesce(sum(p.minutes) FILTER (WHERE p.state = 'maintenance'), 0) AS bigint) AS maintenance,
           CAST(coalesce(sum(p.out) FILTER (WHERE p.state IN ('up', 'down')), 0) AS bigint) AS excluded
    FROM (
        SELECT s.state, extract(epoch FROM least(s.ends_at, w.ends_at) - greatest(s.starts_at, w.starts_at)) / 60 AS minutes,
               CASE WHEN x.spans IS NULL THEN 0 ELSE (
                   SELECT coalesce(sum(extract(epoch FROM upper(r) - lower(r))) / 60, 0) FROM unnest(x.spans
                   * tstzmultirange(tstzrange(greatest(s.starts_at, w.starts_at), least(s.ends_at, w.ends_at)))) AS r
               ) END AS out
        FROM sla_span s
        WHERE s.contract_id = w.contract_id AND s.starts_at < w.ends_at AND s.ends_at > w.starts_at AND s.starts_at >= coalesce(
            (SELECT max(b.starts_at) FROM sla_span b WHERE b.contract_id = w.contract_id AND b.starts_at <= w.starts_at),
            '-infinity')
    ) AS p
) AS c ON true
"""
_GIVEN = "unnest(CAST(:ids AS uuid[]), CAST(:begins AS timestamptz[]), CAST(:ends AS timestamptz[]))"


def counted_sql(windows: str) -> str:
    """SQL of a row per row of `windows`, which is a table or CTE of (contract_id, starts_at, ends_at).

    Columns: contract_id, starts_at, ends_at, observed, bad, maintenance, excluded, unobserved.
    """
    return _COUNTED.format(windows=windows)


def counted(tx: Open, windows: Sequence[Window]) -> dict[Window, Counted]:
    """The minutes of each window, which begins and ends with a minute; by the window as it was given. One statement.

    Windows are not clipped: give the days of the contract that have passed.
    """
    if not windows:
        return {}
    ids, begins, ends = (list(column) for column in zip(*windows, strict=True))
    given = text(f"WITH given (contract_id, starts_at, ends_at) AS (SELECT * FROM {_GIVEN}) {counted_sql('given')}")
    rows = tx.session.execute(given, {"ids": ids, "begins": begins, "ends": ends}).mappings()
    found = {(row["contract_id"], row["starts_at"], row["ends_at"]): _counted(row) for row in rows}
    return {window: found[window] for window in windows}


def _counted(row: Mapping[Any, Any]) -> Counted:
    return Counted(**row)
