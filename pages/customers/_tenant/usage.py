"""What one tenant does with the product over time. Reads rollups alone."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.usage.courses import Course, course
from core.kernel.actor import Actor
from pages._parts import charts, time_range
from pages._parts.charts import LINES, TONES, Axes
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN

_FEW = 5  # below so many before, a change in percent says nothing


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """Figures with what they were before, and their courses."""
    span = time_range.choose(actor, default="30d")
    found = course(actor, UUID(str(tenant["id"])), since=span.since, until=span.until)
    _figures(found)
    left, right = st.columns(2)
    with left:
        _steps(actor, found, found.calls, "API calls", {"own": "Own API keys", "product": "Product's services"})
        _people(actor, found)
    with right:
        _steps(actor, found, found.messages, "Messages", {"delivered": "Delivered", "failed": "Failed"})
        _steps(actor, found, found.errors, "Errors", {"total": "Errors"}, colours=(TONES["down"],))


def _figures(found: Course) -> None:
    figures: tuple[tuple[str, pd.DataFrame | None, str, Literal["normal", "inverse"]], ...] = (
        ("Calls with own keys", found.calls, "own", "normal"), ("Calls of services", found.calls, "product", "normal"),
        ("Messages sent", found.messages, "sent", "normal"), ("Errors", found.errors, "total", "inverse"),
    )  # fmt: skip
    with st.container(horizontal=True):
        for label, frame, column, sense in figures:
            now, before = (found.total(frame, column, span) for span in (found.window, found.window.before))
            st.metric(
                label, UNKNOWN if now is None else f"{now:,}", _change(now, before), border=True,
                delta_color=sense, help="Against the same length of time before.",
            )  # fmt: skip
        people = None if found.people is None or found.people.empty else found.people["monthly"].iloc[-1]
        shown = UNKNOWN if people is None or pd.isna(people) else f"{people:,}"
        st.metric("People seen in 30 days", shown, border=True, help="As counted on the last day of this time.")


def _change(now: int | None, before: int | None) -> str | None:
    return f"{now / before - 1:+.0%}" if now is not None and before is not None and before >= _FEW else None


def _steps(
    actor: Actor, found: Course, frame: pd.DataFrame | None, title: str, columns: Mapping[str, str],
    colours: tuple[str, ...] = (LINES[0], LINES[1]),
) -> None:  # fmt: skip
    with st.container(border=True):
        if frame is None:
            _silent(title, "are not known: nothing was ever told, or your role does not see it.")
            return
        shown = found.of_window(frame)
        if shown.empty:
            _silent(title, "did not occur in this time.")
            return
        span = (found.window.since, found.window.until)
        axes = Axes(title, "", zone(actor), span=span, height=220)
        charts.show(
            charts.steps(shown, "bucket", columns, axes, every=found.window.step, colours=colours), f"usage_{title}"
        )


def _people(actor: Actor, found: Course) -> None:
    with st.container(border=True):
        if found.people is None or found.people.empty:
            _silent("Active users", "are counted once a day, and were not in this time.")
            return
        if found.people["monthly"].isna().all():
            _silent("Active users", "are not known: the product does not tell when people were seen.")
            return
        days = charts.at_every(found.people, "day", timedelta(days=1))
        names = {"daily": "In 24 h", "weekly": "In 7 d", "monthly": "In 30 d"}
        charts.show(charts.line(days, "day", names, Axes("Active users", "people", height=220)), "usage_people")


def _silent(title: str, why: str) -> None:
    st.markdown(f"**{title}**")
    st.caption(f"{title} {why}")
