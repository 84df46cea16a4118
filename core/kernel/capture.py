"""Before and after of everything a transaction changes, taken from the unit of work so that no action can forget it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import event, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session
from sqlalchemy.orm.base import NO_VALUE
from sqlalchemy.sql.dml import UpdateBase

from core.kernel.models import Base

MASK = "•••"
_UNTOLD = {"updated_at"}


def is_secret(column: Any) -> bool:
    """Whether the column's values are recorded as changed and never shown."""
    return bool(column.info.get("secret")) or getattr(column.type, "is_secret", False)


def _shown(column: Any, value: Any) -> Any:
    if value is None:
        return None
    return MASK if is_secret(column) else value


@dataclass(slots=True)
class Change:
    """One row's change; `columns` maps a column to [before, after]."""

    table: str
    id: Any
    operation: str
    tenant_id: UUID | None
    columns: dict[str, list[Any]] = field(default_factory=dict)

    def absorb(self, later: "Change") -> None:
        """A later flush of the same row: first before, last after."""
        for name, (before, after) in later.columns.items():
            self.columns[name] = [self.columns.get(name, [before])[0], after]
        if later.operation == "delete":
            self.operation = "delete"

    def as_json(self) -> dict[str, Any]:
        return {"table": self.table, "id": self.id, "operation": self.operation, "columns": self.columns}


@dataclass(slots=True)
class Capture:
    """What one transaction changed, in order."""

    rows: dict[tuple[str, Any], Change] = field(default_factory=dict)
    bulk: list[dict[str, Any]] = field(default_factory=list)

    def add(self, change: Change) -> None:
        key = (change.table, change.id)
        if key in self.rows:
            self.rows[key].absorb(change)
        else:
            self.rows[key] = change

    def merge(self, later: "Capture") -> None:
        """Takes over what a part of the transaction changed."""
        for change in later.rows.values():
            self.add(change)
        self.bulk += later.bulk

    def __bool__(self) -> bool:
        return bool(self.rows or self.bulk)


def _tenant_of(row: Base) -> UUID | None:
    tenant: UUID | None = getattr(row, getattr(type(row), "__tenant_key__", "tenant_id"), None)
    return tenant


def _columns(row: Base) -> Iterator[tuple[str, Any]]:
    for attribute in inspect(row).mapper.column_attrs:
        yield attribute.key, attribute.columns[0]


def _change(row: Base, operation: str, columns: dict[str, list[Any]]) -> Change:
    identity = inspect(row).mapper.primary_key_from_instance(row)
    key = identity[0] if len(identity) == 1 else identity
    return Change(row.__tablename__, key, operation, _tenant_of(row), columns)


def seen(row: Base) -> Change:
    """That the row was shown, where showing it is an act of its own, such as a secret's."""
    return _change(row, "read", {})


def _updated(row: Base) -> dict[str, list[Any]]:
    state = inspect(row)
    columns = state.mapper.columns
    found = {}
    for key, before in state.committed_state.items():
        after = state.dict.get(key)
        if key not in _UNTOLD and before is not after and before != after:
            found[key] = [None if before is NO_VALUE else _shown(columns[key], before), _shown(columns[key], after)]
    return found


def _whole(row: Base, *, after: bool) -> dict[str, list[Any]]:
    values = ((key, _shown(column, row.__dict__.get(key))) for key, column in _columns(row))
    return {key: [None, value] if after else [value, None] for key, value in values if value is not None}


def _before_flush(session: Session, *_: Any) -> None:
    capture: Capture | None = session.info.get("capture")
    if capture is None:
        return
    for row in session.dirty:
        columns = _updated(row)
        if columns:
            capture.add(_change(row, "update", columns))
    for row in session.deleted:
        capture.add(_change(row, "delete", _whole(row, after=False)))


def _after_flush(session: Session, *_: Any) -> None:
    capture: Capture | None = session.info.get("capture")
    if capture is None:
        return
    for row in session.new:
        capture.add(_change(row, "create", _whole(row, after=True)))


event.listen(Session, "before_flush", _before_flush)
event.listen(Session, "after_flush", _after_flush)


def describe(statement: UpdateBase, rows: int, parameters: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """What a bulk statement did: its table, SQL with its predicate, values (secrets masked) and row count."""
    compiled = statement.compile(dialect=postgresql.dialect())
    table: Any = statement.table
    secret = {column.key for column in table.columns if is_secret(column)}
    values = {key: MASK if key.removesuffix("_1") in secret else value for key, value in compiled.params.items()}
    operation = type(statement).__name__.lower()
    sets = len(parameters) if parameters is not None else None
    return {"table": table.name, "operation": f"bulk {operation}", "statement": str(compiled), "values": values,
            "rows": rows, "parameter_sets": sets}  # fmt: skip
