"""Rows of a query in parts, so that a long list never lies in memory as a whole."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import pandas as pd

from core.data.exports import cells
from core.data.exports.rules import MAX_ROWS, Format
from core.data.exports.writing import WRITERS, Writer
from core.kernel.actor import Actor
from core.kernel.reads import AnySelect, as_frame, read

PART = 2_000


def frames(actor: Actor, statement: AnySelect, *, size: int = PART) -> Iterator[pd.DataFrame]:
    """The statement's rows as DataFrames of at most `size` rows, all of one moment, through a cursor of the server.

    At least one frame, so that an empty list has columns too. At most MAX_ROWS + 1 rows: the one more tells that there are.
    """
    limited = statement if statement._limit_clause is not None else statement.limit(MAX_ROWS + 1)
    with read(actor, timeout_ms=30_000) as rx:
        is_first = True
        for rows in rx.session.execute(limited, execution_options={"yield_per": size}).partitions():
            is_first = False
            yield as_frame(statement, rows)
        if is_first:
            yield as_frame(statement, [])


@dataclass(slots=True)
class Written:
    """What a file holds; `is_truncated` when there were more rows than it takes."""

    columns: list[str] = field(default_factory=list)
    rows: int = 0
    is_truncated: bool = False


def write_frames(given: Iterable[pd.DataFrame], form: Format, file: BinaryIO, *, most: int = MAX_ROWS) -> Written:
    """Writes the frames, which have the same columns, one after the other; at most `most` rows in all."""
    writer, written = WRITERS[form](file), Written()
    for place, frame in enumerate(given):
        if place == 0:
            written.columns = [str(name) for name in frame.columns]
            writer.begin(written.columns)
        _write(frame, writer, written, most)
        if written.is_truncated:
            break
    writer.end()
    return written


def _write(frame: pd.DataFrame, writer: Writer, written: Written, most: int) -> None:
    room = most - written.rows
    kept = frame.head(room)
    for values in zip(*(cells.plain(kept[name]) for name in kept.columns), strict=True):
        writer.row(values)
    written.rows += min(len(frame), room)
    written.is_truncated = len(frame) > room
