"""What is done with many rows at once: each stands for itself, and its outcome says what became of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from core.kernel.errors import NotFound
from core.kernel.writes import Transaction

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Edit:
    """One row of a grid: the columns that were changed, and the version they were changed from."""

    id: UUID
    version: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row; `problem` is None when it was done."""

    id: UUID
    problem: str | None


def each(tx: Transaction, keys: Iterable[UUID], act: Callable[[UUID], object]) -> list[Outcome]:
    """Does it to each on its own, once and in the order given: one that is refused leaves the others."""
    return [_attempt(tx, key, act) for key in dict.fromkeys(keys)]


def _attempt(tx: Transaction, key: UUID, act: Callable[[UUID], object]) -> Outcome:
    with tx.attempt() as attempt:
        act(key)
    return Outcome(key, str(attempt.problem) if attempt.problem else None)


def present(rows: Mapping[UUID, Row], key: UUID, kind: str) -> Row:
    """The row among those that were locked; `kind` names what is missing. Raises NotFound."""
    if key not in rows:
        raise NotFound(f"This {kind} does not exist any more, or is not among those you may see.")
    return rows[key]
