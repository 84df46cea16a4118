"""How many SQL statements the first run of a page takes, navigation and the page's own included."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from bench import pages
from core.kernel import db


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are run inside."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    engines = {db.engine(), db.read_engine()}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def _of(key: str, count: int, query: dict[str, str]) -> int:
    with counted() as seen:
        pages.runs(key, count=count, **query)
    return len(seen)


def home() -> int:
    """Of one run of home, with which every visit of the bench begins."""
    return _of("home", 2, {}) - _of("home", 1, {})


def arrival(key: str, query: dict[str, str], of_home: int) -> int:
    """Of the run in which a page is opened, when nothing of it is known yet."""
    return _of(key, 0, query) - of_home
