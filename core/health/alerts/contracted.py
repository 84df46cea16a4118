"""Series of contracts: which of their promises are broken now, and how fast their error budgets burn.

What is known is of now: only the last step has figures. The subject of a violation is tenant, contract and what is broken
(`<tenant>:<contract>:<metric>`), that of a budget tenant and contract.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import case, func, or_, select, text

from core.customers.tenants.models import Tenant
from core.health.alerts.burn_rate import PAGE, TICKET, Pair
from core.health.alerts.series import LEAST_OBSERVED, Series
from core.health.alerts.statements import Wanted
from core.kernel.reads import Reading, as_id
from core.reliability.sla.models import SlaViolation
from core.reliability.sla.spans import counted_sql

CONTRACT = "contract"
PAIRS: Mapping[str, tuple[Pair, ...]] = {"sla.budget_fast": PAGE, "sla.budget_slow": TICKET}
WORDS = {
    "uptime": "uptime", "latency_p99": "latency P99", "error_rate": "error rate", "support_response": "support response",
}  # fmt: skip
REMEMBERED = timedelta(days=7)  # so long after its end a violation is known to be over
SEEN = timedelta(minutes=5)  # one that was over when it was found is told all the same
Figures = Mapping[str, tuple[float, float]]


def load(rx: Reading, wanted: Wanted) -> Series:
    """The series of the measure; a violation has the value 1 while it lasts."""
    found = _violations(rx, wanted) if wanted.measure.name == "sla.violation" else _burning(rx, wanted)
    length = max(round((wanted.end - wanted.begin) / wanted.step), 1)
    amount, volume = (np.full((length, len(found)), np.nan) for _ in range(2))
    for place, figures in enumerate(found.values()):
        amount[-1, place], volume[-1, place] = figures
    return Series(wanted.begin, wanted.step, tuple(found), amount, volume, np.ones(length, dtype=bool))


def _violations(rx: Reading, wanted: Wanted) -> Figures:
    violation = SlaViolation
    is_news = or_(violation.ended_at.is_(None), violation.detected_at > wanted.end - SEEN)
    lasts = func.max(case((is_news, 1), else_=0))
    keys = (violation.tenant_id, violation.contract_id, violation.metric)
    known = or_(violation.ended_at.is_(None), violation.ended_at > wanted.end - REMEMBERED)
    named = dict(wanted.filters).get(CONTRACT)
    rows = rx.rows(select(*keys, lasts).where(known).group_by(*keys))
    found = {":".join(map(str, row[:3])): (float(row[3]), 1.0) for row in rows}
    return {key: one for key, one in found.items() if not named or key.split(":")[1] in named}


# What each contract that was measured lately promises, and the lengths of time that count.
_WINDOWS = """
WITH promised AS MATERIALIZED (
    SELECT DISTINCT ON (p.contract_id) p.contract_id, p.tenant_id, p.uptime_target AS target FROM sla_period p
    WHERE p.grain = 'day' AND p.bucket > :now - interval '3 days' ORDER BY p.contract_id, p.bucket DESC
),
windows AS MATERIALIZED (
    SELECT p.contract_id, w.until - r.length AS starts_at, w.until AS ends_at, r.length
    FROM promised p CROSS JOIN (SELECT until FROM sla_watermark) AS w
    CROSS JOIN unnest(CAST(:lengths AS interval[])) AS r (length) WHERE p.target < 100
)
"""
_RATES = text(
    f"{_WINDOWS} SELECT p.tenant_id, p.contract_id, p.target, CAST(extract(epoch FROM w.length) AS bigint) AS seconds, c.bad,"
    f" c.observed FROM ({counted_sql('windows')}) AS c JOIN windows w ON w.contract_id = c.contract_id AND"
    " w.starts_at = c.starts_at JOIN promised p ON p.contract_id = c.contract_id"
)


def _burning(rx: Reading, wanted: Wanted) -> Figures:
    """By the pair whose rate is passed most: the rate over its long window, and how many times what is allowed over both."""
    pairs = PAIRS[wanted.measure.name]
    lengths = sorted({seconds for pair in pairs for seconds in (pair.long_s, pair.short_s)})
    values = {"now": wanted.end, "lengths": [timedelta(seconds=seconds) for seconds in lengths]}
    rx.session.execute(text("SELECT set_config('enable_nestloop', 'off', true)"))
    rates: dict[str, dict[int, float | None]] = {}
    for row in rx.session.execute(_RATES, values):
        rates.setdefault(f"{row.tenant_id}:{row.contract_id}", {})[row.seconds] = _rate(row)
    rx.session.execute(text("SELECT set_config('enable_nestloop', 'on', true)"))
    named = dict(wanted.filters).get(CONTRACT)
    return {key: _worst(some, pairs) for key, some in rates.items() if not named or key.split(":")[1] in named}


def _rate(row: Any) -> float | None:
    """Unknown where less than half of the time was observed."""
    if row.observed * 60 < LEAST_OBSERVED * row.seconds:
        return None
    return float(row.bad / row.observed / (1 - row.target / 100))


def _worst(rates: Mapping[int, float | None], pairs: Collection[Pair]) -> tuple[float, float]:
    found = [(long, min(long, short) / pair.rate) for pair in pairs
             if (long := rates[pair.long_s]) is not None and (short := rates[pair.short_s]) is not None]  # fmt: skip
    return max(found, key=lambda one: one[1], default=(np.nan, np.nan))


def tenant_of(key: str) -> UUID | None:
    return as_id(key.partition(":")[0])


def contract_of(key: str) -> str:
    return key.split(":")[1]


def names_of(rx: Reading, keys: Collection[str]) -> dict[str, str]:
    """Such as `Acme, uptime`; of a budget, the customer alone."""
    wanted = [one for one in map(tenant_of, keys) if one is not None]
    names = {row.id: row.name for row in rx.rows(select(Tenant.id, Tenant.name).where(Tenant.id.in_(wanted)))}
    return {key: _named(names.get(tenant_of(key), "A customer"), key) for key in keys}


def _named(name: str, key: str) -> str:
    parts = key.split(":")
    return f"{name}, {WORDS[parts[2]]}" if len(parts) > 2 else name
