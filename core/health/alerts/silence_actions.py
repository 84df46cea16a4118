"""Silences: alerts that match are kept, and nobody is told, for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from core.health.alerts.models import SEVERITIES, Silence
from core.health.alerts.rule_actions import require_platform
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.times import utc_now
from core.kernel.writes import write

LONGEST = timedelta(days=90)
MAX_PATTERN, MAX_AREA, MOST = 200, 120, 100


def create(  # noqa: PLR0913  (the matchers are independent of each other)
    actor: Actor, *, ends_at: datetime, reason: str, starts_at: datetime | None = None, rule_ids: Sequence[UUID] = (),
    areas: Sequence[str] = (), severities: Sequence[str] = (), subject_pattern: str | None = None,
    once: str | None = None,
) -> Silence:  # fmt: skip
    """Silences what matches all of the matchers that are given, at least one. Raises Denied, Invalid, ReasonRequired."""
    begins = starts_at or utc_now()
    pattern = (subject_pattern or "").strip() or None
    with write(actor, "silences.create", reason=reason, once=once) as tx:
        require_platform(actor)
        _require(begins, ends_at, pattern, rule_ids, areas, severities)
        return tx.add(Silence(
            rule_ids=list(rule_ids), areas=list(areas), severities=list(severities), subject_pattern=pattern,
            starts_at=begins, ends_at=ends_at, reason=reason.strip(), created_by=actor.id, created_by_name=actor.name,
        ))  # fmt: skip


def expire(actor: Actor, silence_id: UUID) -> Silence:
    """Ends a silence now, also one that is still to come. Raises Denied, Invalid, NotFound."""
    with write(actor, "silences.expire") as tx:
        require_platform(actor)
        silence = tx.lock(Silence, silence_id)
        if silence.ended_at is not None or silence.ends_at <= tx.now:
            raise Invalid("This silence is over already.")
        silence.ended_at, silence.ended_by_name = tx.now, actor.name
    return silence


def _require(
    begins: datetime, ends: datetime, pattern: str | None, rule_ids: Sequence[UUID], areas: Sequence[str],
    severities: Sequence[str],
) -> None:  # fmt: skip
    problems = {}
    if begins.tzinfo is None or ends.tzinfo is None or ends <= begins or ends <= utc_now():
        problems["ends_at"] = "Choose an end that lies ahead, and after the start."
    elif ends - begins > LONGEST:
        problems["ends_at"] = f"A silence lasts {LONGEST.days} days at most; disable the rule instead."
    if not (pattern or rule_ids or areas or severities):
        problems["rule_ids"] = "Say what to silence: a rule, an area, a severity or a subject."
    if set(severities) - set(SEVERITIES):
        problems["severities"] = f"Choose among {', '.join(SEVERITIES)}."
    if max(len(rule_ids), len(areas)) > MOST or any(not 0 < len(area) <= MAX_AREA for area in areas):
        problems["areas"] = f"Choose at most {MOST} rules or areas."
    if pattern is not None and (len(pattern) > MAX_PATTERN or not pattern.isprintable()):
        problems["subject_pattern"] = f"Keep the pattern under {MAX_PATTERN} characters."
    if problems:
        raise Invalid(" ".join(problems.values()), problems)
