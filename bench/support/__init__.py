"""Support at scale: its pages and their statements at 250,000 tickets."""

import os
from datetime import timedelta

from bench import pages
from bench.customers import statements
from bench.owner import owner
from bench.report import Row
from bench.support import scale
from core import demo
from core.kernel.times import utc_now

RUNS = 20
STATEMENTS = 15
CENTER, TIMES, QUEUE = "support/center", "support/response_times", "support/queue"


def _pages() -> dict[str, tuple[str, dict[str, str]]]:
    """What is measured: a name, the page, its address."""
    with owner() as connection:
        row = connection.execute(
            "SELECT id, split_part(subject, ' ', 2) FROM ticket ORDER BY number DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    year = {"from": f"{utc_now() - timedelta(days=365):%Y-%m-%dT00:00}", "to": f"{utc_now():%Y-%m-%dT00:00}"}
    return {
        "support center": (CENTER, {}), "support center, 90 days": (CENTER, {"range": "90d"}),
        "support center, a year": (CENTER, year), "response times": (TIMES, {}),
        "response times, 90 days by agent": (TIMES, {"range": "90d", "by": "Agent", "measure": "Resolution"}),
        "response times, a year by team": (TIMES, {**year, "by": "Team", "measure": "Resolution"}),
        "queue": (QUEUE, {}), "queue, words": (QUEUE, {"text": row[1]}), "ticket": ("support/ticket", {"id": str(row[0])}),
    }  # fmt: skip


def _measured() -> dict[str, list[float]]:
    return {name: pages.runs(key, count=RUNS, **query) for name, (key, query) in _pages().items()}


def _rows(small: dict[str, list[float]], large: dict[str, list[float]]) -> list[Row]:
    rows, of_home = [], statements.home()
    for name, (key, query) in _pages().items():
        took = large[name]
        median, before, p95 = took[len(took) // 2], small[name][len(took) // 2], took[int(len(took) * 0.95)]
        count = statements.arrival(key, query, of_home)
        rows += [
            Row(f"{name} at scale, p95 (median {median:.0f} ms)", f"{p95:.0f} ms", "budget 150 ms", p95 / 150, "<= 1.00"),
            Row(f"{name}, median at scale", f"{median:.0f} ms", f"demo data {before:.0f} ms", median / before),
            Row(f"{name}, statements of the first run", str(count), f"fewer than {STATEMENTS}", count / STATEMENTS, "<= 0.99"),
        ]  # fmt: skip
    return rows


def run() -> list[Row]:
    """The pages on the demo data, then at scale. SUPPORT_TICKETS asks for another number of tickets."""
    demo.seed()
    with owner() as connection:
        connection.execute("VACUUM ANALYZE")
    small = _measured()
    scale.load(int(os.environ.get("SUPPORT_TICKETS", scale.TICKETS)))
    return _rows(small, _measured())
