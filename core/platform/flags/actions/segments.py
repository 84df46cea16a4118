"""Named audiences."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write
from core.platform.flags import cleaning, cleaning_targeting
from core.platform.flags.models import Flag, FlagEnvironment, FlagSegment

_CLEANERS = {
    "key": cleaning.clean_key,
    "name": cleaning.clean_name,
    "description": cleaning.clean_text,
    "match": cleaning.one_of("match", ("all", "any")),
    "conditions": cleaning_targeting.clean_conditions,
}


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    made = cleaned(values, _CLEANERS)
    if made.get("conditions") == []:
        raise cleaning.bad("Give the segment at least one condition.", "conditions")
    return made


def create_segment(
    actor: Actor, *, key: str, name: str, conditions: list[dict[str, Any]], description: str = "", match: str = "all",
    once: str | None = None,
) -> FlagSegment:  # fmt: skip
    """Makes a segment. Raises Invalid naming every bad field."""
    values = _clean({"key": key, "name": name, "description": description, "match": match, "conditions": conditions})
    with write(actor, "flags.create_segment", once=once) as tx:
        return tx.add(FlagSegment(**values))


def _users(tx: Transaction, segment: FlagSegment, *conditions: Any) -> str | None:
    uses = FlagEnvironment.rules.contains([{"segment": segment.key}])
    named = select(Flag.name).join(FlagEnvironment).where(uses, *conditions).order_by(Flag.name).limit(1)
    return tx.session.scalar(named)


def update_segment(actor: Actor, segment_id: UUID, *, version: int, **values: Any) -> FlagSegment:
    """Changes name, description, match or conditions; the key stays. Raises Invalid, NotFound, Conflict.

    Whom a protected flag reaches in production is changed under review: make another segment, and propose to use it.
    """
    if "key" in values:
        raise cleaning.bad("The key of a segment stays, because rules name it.", "key")
    with write(actor, "flags.update_segment") as tx:
        segment = tx.lock(FlagSegment, segment_id, version=version)
        guarded = (Flag.is_protected, Flag.archived_at.is_(None), FlagEnvironment.environment == "production")
        if {"match", "conditions"} & set(values) and (user := _users(tx, segment, *guarded)):
            raise Invalid(
                f"{user} is protected and uses this segment. Make another segment and propose to use it there."
            )
        for name, value in _clean(values).items():
            setattr(segment, name, value)
    return segment


def delete_segment(actor: Actor, segment_id: UUID) -> None:
    """Removes a segment that no flag uses. Raises Invalid, NotFound."""
    with write(actor, "flags.delete_segment") as tx:
        segment = tx.lock(FlagSegment, segment_id)
        if user := _users(tx, segment):
            raise Invalid(f"{user} uses this segment. Take it out of the rules there first.")
        tx.delete(segment)
