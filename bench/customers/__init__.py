"""Customers at scale: pages, their statements, and searches at 1,000 tenants, 50,000 people and 100,000 invoices."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from bench import pages
from bench.customers import scale, statements
from bench.owner import owner
from bench.report import Row
from core import demo
from core.customers.search import queries as search
from core.customers.tenants import actions as tenants
from core.customers.users import queries as users
from core.kernel.actor import Actor
from core.roles import ROLES

SYSTEM = Actor.system("bench")
RUNS, SEARCHES = 20, 40
# Adds up the ledger of all tenants for every month that is shown, so that past months stay what they were.
GROWTH = "customers/growth"
STATEMENTS, SEARCH_MS, USERS_MS = 15, 150, 200


def _pages() -> dict[str, tuple[str, dict[str, str]]]:
    """What is measured: a name, the page, its address."""
    with owner() as connection:
        row = connection.execute(
            "SELECT tenant_id, (SELECT left(name, 4) FROM tenant WHERE id = tenant_id) FROM mrr_change ORDER BY tenant_id LIMIT 1"
        ).fetchone()
    assert row is not None
    return {
        "directory": ("customers/tenants", {}), "tenant page": ("customers/tenants", {"tenant": str(row[0])}),
        "users": ("customers/users", {}), "growth": (GROWTH, {}), "growth, cohorts": (GROWTH, {"view": "Cohorts"}),
        "growth, by plan": (GROWTH, {"view": "Breakdown"}), "growth, behind a bar": (GROWTH, {"kind": "paying"}),
        "search": ("customers/search", {"text": row[1]}),
    }  # fmt: skip


def _measured() -> dict[str, list[float]]:
    return {name: pages.runs(key, count=RUNS, **query) for name, (key, query) in _pages().items()}


def _page_rows(small: dict[str, list[float]], large: dict[str, list[float]]) -> list[Row]:
    rows, of_home = [], statements.home()
    for name, (key, query) in _pages().items():
        took = large[name]
        median, before, p95 = took[len(took) // 2], small[name][len(took) // 2], took[int(len(took) * 0.95)]
        count = statements.arrival(key, query, of_home)
        limit, bar = (250, "") if key == GROWTH else (150, "<= 1.50")
        rows += [
            Row(f"{name} at scale, p95 (median {median:.0f} ms)", f"{p95:.0f} ms", f"budget {limit} ms", p95 / limit, "<= 1.00"),
            Row(f"{name}, median at scale", f"{median:.0f} ms", f"demo data {before:.0f} ms", median / before, bar),
            Row(f"{name}, statements of the first run", str(count), f"fewer than {STATEMENTS}", count / STATEMENTS, "<= 0.99"),
        ]  # fmt: skip
    return rows


def _took(work: Callable[[str], Any], texts: list[str]) -> list[float]:
    """Milliseconds of each search, in ascending order; each text was asked for once before."""
    took = []
    for text in texts:
        work(text)
    for place in range(SEARCHES):
        started = time.perf_counter()
        work(texts[place % len(texts)])
        took.append((time.perf_counter() - started) * 1000)
    return sorted(took)


def _texts() -> list[str]:
    """What people type: starts of one, two and more letters, whole things, what is not there."""
    with owner() as connection:
        row = connection.execute(
            "SELECT t.name, t.domain, u.email, split_part(u.name, ' ', 2), i.number, i.external_id, u.id::text"
            " FROM tenant_user AS u JOIN tenant AS t ON t.id = u.tenant_id JOIN invoice AS i ON i.tenant_id = t.id"
            " WHERE i.source = 'import' LIMIT 1"
        ).fetchone()
    assert row is not None
    return [*row, "ba", "co", "bac", "B2025", "4711", "could not", "example", "nothing such", "b c"]


def _search_rows() -> list[Row]:
    texts, manager = _texts(), _manager()
    measures: list[tuple[str, Callable[[str], Any], int]] = [
        ("search over everything", lambda text: search.search(SYSTEM, text), SEARCH_MS),
        ("the same for one with 20 assigned tenants", lambda text: search.search(manager, text), SEARCH_MS),
        (f"10 of {scale.USERS:,} users", lambda text: users.search(SYSTEM, text, limit=10), USERS_MS),
    ]
    rows = []
    for name, work, budget in measures:
        took = _took(work, texts)
        median, p95 = took[len(took) // 2], took[int(len(took) * 0.95)]
        rows.append(
            Row(
                f"{name}, p95 (median {median:.0f} ms)", f"{p95:.0f} ms", f"budget {budget} ms", p95 / budget, "<= 1.00"
            )
        )
    return rows


def _manager() -> Actor:
    role = ROLES["client_success"]
    actor = Actor(uuid4(), "bench", "client_success", role.grants, "assigned")
    with owner() as connection:
        known = connection.execute("SELECT id FROM tenant ORDER BY id LIMIT 20").fetchall()
    for (tenant,) in known:
        tenants.assign_operator(SYSTEM, tenant, operator_id=actor.operator_id)
    return actor


def run() -> list[Row]:
    """The pages on the demo data, then all of it at scale."""
    demo.seed()
    with owner() as connection:
        connection.execute("VACUUM ANALYZE")
    small = _measured()
    scale.load()
    large = _measured()
    return [*_page_rows(small, large), *_search_rows()]
