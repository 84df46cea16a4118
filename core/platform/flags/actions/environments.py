"""What a flag does in one environment: configured, switched, ramped, paused, killed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import write
from core.platform.flags.applying import change_environment, environment_of, hold_over, next_step, require_direct
from core.platform.flags.models import FlagEnvironment


def configure(actor: Actor, flag_id: UUID, environment: str, *, version: int, **values: Any) -> FlagEnvironment:
    """Changes is_enabled, rules, serve, rollout_percentage, prerequisites, ramp, enable_at, disable_at or guardrails.

    `version` is the environment's. A percentage set by hand ends a ramp. Raises Invalid naming every bad field (also for
    production of a protected flag), NotFound, Conflict.
    """
    with write(actor, "flags.configure") as tx:
        flag, row = environment_of(tx, flag_id, environment, version=version)
        tx.note(flag=flag.key, environment=environment)
        require_direct(flag, environment)
        change_environment(tx, flag, row, values)
    return row


def toggle(
    actor: Actor, flag_id: UUID, environment: str = "production", *, is_enabled: bool | None = None,
    version: int | None = None,
) -> FlagEnvironment:  # fmt: skip
    """Switches a flag on or off; without `is_enabled` to the other. Raises Invalid, NotFound, Conflict."""
    with write(actor, "flags.toggle") as tx:
        flag, row = environment_of(tx, flag_id, environment, version=version)
        tx.note(flag=flag.key, environment=environment)
        require_direct(flag, environment)
        row.is_enabled = not row.is_enabled if is_enabled is None else is_enabled
    return row


def set_ramp(
    actor: Actor, flag_id: UUID, environment: str, *, steps: list[dict[str, Any]], version: int | None = None
) -> FlagEnvironment:
    """Raises the percentage by itself, step by step; an empty list ends the ramp. A step in the past is due at once."""
    with write(actor, "flags.set_ramp") as tx:
        flag, row = environment_of(tx, flag_id, environment, version=version)
        tx.note(flag=flag.key, environment=environment)
        require_direct(flag, environment)
        change_environment(tx, flag, row, {"ramp": steps})
    return row


def kill(actor: Actor, flag_id: UUID, environment: str, *, reason: str) -> FlagEnvironment:
    """Serves the off variant to everybody at once, whatever else holds, until it is revived.

    Also during maintenance, and without review for protected flags. Raises Invalid when it is killed already.
    """
    with write(actor, "flags.kill", reason=reason) as tx:
        flag, row = environment_of(tx, flag_id, environment)
        tx.note(flag=flag.key, environment=environment)
        if row.killed_at is not None:
            raise Invalid("This flag is killed already.")
        row.killed_at, row.killed_by, row.kill_reason = tx.now, actor.id, reason.strip()
        row.next_step_at = next_step(row)
    return row


def revive(actor: Actor, flag_id: UUID, environment: str, *, reason: str) -> FlagEnvironment:
    """Ends a kill: the flag is again what it was before. Its ramp goes on with the same gaps. Raises Invalid."""
    with write(actor, "flags.revive", reason=reason) as tx:
        flag, row = environment_of(tx, flag_id, environment)
        tx.note(flag=flag.key, environment=environment)
        if row.killed_at is None:
            raise Invalid("This flag is not killed; there is nothing to revive.")
        since, row.killed_at, row.killed_by, row.kill_reason = row.killed_at, None, None, None
        _release(row, since, row.paused_at, tx.now)
    return row


def pause(actor: Actor, flag_id: UUID, environment: str, *, reason: str) -> FlagEnvironment:
    """Serves the off variant until somebody resumes; guardrails do this by themselves. Raises Invalid when it is paused."""
    with write(actor, "flags.pause", reason=reason) as tx:
        flag, row = environment_of(tx, flag_id, environment)
        tx.note(flag=flag.key, environment=environment)
        if row.paused_at is not None:
            raise Invalid("This flag is paused already.")
        row.paused_at, row.paused_by, row.pause_reason = tx.now, actor.id, reason.strip()
        row.next_step_at = next_step(row)
    return row


def resume(actor: Actor, flag_id: UUID, environment: str, *, reason: str) -> FlagEnvironment:
    """Ends a pause. The ramp goes on with the same gaps. Raises Invalid when the flag is not paused."""
    with write(actor, "flags.resume", reason=reason) as tx:
        flag, row = environment_of(tx, flag_id, environment)
        tx.note(flag=flag.key, environment=environment)
        if row.paused_at is None:
            raise Invalid("This flag is not paused; there is nothing to resume.")
        since, row.paused_at, row.paused_by, row.pause_reason = row.paused_at, None, None, None
        _release(row, since, row.killed_at, tx.now)
    return row


def _release(row: FlagEnvironment, since: datetime, other: datetime | None, now: datetime) -> None:
    """Lets the ramp's steps move by the time that only this hold cost them."""
    hold_over(row, max((other or now) - since, now - now))
