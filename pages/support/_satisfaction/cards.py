"""The scores: of the period, compared with the time before it, and of the quarter."""

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.support.satisfaction import queries, rules
from core.support.satisfaction.queries import Nps, Score
from pages._parts.moments import UNKNOWN
from pages.support._figures.words import points, share


def show(actor: Actor, score: Score, before: Score, label: str) -> None:
    """What nobody answered is unknown."""
    quarter = rules.quarter_of(utc_now().date())
    nps, last = queries.nps(actor, quarter), queries.nps(actor, rules.quarter_before(quarter))
    st.caption(f"In {label}, compared with the same length of time before. NPS is of the quarter, for all teams.")
    with st.grid(4, gap="small", min_column_width=170):
        told = f"Share of 4 and 5 in {score.answers:,} answers, on a scale of 1 to 5."
        _card("CSAT", share(score.happy_ratio), told, points(score.happy_ratio, before.happy_ratio))
        average = UNKNOWN if score.average is None else f"{score.average:.2f}"
        _card("Average rating", average, "From 1 (not at all satisfied) to 5.", _change(score.average, before.average))
        told = f"Of {score.asked:,} whom the question reached in the period, those who have answered by now."
        _card("Response rate", share(score.response_ratio), told, points(score.response_ratio, before.response_ratio))
        _card(f"NPS {rules.title_of(quarter)}", _points(nps), _told(nps), _change(nps.score, last.score, digits=0))


def _card(title: str, value: str, told: str, delta: str | None) -> None:
    st.metric(title, value, delta, border=True, height="stretch", help=told)


def _points(nps: Nps) -> str:
    return UNKNOWN if nps.score is None else f"{nps.score:+.0f}"


def _told(nps: Nps) -> str:
    if not nps.asked:
        return "From -100 to 100. In this quarter nobody was asked yet."
    return (
        f"From -100 to 100: {nps.promoters:,} promoters (9, 10) less {nps.detractors:,} detractors (0 to 6) of {nps.answers:,}"
        f" answers; {nps.asked:,} were asked."
    )


def _change(now: float | None, before: float | None, *, digits: int = 2) -> str | None:
    if now is None or before is None or round(now - before, digits) == 0:
        return None
    return f"{now - before:+.{digits}f}"
