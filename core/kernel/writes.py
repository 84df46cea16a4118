"""The one way in: permission, transaction, change, audit entry and event belong together, or nothing happens."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Select, bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.dml import UpdateBase

from core.kernel import capture, db, permissions
from core.kernel.actor import Actor
from core.kernel.entries import record_done, record_refusal
from core.kernel.errors import (
    AlreadyDone,
    Conflict,
    Denied,
    ExpectedError,
    Invalid,
    Maintenance,
    NotFound,
    ReasonRequired,
    TooSlow,
)
from core.kernel.logs import get_logger
from core.kernel.models import Base
from core.kernel.state import OnceKey
from core.kernel.times import utc_now

Row = TypeVar("Row", bound=Base)
log = get_logger()


class Attempt:
    """How a part of a transaction ended; `problem` is None when it was done."""

    problem: ExpectedError | None = None


class Transaction:
    """What an action may do. Made by `write`, never by hand."""

    def __init__(self, session: Session, actor: Actor, action: str) -> None:
        self.session, self.actor, self.action = session, actor, action
        self.now = utc_now()
        self.changed = capture.Capture()
        self.noted: dict[str, Any] = {}
        session.info["capture"] = self.changed

    def add(self, row: Row) -> Row:
        """Makes the row."""
        self.session.add(row)
        return row

    def add_all(self, rows: Iterable[Base]) -> None:
        self.session.add_all(rows)

    def delete(self, row: Base) -> None:
        self.session.delete(row)

    def get(self, model: type[Row], key: Any) -> Row:
        """The row, unlocked. Raises NotFound for one that does not exist or is out of the actor's sight."""
        found = self.session.get(model, key)
        if found is None:
            raise _not_found(model)
        return found

    def lock(self, model: type[Row], key: Any, *, version: int | None = None) -> Row:
        """The row, locked until the end. Raises NotFound, and Conflict when it is no longer at `version`."""
        parts = key if isinstance(key, tuple) else (key,)
        values = {f"key_{place}": part for place, part in enumerate(parts)}
        found: Row | None = self.session.scalars(_locking(model), values).first()
        if found is None:
            raise _not_found(model)
        current = getattr(found, "version", None)
        if version is not None and current != version:
            raise conflict(model, key, since=version, current=current)
        return found

    def lock_many(self, model: type[Row], keys: Iterable[Any]) -> list[Row]:
        """The rows that exist and are in sight, locked in the order of their keys, so that two bulk edits never meet."""
        key = model.__mapper__.primary_key[0]
        found = select(model).where(key.in_(list(keys))).order_by(key).with_for_update()
        return list(self.session.scalars(found.execution_options(populate_existing=True)))

    def bulk(self, statement: UpdateBase, parameters: Sequence[Mapping[str, Any]] | None = None) -> int:
        """Runs an INSERT, UPDATE or DELETE of many rows; its predicate and row count go to the audit. Returns the count."""
        self.session.flush()
        result: Any = self.session.execute(statement, parameters, execution_options={"synchronize_session": False})
        rows = len(parameters) if parameters is not None else max(result.rowcount, 0)
        if rows:
            self.changed.bulk.append(capture.describe(statement, rows, parameters))
        return rows

    @contextmanager
    def attempt(self) -> Iterator["Attempt"]:
        """A part that may fail on its own, such as one row of many: it is undone, and `problem` says why.

        Only expected errors are held; a defect still undoes everything.
        """
        attempt, outer = Attempt(), self.changed
        self.changed = self.session.info["capture"] = capture.Capture()
        try:
            with self.session.begin_nested():
                yield attempt
                self.session.flush()
            outer.merge(self.changed)
        except (ExpectedError, DBAPIError, StaleDataError) as error:
            expected = error if isinstance(error, ExpectedError) else _as_expected(error, self.action)
            if expected is None:
                raise
            attempt.problem = expected
        finally:
            self.changed = self.session.info["capture"] = outer

    def saw(self, row: Base) -> None:
        """Records that the row was shown though nothing changed: for what must not be looked at without a trace."""
        self.changed.add(capture.seen(row))

    def note(self, **values: Any) -> None:
        """Adds to the event's payload and to the audit entry's details."""
        self.noted.update(values)

    def enqueue(self, task: str, *, priority: int = 0, key: str | None = None, **arguments: Any) -> None:
        """Queues a job that exists only if this transaction commits. `key`: at most one such job waits at a time."""
        from core.kernel.tasks import enqueue_on  # noqa: PLC0415  (tasks need actors, and actions need tasks)

        self.session.flush()
        enqueue_on(
            db.driver(self.session),
            task,
            priority=priority,
            key=key,
            request_id=self.actor.request_id,
            arguments=arguments,
        )


@cache
def _locking(model: type[Row]) -> Select[Row]:
    """The statement behind `lock`, made once per model."""
    keys = enumerate(model.__mapper__.primary_key)
    found = select(model).where(*(column == bindparam(f"key_{place}") for place, column in keys))
    return found.with_for_update().execution_options(populate_existing=True)


def _not_found(model: type[Base]) -> NotFound:
    name = model.__tablename__.replace("_", " ")
    return NotFound(f"This {name} does not exist, or is not among those you may see.")


def conflict(model: type[Base], key: Any, *, since: int, current: int | None) -> Conflict:
    """The conflict of an edit that began at version `since`, with who changed what in the meantime."""
    from core.kernel.history import changes_of  # noqa: PLC0415  (history reads, and reads know nothing of writes)

    later = changes_of(key, limit=max((current or since) - since, 1))
    told = "; ".join(f"{one['actor']} changed {', '.join(one['columns']) or 'it'}" for one in later) or "it was changed"
    name = model.__tablename__.replace("_", " ")
    return Conflict(
        f"This {name} was changed while you edited it: {told}. Look at the new values and save again.", later
    )


def _claim_once(session: Session, key: str, action: str) -> None:
    claim = upsert(OnceKey).values(key=key, action=action, done_at=utc_now()).on_conflict_do_nothing()
    if session.execute(claim.returning(OnceKey.key)).first() is None:
        raise AlreadyDone(f"{action} was already done under the key {key}.")


def _as_expected(error: Exception, action: str) -> ExpectedError | None:
    """The expected error behind a database error, or None for a defect."""
    cause = getattr(error, "orig", None)
    if isinstance(error, StaleDataError):
        return Conflict("Somebody changed this row while you edited it. Load it again and repeat your change.")
    if isinstance(cause, psycopg.errors.QueryCanceled):
        return TooSlow("This took too long and was stopped; nothing was changed. Do it in smaller parts.")
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return Denied(
            f"The database refuses {action}: your role does not have the right, or the row is not in your scope."
        )
    if isinstance(cause, psycopg.errors.UniqueViolation):
        column = (cause.diag.constraint_name or "").removeprefix(f"uq_{cause.diag.table_name}_")
        return Invalid(
            f"This {column.replace('_', ' ')} is already in use. Choose another.", {column: "Already in use."}
        )
    if isinstance(error, OperationalError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return db.unavailable(error)
    return None


def _open(begun: db.Begun, actor: Actor, name: str, once: str | None) -> Transaction:
    if begun.maintenance is not None and not permissions.rule_of(name).during_maintenance:
        raise Maintenance(f"The portal is in maintenance: {begun.maintenance} Nothing was changed; try again later.")
    if once is not None:
        _claim_once(begun.session, once, name)
    return Transaction(begun.session, actor, name)


def _permit(actor: Actor, name: str, reason: str | None) -> None:
    rule = permissions.rule_of(name)
    if rule.requires is not None and not actor.may(rule.requires):
        error = Denied(f"Your role ({actor.role.replace('_', ' ')}) may not do this: it takes {rule.requires}.")
        record_refusal(actor, name, error, reason=reason)
        raise error
    if rule.reason and not (reason or "").strip():
        raise ReasonRequired


@contextmanager
def write(actor: Actor, name: str, *, reason: str | None = None, once: str | None = None) -> Iterator[Transaction]:
    """One action: checks the permission, opens the transaction under the actor's scope, records what changed, commits.

    `once` is an idempotency key: a second write under it raises AlreadyDone. Any exception rolls everything back.
    Raises Denied (recorded with outcome `denied`), ReasonRequired, Maintenance, NotFound, Conflict, Invalid, TooSlow.
    """
    _permit(actor, name, reason)
    try:
        with db.begun(actor, action=name) as begun:
            tx = _open(begun, actor, name, once)
            yield tx
            tx.session.flush()
            if tx.changed:
                record_done(tx.session, actor, name, tx.changed, noted=tx.noted, reason=reason)
            tx.session.commit()
    except (DBAPIError, StaleDataError) as error:
        expected = _as_expected(error, name)
        if isinstance(expected, Denied):
            record_refusal(actor, name, expected, reason=reason)
        if expected is None:
            raise
        raise expected from error
