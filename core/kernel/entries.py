"""Audit entry and event of an action, stored together by one statement."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from core.kernel import db, permissions
from core.kernel.actor import Actor
from core.kernel.capture import Capture, Change
from core.kernel.logs import get_logger
from core.kernel.models import uuid7
from core.kernel.times import utc_now

log = get_logger()

_ENTRY = (
    "occurred_at, id, action, outcome, severity, actor_id, actor_name, actor_role, channel, session_id, ip, user_agent,"
    " request_id, reason, tenant_id, entity_type, entity_ids, changes, details, access"
)
_RECORD = (
    f"WITH entry AS (INSERT INTO audit_entry ({_ENTRY}) VALUES (%(at)s, %(id)s, %(action)s, %(outcome)s, %(severity)s,"
    " %(actor_id)s, %(actor_name)s, %(actor_role)s, %(channel)s, %(session_id)s, %(ip)s, %(user_agent)s, %(request_id)s,"
    " %(reason)s, %(tenant_id)s, %(entity_type)s, %(entity_ids)s::uuid[], %(changes)s::jsonb, %(details)s::jsonb,"
    " %(access)s::jsonb))"
    " INSERT INTO event (id, type, tenant_id, payload, actor_id, actor_name, request_id, occurred_at)"
    " SELECT %(id)s::uuid, %(action)s::text, %(tenant_id)s::uuid, %(payload)s::jsonb, %(actor_id)s::uuid,"
    " %(actor_name)s::text, %(request_id)s::text, %(at)s::timestamptz WHERE %(outcome)s::text = 'done'"
)


def _groups(changed: Capture) -> Iterator[tuple[UUID | None, list[Change], list[dict[str, Any]]]]:
    by_tenant: dict[UUID | None, list[Change]] = {}
    for change in changed.rows.values():
        by_tenant.setdefault(change.tenant_id, []).append(change)
    bulk = changed.bulk
    for tenant_id, changes in by_tenant.items():
        yield tenant_id, changes, bulk if tenant_id is None else []
    if bulk and None not in by_tenant:
        yield None, [], bulk


def _entry(actor: Actor, action: str, outcome: str, reason: str | None) -> dict[str, Any]:
    return {
        "at": utc_now(), "id": uuid7(), "action": action, "outcome": outcome,
        "severity": permissions.rule_of(action).severity, "actor_id": actor.id, "actor_name": actor.name,
        "actor_role": actor.role, "channel": actor.channel, "session_id": actor.session_id, "ip": actor.ip,
        "user_agent": actor.user_agent, "request_id": actor.request_id, "reason": reason, "tenant_id": None,
        "entity_type": None, "entity_ids": [], "changes": "[]", "details": "{}", "access": None, "payload": "{}",
    }  # fmt: skip


def record_done(
    session: Session, actor: Actor, action: str, changed: Capture, *, noted: dict[str, Any], reason: str | None
) -> None:
    """One entry and one event per tenant that was changed, in the transaction that changed it."""
    entries = []
    for tenant_id, changes, bulk in _groups(changed):
        ids = [change.id for change in changes if isinstance(change.id, UUID)]
        kind = changes[0].table if changes else bulk[0]["table"]
        payload = {"entity_type": kind, "entity_ids": ids, "reason": reason, **noted}
        told = [*(change.as_json() for change in changes), *bulk]
        entries.append(_entry(actor, action, "done", reason) | {
            "tenant_id": tenant_id, "entity_type": kind, "entity_ids": ids, "changes": db.to_json(told),
            "details": db.to_json(noted), "payload": db.to_json(payload),
        })  # fmt: skip
    session.info["capture"] = None
    _store(session, entries)


def _store(session: Session, entries: list[dict[str, Any]]) -> None:
    connection = db.driver(session)
    if len(entries) == 1:
        connection.execute(_RECORD, entries[0], prepare=True)
    else:
        connection.cursor().executemany(_RECORD, entries)


def record_refusal(actor: Actor, action: str, error: Exception, *, reason: str | None = None, **details: Any) -> None:
    """An audit entry with outcome `denied`, in a transaction of its own; no event."""
    system = Actor.system("kernel", request_id=actor.request_id)
    with db.begun(system, action=action) as begun:
        told = db.to_json({"error": str(error), **details})
        _store(begun.session, [_entry(actor, action, "denied", reason) | {"details": told}])
        begun.session.commit()
    log.warning("action refused", action=action, actor=actor.name, role=actor.role, error=str(error))
