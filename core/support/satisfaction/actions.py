"""Asks, takes answers, and keeps who looked after a low one."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from core.customers.tenants.models import Tenant
from core.customers.users.models import TenantUser
from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.models import uuid7
from core.kernel.writes import Transaction, write
from core.support.mail import queueing
from core.support.satisfaction import links, rules
from core.support.satisfaction.models import Survey
from core.support.tickets import log
from core.support.tickets.models import Ticket

AT_ONCE = 200
ANSWERED = "This question was answered already. Thank you."
EXPIRED = "This link has expired. Reply to our mail if you want to tell us something."
UNKNOWN = "This link is not known. Look whether it was copied whole."


def ask(actor: Actor, ticket_id: UUID, *, message_id: UUID | None, once: str) -> Survey | None:
    """Asks the requester of a resolved ticket how it went; a question of before ends. None where nobody can be asked.

    Raises NotFound, AlreadyDone.
    """
    with write(actor, "satisfaction.ask", once=once) as tx:
        ticket = tx.get(Ticket, ticket_id)
        if not ticket.requester_email or ticket.status != "resolved":
            return None
        for earlier in _open_ones(tx, ticket_id):
            earlier.expires_at = min(earlier.expires_at, tx.now)
        survey = tx.add(_about(tx, ticket))
        tx.session.flush()
        tx.note(ticket_id=ticket_id, survey_id=survey.id, message_id=message_id)
    return survey


def _about(tx: Transaction, ticket: Ticket) -> Survey:
    key = uuid7()
    return Survey(
        id=key, kind="csat", tenant_id=ticket.tenant_id, ticket_id=ticket.id, user_id=ticket.requester_id,
        team_id=ticket.team_id, agent_id=ticket.assignee_id, token_digest=crypto.digest(links.token_of(key)),
        created_at=tx.now, expires_at=tx.now + rules.CSAT_LIFE,
    )  # fmt: skip


def _open_ones(tx: Transaction, ticket_id: UUID) -> list[Survey]:
    """The questions about the ticket that can still be answered, locked, the newest first."""
    wanted = select(Survey).where(
        Survey.ticket_id == ticket_id, Survey.answered_at.is_(None), Survey.expires_at > tx.now
    )
    return list(tx.session.scalars(wanted.order_by(Survey.created_at.desc()).with_for_update()))


def ask_nps(actor: Actor, quarter: date) -> int:
    """Asks administrators of active tenants who were not asked in this quarter, at most AT_ONCE; returns how many."""
    with write(actor, "satisfaction.ask_nps") as tx:
        people = tx.session.execute(_unasked(quarter).limit(AT_ONCE)).all()
        rows = [_to_person(tx, person, quarter) for person in people]
        if rows:
            tx.bulk(insert(Survey), rows)
        for person, row in zip(people, rows, strict=True):
            about = {"event_id": row["id"], "survey_id": row["id"], "tenant_id": row["tenant_id"], "kind": "nps"}
            queueing.put(tx.session, [person.email], request_id=actor.request_id, **about)
        tx.note(quarter=quarter, asked=len(rows))
    return len(rows)


def _unasked(quarter: date) -> Any:
    """Whoever became a customer in this very quarter is asked in the next one."""
    asked = select(Survey.id).where(Survey.user_id == TenantUser.id, Survey.quarter == quarter, Survey.kind == "nps")
    return (
        select(TenantUser.id, TenantUser.tenant_id, TenantUser.email)
        .join(Tenant, Tenant.id == TenantUser.tenant_id)
        .where(TenantUser.is_admin, TenantUser.deactivated_at.is_(None), Tenant.status == "active")
        .where(Tenant.created_at < quarter, ~asked.exists())
        .order_by(TenantUser.tenant_id, TenantUser.id)
    )


def _to_person(tx: Transaction, person: Any, quarter: date) -> dict[str, Any]:
    key = uuid7()
    return {
        "id": key, "kind": "nps", "tenant_id": person.tenant_id, "user_id": person.id, "quarter": quarter,
        "token_digest": crypto.digest(links.token_of(key)), "created_at": tx.now, "expires_at": rules.ends_at(quarter),
    }  # fmt: skip


def answer(actor: Actor, token: str, *, score: Any, comment: Any = None) -> Survey:
    """Takes the answer of whoever has the link, once. Raises Invalid for a used or expired link and for what is off the
    scale, NotFound."""
    with write(actor, "satisfaction.answer") as tx:
        wanted = select(Survey).where(Survey.token_digest == crypto.digest(token)).with_for_update()
        survey = tx.session.scalar(wanted)
        if survey is None:
            raise NotFound(UNKNOWN)
        _require_open(tx, survey)
        _store(tx, survey, score, comment)
        tx.note(survey_id=survey.id, ticket_id=survey.ticket_id, kind=survey.kind, score=survey.score)
    return survey


def rate(actor: Actor, ticket_id: UUID, *, score: Any, comment: Any = None, once: str | None = None) -> Survey:
    """Takes the answer about a resolved ticket from the product's front end. It counts once for each time that the ticket
    was resolved. Raises Invalid, NotFound, AlreadyDone."""
    with write(actor, "satisfaction.rate", once=once) as tx:
        ticket = tx.lock(Ticket, ticket_id)
        if ticket.status not in ("resolved", "closed"):
            sentence = "Only a resolved ticket can be rated. Wait until it is, or reply to it."
            raise Invalid(sentence, {"score": sentence})
        _require_unrated(tx, ticket)
        survey = next(iter(_open_ones(tx, ticket_id)), None) or tx.add(_about(tx, ticket))
        _store(tx, survey, score, comment)
        tx.note(survey_id=survey.id, ticket_id=ticket_id, kind="csat", score=survey.score)
    return survey


def _require_unrated(tx: Transaction, ticket: Ticket) -> None:
    since = ticket.resolved_at or ticket.created_at
    rated = select(Survey.id).where(Survey.ticket_id == ticket.id, Survey.answered_at >= since)
    if tx.session.scalar(rated.limit(1)) is not None:
        raise Invalid("This ticket was rated already. Thank you.", {"score": "Rated already."})


def _require_open(tx: Transaction, survey: Survey) -> None:
    if survey.answered_at is not None:
        raise Invalid(ANSWERED)
    if survey.expires_at <= tx.now:
        raise Invalid(EXPIRED)


def _store(tx: Transaction, survey: Survey, score: Any, comment: Any) -> None:
    survey.score, survey.comment = rules.clean_score(survey.kind, score), rules.clean_comment(comment)
    survey.answered_at = tx.now
    tx.session.flush()
    if survey.ticket_id is not None:
        ticket = tx.get(Ticket, survey.ticket_id)
        log.add(
            tx,
            ticket,
            "rated",
            after=str(survey.score),
            survey_id=str(survey.id),
            is_low=rules.is_low("csat", survey.score),
        )


def follow_up(actor: Actor, survey_id: UUID) -> Survey:
    """Marks a low answer as looked after. Raises Invalid for one that is not low or was done already, NotFound."""
    with write(actor, "satisfaction.follow_up") as tx:
        survey = tx.lock(Survey, survey_id)
        if survey.score is None or not rules.is_low(survey.kind, survey.score):
            raise Invalid("Only a low answer is followed up.")
        if survey.followed_up_at is not None:
            raise Invalid(f"{survey.followed_up_by_name} did this already.")
        survey.followed_up_at, survey.followed_up_by, survey.followed_up_by_name = tx.now, actor.id, actor.name
        tx.note(ticket_id=survey.ticket_id)
    return survey
