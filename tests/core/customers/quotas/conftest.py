"""Counting of statements."""

from collections.abc import Callable

import pytest
from sqlalchemy import event

from core.kernel import db as kernel


@pytest.fixture
def statements_of(db) -> Callable[[Callable[[], object]], int]:
    """How many statements something takes."""

    def count(what: Callable[[], object]) -> int:
        seen: list[str] = []

        def note(connection, cursor, statement, *rest) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):  # a test is in a transaction of its own
                seen.append(statement)

        event.listen(kernel.engine(), "before_cursor_execute", note)
        try:
            what()
        finally:
            event.remove(kernel.engine(), "before_cursor_execute", note)
        return len(seen)

    return count
