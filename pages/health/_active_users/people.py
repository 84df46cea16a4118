"""The tenants' people: how many are active now, and by day."""

from datetime import timedelta
from uuid import UUID

import streamlit as st

from core.health.active import queries
from core.health.active.queries import People
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts import charts
from pages._parts.charts import Axes
from pages._parts.frame import live, zone
from pages._parts.moments import UNKNOWN, ago, clock, percent
from pages._parts.time_range import TimeRange
from pages.health._active_users.operators import figure

LINES = {"monthly": "30 d", "weekly": "7 d", "daily": "24 h"}
DAY = timedelta(days=1)


@live("10s")
def now(actor: Actor) -> None:
    """The counts of this moment, and how far the data know them."""
    found = queries.people(actor)
    st.subheader("Product users" + ("" if actor.scope == "all" else " of your tenants"), anchor=False)
    _told(actor, found)
    with st.grid(6, gap="small", min_column_width=140):
        st.metric("Active now", figure(found.now), border=True, help=_why_now(actor))
        known = found if found.is_told else None
        st.metric("In 24 h", figure(known.daily if known else None), border=True, help="Daily active users (DAU).")
        st.metric("In 7 d", figure(known.weekly if known else None), border=True, help="Weekly active users (WAU).")
        st.metric("In 30 d", figure(known.monthly if known else None), border=True, help="Monthly active users (MAU).")
        st.metric(
            "Stickiness", _stickiness(found), border=True, help="Of the users of 30 days, those of the last 24 h."
        )
        st.metric(
            "Active tenants",
            _of_day(found),
            border=True,
            help="With requests in the last 15 minutes, of those in 24 h.",
        )


def _why_now(actor: Actor) -> str:
    return (
        "Seen in the last 15 minutes."
        if actor.may("users:read")
        else "Takes users:read, which your role does not have."
    )


def _stickiness(found: People) -> str:
    if not found.is_told or found.daily is None or not found.monthly:
        return UNKNOWN
    return percent(found.daily / found.monthly, 0)


def _of_day(found: People) -> str:
    return UNKNOWN if found.tenants_now is None else f"{found.tenants_now:,} of {figure(found.tenants_day)}"


def _told(actor: Actor, found: People) -> None:
    """What the figures stand on, as loud as it deserves."""
    moment = utc_now()
    if found.taken_at is None:
        st.info(
            "The tenants' users have not been counted yet; that happens every 10 minutes.",
            icon=":material/hourglass_top:",
        )
        return
    at = clock(found.taken_at, zone(actor), now=moment)
    if not found.is_told:
        st.info(
            f"There are {figure(found.users)} users, and the product has not told when any of them was seen. "
            "So nothing is known of who is active.",
            icon=":material/help:",
        )
        return
    unknown = (found.users or 0) - (found.seen or 0)
    parts = [f"Counted at {at} ({ago(moment - found.taken_at)})"]
    parts += [f"of {unknown:,} of {found.users:,} users it is not known when they were seen"] if unknown else []
    parts += [f"the product last told of somebody {ago(moment - found.heard_at)}"] if found.heard_at else []
    st.caption("; ".join(parts) + ".")


def trend(actor: Actor, chosen: TimeRange, *, tenant_id: UUID | None = None, name: str = "Product users") -> None:
    """Daily, weekly and monthly active users by day; days that nobody counted are gaps."""
    since = min(chosen.since, chosen.until - 7 * DAY).replace(hour=0, minute=0)
    frame = queries.people_trend(actor, since, chosen.until, tenant_id=tenant_id)
    with st.container(border=True, height="stretch"):
        if frame.empty:
            st.markdown(f"**{name}**")
            st.info("No day of this time was counted.", icon=":material/inbox:")
            return
        axes = Axes(name, "seen within, by day (UTC)", span=(since, chosen.until))
        course = charts.at_every(frame, "day", DAY)
        charts.show(charts.line(course, "day", LINES, axes), f"people_trend_{tenant_id or 'all'}")
        missing = int(course["daily"].isna().sum())
        gaps = f" {missing} days between were not counted." if missing else ""
        wider = " Days are the finest step; this shows a week." if chosen.since > since + DAY else ""
        st.caption(f"{len(frame)} days counted.{gaps}{wider}")
