"""Signing in and out."""

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select

from core.access.operators import rules
from core.access.operators.models import Operator
from core.access.sessions.models import OperatorSession, SignInCode
from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.entries import record_refusal
from core.kernel.errors import Denied, Invalid
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.kernel.writes import Transaction, write

SESSION_LIFE = timedelta(hours=8)
CODE_LIFE = timedelta(seconds=30)
WRONG = "The e-mail address or the password is wrong. Check both and try again."
STALE = "This sign-in link was used already or is too old. Sign in again."


class Visitor(NamedTuple):
    """Who stands at the door: the browser's own random mark, its address and name."""

    browser: str
    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


class Started(NamedTuple):
    """The token for the cookie, and how long it lives."""

    token: str
    life: timedelta


def _door(visitor: Visitor) -> Actor:
    system = Actor.system("sign-in", request_id=visitor.request_id, channel="page")
    return replace(system, ip=visitor.ip, user_agent=visitor.user_agent)


def _account(which: ColumnElement[bool]) -> Operator | None:
    columns = (
        Operator.id, Operator.email, Operator.name, Operator.role, Operator.password_hash, Operator.disabled_at,
    )  # fmt: skip
    with read(Actor.system("sign-in", channel="page")) as rx:
        row = rx.one(select(*columns).where(which))
    return None if row is None else Operator(**row._asdict())


def sign_in(email: str, password: str, visitor: Visitor) -> str:
    """Returns a code for `start`. Raises Denied, in the same words and after the same work, whatever was wrong.

    The refusal is recorded with the address that was typed.
    """
    account = _account(func.lower(Operator.email) == email.strip().lower())
    fits = rules.is_password(password, account.password_hash if account else None)
    door = _door(visitor)
    if account is None or not fits or account.disabled_at is not None:
        error = Denied(WRONG)
        record_refusal(door, "sessions.sign_in", error, email=email.strip()[:254])
        raise error
    code = crypto.new_token()
    entering = replace(door, operator_id=account.id, name=account.name, role=account.role)
    with write(entering, "sessions.sign_in") as tx:
        tx.session.execute(delete(SignInCode).where(SignInCode.expires_at < tx.now))
        tx.get(Operator, account.id).last_sign_in_at = tx.now
        digests = {"code_digest": crypto.digest(code), "browser_digest": crypto.digest(visitor.browser)}
        tx.add(SignInCode(operator_id=account.id, expires_at=tx.now + CODE_LIFE, **digests))
    return code


def _owner(code: str) -> Operator:
    columns = (Operator.id, Operator.name, Operator.role)
    owner = select(*columns).join(SignInCode, SignInCode.operator_id == Operator.id)
    with read(Actor.system("sign-in", channel="page")) as rx:
        row = rx.one(owner.where(SignInCode.code_digest == crypto.digest(code)))
    if row is None:
        raise Denied(STALE)
    return Operator(**row._asdict())


def start(code: str, visitor: Visitor) -> Started:
    """Exchanges a code, once and by the browser that got it, for a session. Raises Denied."""
    token, owner = crypto.new_token(), _owner(code)
    entering = replace(_door(visitor), operator_id=owner.id, name=owner.name, role=owner.role)
    with write(entering, "sessions.start") as tx:
        found = tx.session.scalar(
            select(SignInCode).where(SignInCode.code_digest == crypto.digest(code)).with_for_update()
        )
        if (
            found is None
            or found.expires_at < tx.now
            or not crypto.same(found.browser_digest, crypto.digest(visitor.browser))
        ):
            raise Denied(STALE)
        session = OperatorSession(
            operator_id=owner.id, token_digest=crypto.digest(token), started_at=tx.now,
            expires_at=tx.now + SESSION_LIFE, ip=visitor.ip, user_agent=visitor.user_agent,
        )  # fmt: skip
        tx.add(session)
        tx.session.flush()
        tx.delete(found)
    return Started(token, SESSION_LIFE)


def sign_out(actor: Actor) -> None:
    """Ends the actor's session on the server. Does nothing when it has ended."""
    if actor.session_id is None:
        return
    with write(replace(actor, grants=frozenset({"*"})), "sessions.sign_out") as tx:
        session = tx.lock(OperatorSession, actor.session_id)
        if session.ended_at is None:
            session.ended_at = utc_now()


def _end(tx: Transaction, operator_id: UUID, *, but: UUID | None = None) -> int:
    running = select(OperatorSession).where(
        OperatorSession.operator_id == operator_id,
        OperatorSession.ended_at.is_(None),
        OperatorSession.expires_at > tx.now,
    )
    sessions = [one for one in tx.session.scalars(running.with_for_update()) if one.id != but]
    for session in sessions:
        session.ended_at = tx.now
    return len(sessions)


def end_all(actor: Actor, operator_id: UUID) -> int:
    """Ends every session of an operator. Returns how many ran."""
    with write(actor, "sessions.end_all") as tx:
        return _end(tx, operator_id)


def change_password(actor: Actor, *, current: str, new: str) -> int:
    """Gives the actor a new password and ends his other sessions. Returns how many ran.

    Raises Invalid for a weak password, a wrong current one (recorded as denied), and a demo account's public one.
    """
    account = _account(Operator.id == actor.operator_id)
    if account is None or not rules.is_password(current, account.password_hash):
        wrong = Invalid("The current password is wrong. Type it again.", {"current": "This is not your password."})
        record_refusal(actor, "sessions.change_password", wrong)
        raise wrong
    rules.require_password(new, email=account.email)
    # An operator may change this of himself whatever his role grants.
    with write(replace(actor, grants=frozenset({"*"})), "sessions.change_password") as tx:
        _give_password(tx, account.id, new)
        return _end(tx, account.id, but=actor.session_id)


def set_password(actor: Actor, operator_id: UUID, *, password: str, reason: str) -> int:
    """Gives an operator who lost his password another one and ends his sessions. Returns how many ran. Raises Invalid."""
    with write(actor, "sessions.set_password", reason=reason) as tx:
        rules.require_password(password, email=tx.get(Operator, operator_id).email)
        _give_password(tx, operator_id, password)
        return _end(tx, operator_id)


def _give_password(tx: Transaction, operator_id: UUID, password: str) -> None:
    operator = tx.lock(Operator, operator_id)
    if operator.is_demo:
        raise Invalid("A demo account keeps the password that the sign-in page shows.")
    operator.password_hash = rules.hash_password(password)
