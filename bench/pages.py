"""How long a page runs, as the portal itself records it."""

from pathlib import Path

from bench.report import Row
from core.health.requests import recorder
from core.kernel.actor import Actor

RUNS, BUDGET_MS = 40, 150
SYSTEM = Actor.system("bench")


def runs(key: str, *, count: int = RUNS, **query: str) -> list[float]:
    """Milliseconds of each run of a page, its fragments included, in ascending order."""
    from streamlit.testing.v1 import AppTest

    from core.access.sessions.actions import Visitor
    from pages._parts import session

    took: list[float] = []
    kept = recorder.add, session.look_up, session.visitor

    def look_up() -> Actor:
        import streamlit as st

        st.session_state["_actor"] = SYSTEM
        return SYSTEM

    recorder.add = lambda **row: took.append(row["duration_ms"])  # type: ignore[assignment]
    session.look_up, session.visitor = look_up, lambda: Visitor("bench")
    try:
        app = AppTest.from_file(Path("pages/_portal.py").resolve(), default_timeout=60).run()
        app.switch_page(f"{key}.py")
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        took.clear()
        for _ in range(count):
            app.run()
        assert not app.exception, app.exception
    finally:
        recorder.add, session.look_up, session.visitor = kept
    return sorted(took)


def page(key: str, **query: str) -> Row:
    """The 95th percentile of its runs, compared with the budget of every page."""
    took = runs(key, **query)
    median, p95 = took[len(took) // 2], took[int(len(took) * 0.95)]
    name = f"page {key}{' of one server' if query else ''}, p95 (median {median:.0f} ms)"
    return Row(name, f"{p95:.0f} ms", f"budget {BUDGET_MS} ms", p95 / BUDGET_MS, "<= 1.00")
