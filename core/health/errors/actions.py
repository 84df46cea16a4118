"""What people do with errors. Each takes one fingerprint or many, all in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.health.errors import states
from core.health.errors.assignees import assignee_named
from core.health.errors.models import ErrorGroup, ErrorRecord
from core.health.errors.triage import ErrorTriage, id_of
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.writes import Transaction, conflict, write

Versions = Mapping[str, int]
_KEEP: dict[str, Any] = {}
_MISSING = "This error does not exist, or is not among those you may see."


@dataclass(slots=True)
class Triaged:
    """The rows that were changed, and of many those that were not: fingerprint -> why."""

    changed: list[ErrorTriage] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


def acknowledge(
    actor: Actor, fingerprints: Sequence[str], *, note: str | None = None, versions: Versions | None = None
) -> Triaged:
    """Says that somebody looks at it. Raises Invalid, NotFound, Conflict; of many, those that cannot be are skipped."""
    with write(actor, "errors.acknowledge") as tx:
        return _move(tx, "acknowledge", fingerprints, versions, note)


def resolve(
    actor: Actor, fingerprints: Sequence[str], *, note: str | None = None, versions: Versions | None = None
) -> Triaged:
    """Says that it is mended: seen again, it has returned. Raises as `acknowledge`."""
    with write(actor, "errors.resolve") as tx:
        return _move(tx, "resolve", fingerprints, versions, note)


def ignore(actor: Actor, fingerprints: Sequence[str], *, reason: str, versions: Versions | None = None) -> Triaged:
    """Says that nobody needs to look, however often it is seen. Raises as `acknowledge`."""
    with write(actor, "errors.ignore", reason=reason) as tx:
        return _move(tx, "ignore", fingerprints, versions, reason)


def reopen(
    actor: Actor, fingerprints: Sequence[str], *, note: str | None = None, versions: Versions | None = None
) -> Triaged:
    """Takes back what was said of it. Raises as `acknowledge`."""
    with write(actor, "errors.reopen") as tx:
        return _move(tx, "reopen", fingerprints, versions, note)


def assign(
    actor: Actor, fingerprints: Sequence[str], *, assignee_id: UUID | None, versions: Versions | None = None
) -> Triaged:
    """Gives it to a colleague who may read errors, or to nobody (None). Raises Invalid, NotFound, Conflict."""
    with write(actor, "errors.assign") as tx:
        values = {"assignee_id": assignee_id, "assignee_name": assignee_named(assignee_id)}
        return _each(tx, None, fingerprints, versions, values)


def _move(
    tx: Transaction, verb: str, fingerprints: Sequence[str], versions: Versions | None, note: str | None
) -> Triaged:
    told, state = states.clean_note(note), states.MOVES[verb][1]
    values = {"state": state, "resolved_at": tx.now if state == "resolved" else None}
    return _each(tx, verb, fingerprints, versions, values | ({"note": told} if told else _KEEP))


def _each(
    tx: Transaction, verb: str | None, fingerprints: Sequence[str], versions: Versions | None, values: dict[str, Any]
) -> Triaged:
    chosen = sorted(set(fingerprints))
    states.require_some(chosen)
    groups, rows = _groups(tx, chosen), _rows(tx, chosen)
    outcome = Triaged()
    for fingerprint in chosen:
        with tx.attempt() as attempt:
            row = rows.get(fingerprint)
            _require_version(fingerprint, row, (versions or {}).get(fingerprint))
            _require_fitting(verb, groups.get(fingerprint), row)
            changed = _changed(tx, fingerprint, row, values)
        if attempt.problem is None:
            outcome.changed.append(changed)
            continue
        if len(chosen) == 1:
            raise attempt.problem
        outcome.skipped[fingerprint] = str(attempt.problem)
    tx.note(fingerprints=[row.fingerprint for row in outcome.changed])
    return outcome


def _groups(tx: Transaction, fingerprints: list[str]) -> dict[str, ErrorGroup]:
    """Those in sight: an actor who sees some tenants only sees the errors of these."""
    known = select(ErrorGroup).where(ErrorGroup.fingerprint.in_(fingerprints))
    if tx.actor.scope != "all":
        seen = select(ErrorRecord.fingerprint).where(ErrorRecord.fingerprint == ErrorGroup.fingerprint)
        known = known.where(seen.exists())
    return {group.fingerprint: group for group in tx.session.scalars(known)}


def _rows(tx: Transaction, fingerprints: list[str]) -> dict[str, ErrorTriage]:
    """The rows, locked; a fingerprint that has none yet is locked by its name, so that only one is made."""
    for fingerprint in fingerprints:
        tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(id_of(fingerprint)), 0))))
    found = tx.lock_many(ErrorTriage, [id_of(fingerprint) for fingerprint in fingerprints])
    return {row.fingerprint: row for row in found}


def _require_version(fingerprint: str, row: ErrorTriage | None, version: int | None) -> None:
    current = row.version if row else 0
    if version is not None and version != current:
        raise conflict(ErrorTriage, id_of(fingerprint), since=version, current=current)


def _require_fitting(verb: str | None, group: ErrorGroup | None, row: ErrorTriage | None) -> None:
    if group is None:
        raise NotFound(_MISSING)
    if verb is not None:
        state, resolved_at = (row.state, row.resolved_at) if row else (None, None)
        states.require(verb, states.present(state, resolved_at, group.last_seen_at))


def _changed(tx: Transaction, fingerprint: str, row: ErrorTriage | None, values: dict[str, Any]) -> ErrorTriage:
    known = values | {"changed_by_name": tx.actor.name}
    if row is None:
        return tx.add(ErrorTriage(id=id_of(fingerprint), fingerprint=fingerprint, **known))
    for name, value in known.items():
        setattr(row, name, value)
    return row
