"""The body of a message: small, the same at every attempt, and telling nothing of colleagues to customers."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from core.kernel import db
from core.kernel.events import Event
from core.kernel.models import uuid7
from core.platform.webhooks.catalogue import VERSION, EventType
from core.platform.webhooks.rules import ADVISED_BYTES

MOST_IDS = 100


def message_id(event_id: UUID) -> str:
    """webhook-id: the same for every attempt and every replay, so that receivers can tell what they have seen."""
    return f"msg_{event_id.hex}"


def body_of(event: Event, *, with_iris: bool) -> str:
    """JSON text for one event; above the advised 20 kB without its further fields and with its first 100 ids."""
    payload = event.payload
    whole = _body(event.type, event.occurred_at, {"id": event.id, "tenant_id": event.tenant_id, **payload}, with_iris)
    if len(whole.encode()) <= ADVISED_BYTES:
        return whole
    kept = {
        "id": event.id, "tenant_id": event.tenant_id, "entity_type": payload.get("entity_type"),
        "entity_ids": payload.get("entity_ids", [])[:MOST_IDS], "reason": (payload.get("reason") or "")[:1_000] or None,
        "is_truncated": True,
    }  # fmt: skip
    return _body(event.type, event.occurred_at, kept, with_iris)


def _body(name: str, at: datetime, data: dict[str, Any], with_iris: bool) -> str:
    head: dict[str, Any] = {"type": name, "version": VERSION, "timestamp": at.astimezone(UTC).isoformat()}
    return db.to_json((head | {"event": name} if with_iris else head) | {"data": data})


def sample(kind: EventType, *, at: datetime, with_iris: bool = False, tenant_id: UUID | None = None) -> str:
    """A body of that kind with made-up ids, as the tester sends it."""
    data: dict[str, Any] = {
        "id": uuid7(), "tenant_id": tenant_id or uuid7(), "entity_type": kind.entity, "entity_ids": [uuid7()],
        "reason": "An example of a reason" if kind.needs_reason else None,
    }  # fmt: skip
    return _body(kind.name, at, data | {name: f"example {name.replace('_', ' ')}" for name in kind.notes}, with_iris)
