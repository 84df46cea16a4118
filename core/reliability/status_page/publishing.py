"""Renders the page and writes it wherever it is to be, one rendering at a time, and keeps what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import insert, select, text, update

from core.kernel.actor import Actor
from core.kernel.errors import Unavailable
from core.kernel.logs import get_logger
from core.kernel.models import uuid7
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now
from core.reliability.status_page import places, reading, rendering, writing
from core.reliability.status_page.files import File
from core.reliability.status_page.models import StatusRender

# Two renderings at once could leave the older one: they wait for each other, on any machine.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('status_page.render', 0))")
log = get_logger()


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one place; `error` is None when all is well."""

    target: str
    changed: int
    error: str | None


def publish(actor: Actor) -> list[Written]:
    """Renders now and writes to each place. A place that fails does not keep the others from being written."""
    with record(actor, timeout_ms=120_000) as tx:
        tx.execute(_ALONE)
        snapshot = reading.snapshot(actor)
        files = rendering.render(snapshot, utc_now(), rendering.site())
        done = [_write(target, write, files) for target, write in _places()]
        for one in done:
            _keep(tx, one, snapshot.digest(), len(files))
    return done


def _places() -> list[tuple[str, Callable[[Sequence[File]], int]]]:
    folder, bucket = places.folder(), places.bucket()
    found: list[tuple[str, Callable[[Sequence[File]], int]]] = [(str(folder), partial(writing.to_folder, folder))]
    if bucket is not None:
        found.append((bucket, partial(writing.to_bucket, bucket)))
    return found


def _write(target: str, write: Callable[[Sequence[File]], int], files: Sequence[File]) -> Written:
    try:
        return Written(target, write(files), None)
    except Unavailable as error:
        log.warning("the status page could not be written", target=target, error=str(error))
        return Written(target, 0, str(error))


def _keep(tx: Recording, one: Written, digest: bytes, files: int) -> None:
    """A new row when the page, or what hinders it, is another than at the last time; else that one counts on."""
    table, now = StatusRender, utc_now()
    known = select(table.id, table.digest, table.error).where(table.target == one.target)
    last = tx.execute(known.order_by(table.last_at.desc()).limit(1)).first()
    if last is not None and (last.digest, last.error) == (digest, one.error):
        counted = update(table).where(table.id == last.id).values(last_at=now, times=table.times + 1, files=files)
        tx.execute(counted)
        return
    made = {"id": uuid7(), "at": now, "last_at": now, "target": one.target, "digest": digest, "files": files}
    tx.execute(insert(table).values(**made, error=one.error))
