"""Shifts along the time: a lane per schedule, a colour per person, a gap as a gap."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.kernel.times import utc_now
from pages._parts import charts
from pages._parts.charts import Axes
from pages.reliability._on_call import words

GAP = "rgba(214, 64, 78, 0.35)"
_WIDE = 0.04  # of the whole time: a narrower shift has no room for a name


def draw(frame: pd.DataFrame, title: str, zone: tzinfo, span: tuple[datetime, datetime]) -> go.Figure:
    """`frame` has the columns of queries.course."""
    lanes = list(dict.fromkeys(frame["schedule"]))
    rows = frame.to_dict("records")
    bars = pd.DataFrame({
        "since": frame["starts_at"], "until": frame["ends_at"], "lane": frame["schedule"], "colour": _colours(frame["operator"]),
        "told": [_told(row, zone) for row in rows], "is_hatched": frame["operator"].isna(),
    })  # fmt: skip
    figure = charts.spans(bars, lanes, Axes(title, "", zone, span=span, height=110 + 46 * len(lanes)))
    figure.update_traces(
        text=[_label(row, span) for row in rows], textposition="inside", insidetextanchor="middle", constraintext="none",
        textangle=0, insidetextfont={"color": "#ffffff", "size": 12}, marker_line={"width": 1, "color": "rgba(255,255,255,0.6)"},
    )  # fmt: skip
    figure.update_traces(marker_pattern={"fgcolor": charts.TONES["down"], "bgcolor": "rgba(0,0,0,0)"})
    is_short = span[1] - span[0] <= timedelta(days=8)
    figure.update_xaxes(tickformat="%a %d %b", tickformatstops=None, dtick=86_400_000 if is_short else None)
    if span[0] < utc_now() < span[1]:
        figure.add_vline(x=utc_now().astimezone(zone).replace(tzinfo=None), line_width=2, line_dash="dot",
                         line_color=charts.TONES["unknown"])  # fmt: skip
    return figure


def _colours(operators: pd.Series) -> Sequence[str]:
    """The same person has the same colour in every lane of the picture."""
    names = sorted(operators.dropna().unique())
    by_name = {name: charts.PARTS[place % len(charts.PARTS)] for place, name in enumerate(names)}
    return [GAP if words.is_unknown(one) else by_name[one] for one in operators]


def _label(row: dict[Any, Any], span: tuple[datetime, datetime]) -> str:
    if words.is_unknown(row["operator"]) or (row["ends_at"] - row["starts_at"]) < (span[1] - span[0]) * _WIDE:
        return ""
    return escape(str(row["operator"]).partition(" ")[0][:14])


def _told(row: dict[Any, Any], zone: tzinfo) -> str:
    who = words.NOBODY + " is on call" if words.is_unknown(row["operator"]) else escape(str(row["operator"]))
    when = f"{words.moment(row['starts_at'], zone)} to {words.moment(row['ends_at'], zone)}"
    lasting = words.length(row["ends_at"] - row["starts_at"])
    return f"{who}<br>{when} ({lasting})<br>{escape(source(row))}"


def source(row: dict[Any, Any]) -> str:
    """What puts the person on call."""
    if not words.is_unknown(row["override_id"]):
        return "Override"
    return "No rotation covers it" if words.is_unknown(row["rotation"]) else str(row["rotation"])
