"""Every ten seconds: what is due by the clock, and guardrails that fire."""

from typing import Any

from sqlalchemy import func, or_, select

from core.kernel.actor import Actor
from core.kernel.errors import AlreadyDone, Conflict, Invalid, NotFound
from core.kernel.logs import get_logger
from core.kernel.reads import read
from core.kernel.tasks import every
from core.kernel.times import utc_now
from core.platform.flags import actions
from core.platform.flags.guardrails import fired
from core.platform.flags.models import Flag, FlagEnvironment, FlagOverride
from core.platform.flags.queries.guardrails import figures

BATCH = 200
log = get_logger()


@every("flags.tick", seconds=10)
def tick(actor: Actor) -> None:
    """Applies schedules and ramps, ends overrides whose time is over, and pauses what a guardrail stops."""
    apply_due(actor)
    expire_overrides(actor)
    check_guardrails(actor)


def _live(*columns: Any) -> Any:
    return select(*columns).join(Flag, Flag.id == FlagEnvironment.flag_id).where(Flag.archived_at.is_(None))


def apply_due(actor: Actor) -> None:
    """One action for each environment of a flag with something due."""
    here, now = FlagEnvironment, utc_now()
    due = or_(here.enable_at <= now, here.disable_at <= now, here.next_step_at <= now)
    with read(actor) as rx:
        rows = rx.rows(_live(here.id, here.version).where(due).order_by(here.id).limit(BATCH))
    for row in rows:
        try:
            actions.apply_due(actor, row.id, version=row.version)
        except (AlreadyDone, Conflict, NotFound) as error:
            log.info("a schedule waits for the next tick", environment_id=str(row.id), error=str(error))


def expire_overrides(actor: Actor) -> None:
    """Looks before it acts: an action that finds nothing still costs a transaction that writes."""
    with read(actor) as rx:
        over = rx.value(select(FlagOverride.id).where(FlagOverride.expires_at <= utc_now()).limit(1))
    if over is not None:
        actions.expire_overrides(actor)


def check_guardrails(actor: Actor) -> None:
    """Pauses each flag whose guardrail fires; each figure is measured once."""
    here = FlagEnvironment
    runs = (
        here.is_enabled,
        here.killed_at.is_(None),
        here.paused_at.is_(None),
        func.jsonb_array_length(here.guardrails) > 0,
    )
    with read(actor) as rx:
        rows = rx.rows(
            _live(here.flag_id, here.environment, here.guardrails).where(*runs).order_by(here.id).limit(5_000)
        )
    measured = figures({one["metric"] for row in rows for one in row.guardrails})
    for row in rows:
        reasons = (fired(one, measured[one["metric"]]) for one in row.guardrails if one["metric"] in measured)
        reason = next((why for why in reasons if why), None)
        if reason is not None:
            _pause(actor, row, reason)


def _pause(actor: Actor, row: Any, reason: str) -> None:
    try:
        actions.pause(actor, row.flag_id, row.environment, reason=reason)
    except (Invalid, NotFound) as error:
        log.info("a guardrail had nothing to pause", flag_id=str(row.flag_id), error=str(error))
