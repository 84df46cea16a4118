"""Reads of answers: scores, their course, comments, and low ones that wait. What nobody answered is unknown, and not zero."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, DateTime, Float, cast, func, or_, select

from core.customers.tenants.models import Tenant
from core.customers.users import masking
from core.data.exports.streaming import frames
from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Page, read
from core.kernel.times import utc_now
from core.support.mail.models import TicketMail
from core.support.satisfaction import rules
from core.support.satisfaction.models import Survey
from core.support.teams import people
from core.support.tickets.models import Ticket

_IS_HAPPY = Survey.score >= rules.HAPPY
_ANSWERS = (
    Survey.id, Survey.ticket_id, Survey.tenant_id, Tenant.name.label("tenant"), Ticket.number, Ticket.subject,
    Ticket.requester_name.label("requester"), Ticket.status, Survey.agent_id, Survey.team_id, Survey.score, Survey.comment,
    Survey.answered_at, Survey.followed_up_at, Survey.followed_up_by_name,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """Answers from `since` to before `until` (UTC), about one team's or agent's tickets."""

    since: datetime
    until: datetime
    team_id: UUID | None = None
    agent_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """`happy_ratio` is the share of 4 and 5, which is called CSAT; `response_ratio` is of those who were asked in the time."""

    answers: int
    asked: int
    happy_ratio: float | None
    average: float | None
    response_ratio: float | None


@dataclass(frozen=True, slots=True)
class Nps:
    """Of one quarter; `score` from -100 to 100, None when nobody answered."""

    asked: int
    answers: int
    promoters: int
    passives: int
    detractors: int
    score: float | None


def _of(filters: Filters, moment: Any) -> list[ColumnElement[bool]]:
    conditions = [Survey.kind == "csat", moment >= filters.since, moment < filters.until]
    if filters.team_id is not None:
        conditions.append(Survey.team_id == filters.team_id)
    if filters.agent_id is not None:
        conditions.append(Survey.agent_id == filters.agent_id)
    return conditions


def _reached(statement: AnySelect) -> AnySelect:
    """With those alone whom the question reached, or who answered it another way."""
    was_sent = or_(TicketMail.outcome == "sent", Survey.answered_at.is_not(None))
    return statement.select_from(Survey).outerjoin(TicketMail, TicketMail.survey_id == Survey.id).where(was_sent)


def score(actor: Actor, filters: Filters) -> Score:
    """CSAT of the answers in the time. Raises Denied."""
    require(actor, "tickets:read")
    answers = select(func.count(), func.count().filter(_IS_HAPPY), func.avg(cast(Survey.score, Float), type_=Float))
    asked = _reached(select(func.count(), func.count(Survey.answered_at)))
    with read(actor) as rx:
        said = rx.rows(answers.where(*_of(filters, Survey.answered_at)))[0]
        reached = rx.rows(asked.where(*_of(filters, Survey.created_at)))[0]
    ratio = rules.ratio
    return Score(said[0], reached[0], ratio(said[1], said[0]), said[2], ratio(reached[1], reached[0]))


def nps(actor: Actor, quarter: date) -> Nps:
    """The net promoter score of the quarter that begins on this day. Raises Denied."""
    require(actor, "tickets:read")
    promoters = func.count().filter(Survey.score >= rules.PROMOTER)
    passives = func.count().filter(Survey.score.between(rules.PASSIVE, rules.PROMOTER - 1))
    detractors = func.count().filter(Survey.score < rules.PASSIVE)
    counted = _reached(select(func.count(), func.count(Survey.score), promoters, passives, detractors))
    with read(actor) as rx:
        row = rx.rows(counted.where(Survey.quarter == quarter, Survey.kind == "nps"))[0]
    asked, answers, promoting, passive, detracting = row
    score = rules.net_promoters(promoting, detracting, answers)
    return Nps(asked, answers, promoting, passive, detracting, score)


def by_week(actor: Actor, filters: Filters, zone: tzinfo) -> pd.DataFrame:
    """One row per week of the viewer's zone with an answer, in order: week (its Monday), answers, happy_ratio, average.
    Raises Denied."""
    require(actor, "tickets:read")
    week = func.date_trunc("week", Survey.answered_at, str(zone), type_=DateTime(timezone=True)).label("week")
    columns = (
        week, func.count().label("answers"), (cast(func.count().filter(_IS_HAPPY), Float) / func.count()).label("happy_ratio"),
        func.avg(cast(Survey.score, Float), type_=Float).label("average"),
    )  # fmt: skip
    with read(actor) as rx:
        return rx.frame(select(*columns).where(*_of(filters, Survey.answered_at)).group_by(week).order_by(week))


def _answers() -> AnySelect:
    return (
        select(*_ANSWERS).join(Ticket, Ticket.id == Survey.ticket_id).outerjoin(Tenant, Tenant.id == Survey.tenant_id)
    )


def _named(actor: Actor, frame: pd.DataFrame) -> pd.DataFrame:
    """With the agents' names, and the requesters' as the actor may see them."""
    known = people.names(UUID(one) for one in frame["agent_id"].dropna().unique())
    agents = [known.get(UUID(one)) if isinstance(one, str) else None for one in frame["agent_id"]]
    frame = frame.assign(agent=pd.array(agents, dtype="string"))
    if masking.sees(actor) or frame.empty:
        return frame
    names = [masking.name_masked(name, key) for name, key in zip(frame["requester"], frame["ticket_id"], strict=True)]
    return frame.assign(requester=pd.array(names, dtype="string"))


def comments(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 20) -> Page:
    """One row per answer with a comment, newest first: id, ticket_id, tenant_id, tenant, number (int), subject, requester,
    status, agent_id, team_id, score, comment, answered_at, followed_up_at, followed_up_by_name, agent. Raises Denied."""
    require(actor, "tickets:read")
    wanted = _answers().where(*_of(filters, Survey.answered_at), Survey.comment.is_not(None))
    with read(actor) as rx:
        page = rx.page(wanted, keys=[Survey.answered_at, Survey.id], after=after, limit=limit)
    return Page(_named(actor, page.frame), page.next)


def low(actor: Actor, *, limit: int = 50) -> pd.DataFrame:
    """One row per low answer that nobody looked after yet, the newest first, of any time: as `comments`. Raises Denied."""
    require(actor, "tickets:read")
    waits = (Survey.kind == "csat", Survey.score <= rules.LOW, Survey.followed_up_at.is_(None))
    wanted = _answers().where(*waits, Survey.answered_at.is_not(None))
    with read(actor) as rx:
        frame = rx.frame(wanted.order_by(Survey.answered_at.desc(), Survey.id.desc()), limit=limit)
    return _named(actor, frame)


def export(actor: Actor, filters: Filters) -> Iterator[pd.DataFrame]:
    """Every answer in the time, newest first, in parts for a file: as `comments`. Raises Denied."""
    require(actor, "tickets:read")
    wanted = _answers().where(*_of(filters, Survey.answered_at)).order_by(Survey.answered_at.desc(), Survey.id.desc())
    for frame in frames(actor, wanted):
        yield _named(actor, frame)


def of_ticket(actor: Actor, ticket_id: UUID) -> dict[str, Any] | None:
    """The newest answer about the ticket: score, comment, answered_at; None when there is none. Raises Denied."""
    require(actor, "tickets:read")
    wanted = select(Survey.score, Survey.comment, Survey.answered_at).where(Survey.ticket_id == ticket_id)
    with read(actor) as rx:
        row = rx.one(wanted.where(Survey.answered_at.is_not(None)).order_by(Survey.answered_at.desc()).limit(1))
    return row._asdict() if row else None


@dataclass(frozen=True, slots=True)
class Question:
    """What a link asks. `subject` is the ticket's; `state` says whether it can still be answered."""

    kind: str
    subject: str | None
    state: str


def question(token: str) -> Question | None:
    """What the link with this token asks of whoever holds it; None for one that is not known."""
    wanted = select(Survey.kind, Survey.answered_at, Survey.expires_at, Ticket.subject).outerjoin(
        Ticket, Ticket.id == Survey.ticket_id
    )
    with read(Actor.system("survey", channel="api")) as rx:
        row = rx.one(wanted.where(Survey.token_digest == crypto.digest(token)))
    if row is None:
        return None
    state = "answered" if row.answered_at else "expired" if row.expires_at <= utc_now() else "open"
    return Question(row.kind, row.subject, state)
