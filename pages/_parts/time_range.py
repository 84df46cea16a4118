"""The time a page is about: one control, kept in the address, so that a view can be sent to a colleague."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.rollups import Grain, grain_for, start_of
from core.kernel.times import utc_now
from pages._parts.frame import zone

RANGES = {
    "1h": ("1 h", timedelta(hours=1)),
    "6h": ("6 h", timedelta(hours=6)),
    "24h": ("24 h", timedelta(hours=24)),
    "7d": ("7 d", timedelta(days=7)),
    "30d": ("30 d", timedelta(days=30)),
    "90d": ("90 d", timedelta(days=90)),
}
OWN = "own"
_FORM = "%Y-%m-%dT%H:%M"
STEPS: dict[Grain, timedelta] = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From `since` to `until` (UTC, exclusive). `is_live` when it ends now; `label` reads after "in" ("the last 24 h")."""

    since: datetime
    until: datetime
    label: str
    is_live: bool

    @property
    def grain(self) -> Grain:
        """The rollup that shows this time in some 60 to 360 buckets."""
        return grain_for(self.since, self.until)

    @property
    def step(self) -> timedelta:
        return STEPS[self.grain]

    @property
    def before(self) -> "TimeRange":
        """The same length of time right before, to compare with."""
        length = self.until - self.since
        return TimeRange(self.since - length, self.since, "the time before", is_live=False)


def choose(actor: Actor, *, default: str = "24h") -> TimeRange:
    """Draws the control and returns what is chosen; what the address says and makes no sense is told and ignored."""
    known = st.query_params.get("range", OWN if "from" in st.query_params else default)
    if known not in (*RANGES, OWN):
        st.caption(f"The address names no range of ours ({known}); this shows {RANGES[default][0]}.")
        known = default
    options = [*RANGES, OWN]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            "Time", options, default=known, format_func=_titled, key=f"time_range_{known}", label_visibility="collapsed"
        )
        name = chosen or known
        where = zone(actor)
        return _own(where) if name == OWN else _last(name)


def zoom(since: datetime, until: datetime) -> None:
    """Puts an own range into the address and runs the page again."""
    st.query_params.pop("range", None)
    st.query_params.update({"from": since.strftime(_FORM), "to": until.strftime(_FORM)})
    st.rerun()


def _titled(name: str) -> str:
    return "From, to" if name == OWN else RANGES[name][0]


def _last(name: str) -> TimeRange:
    for parameter in ("from", "to"):
        st.query_params.pop(parameter, None)
    st.query_params["range"] = name
    until = utc_now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    title, length = RANGES[name]
    # Whole buckets: half a bucket at the beginning would look like a fall.
    since = start_of(until - length, grain_for(until - length, until))
    return TimeRange(since, until, f"the last {title}", is_live=True)


def _own(where: ZoneInfo) -> TimeRange:
    """Two moments in the viewer's zone; the address has them in UTC."""
    now = utc_now().replace(second=0, microsecond=0)
    since, until = _given("from", now - timedelta(hours=24)), _given("to", now)
    begin = st.datetime_input("From", since.astimezone(where).replace(tzinfo=None), key="time_range_from")
    end = st.datetime_input("To", until.astimezone(where).replace(tzinfo=None), key="time_range_to")
    first = (begin.replace(tzinfo=where) if begin else since).astimezone(since.tzinfo)
    last = (end.replace(tzinfo=where) if end else until).astimezone(since.tzinfo)
    if last <= first:
        st.warning("The end is not after the beginning. Choose a later end.", icon=":material/error:")
        last = first + timedelta(hours=1)
    st.query_params.pop("range", None)
    st.query_params.update({"from": first.strftime(_FORM), "to": last.strftime(_FORM)})
    return TimeRange(first, last, f"{begin:%d %b %H:%M} to {end:%d %b %H:%M}", is_live=False)


def _given(parameter: str, otherwise: datetime) -> datetime:
    try:
        return datetime.strptime(st.query_params[parameter], _FORM).replace(tzinfo=otherwise.tzinfo)
    except (KeyError, ValueError):
        return otherwise
