"""Forgetting the API's answers."""

from typing import Any

from sqlalchemy import delete, select

from core.kernel.actor import Actor
from core.kernel.tasks import every, task
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.platform.answers.claims import KEEP
from core.platform.answers.models import ApiAnswer

BATCH = 5_000


@every("answers.clean_up", cron="25 * * * *")
@task("answers.clean_up", retry=3)
def clean_up(actor: Actor) -> None:
    """Deletes answers that nobody can ask for any more, in batches."""
    deleted = BATCH
    while deleted == BATCH:
        with record(actor) as tx:
            old = select(ApiAnswer.id).where(ApiAnswer.claimed_at < utc_now() - KEEP).limit(BATCH)
            result: Any = tx.execute(delete(ApiAnswer).where(ApiAnswer.id.in_(old)))
            deleted = result.rowcount
