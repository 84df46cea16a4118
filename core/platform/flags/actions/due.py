"""What time itself changes: schedules, ramps, and overrides that end."""

from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.writes import Transaction, write
from core.platform.flags.applying import next_step
from core.platform.flags.conditions import as_moment
from core.platform.flags.models import Flag, FlagEnvironment, FlagOverride

BATCH = 500


def apply_due(actor: Actor, environment_id: UUID, *, version: int) -> None:
    """Switches and ramps as planned, once for each version of the environment. Raises AlreadyDone, Conflict, NotFound.

    A ramp waits while its flag is killed or paused. It only raises: a higher percentage stays.
    """
    with write(actor, "flags.apply_due", once=f"flags.apply_due:{environment_id}:{version}") as tx:
        row = tx.lock(FlagEnvironment, environment_id, version=version)
        tx.note(flag=tx.get(Flag, row.flag_id).key, environment=row.environment)
        _switch(tx, row)
        _step(tx, row)


def _switch(tx: Transaction, row: FlagEnvironment) -> None:
    if row.enable_at is not None and row.enable_at <= tx.now:
        row.is_enabled, row.enable_at = True, None
    if row.disable_at is not None and row.disable_at <= tx.now:
        row.is_enabled, row.disable_at = False, None


def _step(tx: Transaction, row: FlagEnvironment) -> None:
    if row.next_step_at is None or row.next_step_at > tx.now:
        return
    due = [step for step in row.ramp if not step["applied_at"] and as_moment(step["at"]) <= tx.now]
    row.ramp = [{**step, "applied_at": tx.now.isoformat()} if step in due else step for step in row.ramp]
    highest = max((step["percentage"] for step in due), default=0)
    row.rollout_percentage = max(row.rollout_percentage, type(row.rollout_percentage)(str(highest)))
    row.next_step_at = next_step(row)


def expire_overrides(actor: Actor) -> int:
    """Removes overrides whose time is over, at most 500 at once; returns how many."""
    with write(actor, "flags.expire_overrides") as tx:
        over = select(FlagOverride).where(FlagOverride.expires_at <= tx.now).order_by(FlagOverride.expires_at)
        found = list(tx.session.scalars(over.limit(BATCH).with_for_update(skip_locked=True)))
        for row in found:
            tx.delete(row)
    return len(found)
