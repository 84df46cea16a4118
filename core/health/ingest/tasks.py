"""Forgetting batches that nobody will send again."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select, tuple_

from core.health.ingest.models import IngestBatch
from core.health.ingest.rules import FILES, PAST
from core.kernel.actor import Actor
from core.kernel.tasks import every, task
from core.kernel.telemetry import record
from core.kernel.times import utc_now

# Rows older than PAST are refused, so a batch that comes again later stores nothing. A file's rows may be of any age.
KEPT, FILES_KEPT = PAST + timedelta(days=1), timedelta(days=400)
AT_ONCE = 5_000


@every("ingest.forget", cron="40 1 * * *")
@task("ingest.forget", retry=3)
def forget(actor: Actor) -> None:
    """Deletes batches of senders after 8 days and those of files after 400, some at a time."""
    now = utc_now()
    for old in ((IngestBatch.at < now - KEPT, IngestBatch.actor_id != FILES), (IngestBatch.at < now - FILES_KEPT,)):
        while _forget_some(actor, old) == AT_ONCE:
            pass


def _forget_some(actor: Actor, old: Sequence[ColumnElement[bool]]) -> int:
    key = tuple_(IngestBatch.actor_id, IngestBatch.batch_id)
    some = select(IngestBatch.actor_id, IngestBatch.batch_id).where(*old).limit(AT_ONCE)
    with record(actor) as tx:
        result: Any = tx.execute(delete(IngestBatch).where(key.in_(some)))
    return int(result.rowcount)
