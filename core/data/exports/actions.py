"""Taking rows out of the portal as a file: the one way, and never without a trace."""

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

import pandas as pd

from core.data.exports import rules
from core.data.exports.models import DataExport
from core.data.exports.rules import Format
from core.data.exports.streaming import write_frames
from core.kernel.actor import Actor
from core.kernel.writes import write

Make = Callable[[Actor], "Iterable[pd.DataFrame] | pd.DataFrame"]


@dataclass(frozen=True, slots=True)
class Export:
    """What was recorded, and the file at its beginning, which vanishes when it is closed."""

    row: DataExport
    file: BinaryIO


def create(
    actor: Actor, *, name: str, form: Format, make: Make, filters: Mapping[str, Any], tenant_id: UUID | None = None
) -> Export:
    """Writes what `make` reads as the actor into a file, and records who took which columns and rows of what.

    `filters` are what narrowed the rows. Raises Denied before anything is read, Invalid, TooSlow.
    """
    rules.require_format(form)
    cleaned = rules.clean_name(name)
    with write(actor, "exports.create") as tx:
        file = tempfile.TemporaryFile()  # noqa: SIM115  (the caller reads and closes it)
        written = write_frames(_frames(make, actor), form, file)
        size = file.seek(0, 2)
        file.seek(0)
        row = tx.add(DataExport(
            tenant_id=tenant_id, name=cleaned, format=form, filters=rules.told(filters), columns=written.columns,
            rows=written.rows, is_truncated=written.is_truncated, size_bytes=size, created_by=actor.id,
            created_by_name=actor.name,
        ))  # fmt: skip
        tx.note(name=cleaned, format=form, rows=written.rows)
    return Export(row, file)


def _frames(make: Make, actor: Actor) -> Iterable[pd.DataFrame]:
    made = make(actor)
    return [made] if isinstance(made, pd.DataFrame) else made
