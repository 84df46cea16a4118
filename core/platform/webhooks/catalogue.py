"""The catalogue of events, read from the code that causes them: each action leaves one event of its own name.

Description, fields and the kind of thing it is about come from the action's source (its docstring, what it notes, what it
changes), so that the catalogue cannot say anything else than the code does. docs/events.json is its published form.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import core.permissions  # noqa: F401  (fills the table of actions)
from core.kernel import permissions
from core.kernel.models import Base
from core.platform.webhooks.rules import wants

VERSION = 1
ROOT = Path(__file__).parents[2]
PING = "webhooks.ping"
# Of nobody's business outside the portal's own machinery.
_UNPUBLISHED = (
    "demo.*", "tenants.queue_notice", "tenants.mark_notice", "quotas.queue_notice", "tenant_drafts.*", "views.*",
    "webhooks.queue_warning", "incidents.collect", "incident_messages.remind", "on_call.settle", "sla_credits.compute",
    "sla_credits.withdraw", "sla_credits.settle", "sla_credits.release", "contracts.plan_tasks", "contracts.open_document",
    "contracts.sweep_documents", "status_page.render",
)  # fmt: skip
# What a webhook that belongs to a tenant may hear; all others are for webhooks of the platform.
_FOR_TENANTS = (
    "tenants.update", "tenants.suspend", "tenants.reactivate", "tenants.delete", "tenants.restore", "users.*",
    "campaigns.*", "quotas.warn", "quotas.reach", "quotas.ease", "api_keys.*", "webhooks.*", "flags.set_override",
    "flags.clear_override", "tickets.breach",
)  # fmt: skip
_WORD = {"type": "string"}
_ENVELOPE_TIME = {"type": "string", "format": "date-time", "description": "When it happened (RFC 3339, UTC)."}


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of event. `notes` are the names of further fields of its data; `entity` is a table, or None if several."""

    name: str
    summary: str
    entity: str | None
    notes: tuple[str, ...]
    needs_reason: bool
    for_tenants: bool
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class _Source:
    summary: str
    entity: str | None
    notes: tuple[str, ...]


@cache
def catalogue() -> dict[str, EventType]:
    """Every published event by its name."""
    sources = {name: source for path in sorted(ROOT.rglob("*.py")) for name, source in _sources_in(path.read_text())}
    rules = permissions.table()
    return {
        name: EventType(
            name, source.summary, source.entity, source.notes, rules[name].reason, wants(_FOR_TENANTS, name)
        )
        for name, source in sorted(sources.items(), key=itemgetter(0))
        if not wants(_UNPUBLISHED, name)
    }


def _sources_in(code: str) -> Iterator[tuple[str, _Source]]:
    if "with write(" not in code:
        return
    for function in ast.walk(ast.parse(code)):
        if isinstance(function, ast.FunctionDef) and ast.get_docstring(function):
            for name in _written(function):
                yield name, _Source(_summary(function), _entity(function), tuple(sorted(_notes(function))))


def _calls(function: ast.FunctionDef, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if called in names:
                yield node


def _written(function: ast.FunctionDef) -> Iterator[str]:
    for call in _calls(function, "write"):
        if len(call.args) > 1 and isinstance(call.args[1], ast.Constant) and isinstance(call.args[1].value, str):
            yield call.args[1].value


def _summary(function: ast.FunctionDef) -> str:
    return (ast.get_docstring(function) or "").split("\n\n")[0].split(" Raises ")[0].replace("\n", " ").strip()


def _entity(function: ast.FunctionDef) -> str | None:
    models = {mapper.class_.__name__: mapper.class_.__tablename__ for mapper in Base.registry.mappers}
    for call in _calls(function, "lock", "get", "add", "lock_many"):
        first = call.args[0] if call.args else None
        made = first.func if isinstance(first, ast.Call) else first
        if isinstance(made, ast.Name) and made.id in models:
            return str(models[made.id])
    return None


def _notes(function: ast.FunctionDef) -> set[str]:
    return {keyword.arg for call in _calls(function, "note") for keyword in call.keywords if keyword.arg}


def ping() -> EventType:
    """What the tester sends by default: about nothing, so that a receiver need not act on it."""
    return EventType(PING, "A test of the connection; nothing happened.", None, ("message",), False, True)


def schema_of(kind: EventType) -> dict[str, Any]:
    """JSON Schema (2020-12) of the message's body."""
    data: dict[str, Any] = {
        "id": {"type": "string", "format": "uuid", "description": "The event's id, that of its audit entry."},
        "tenant_id": {"type": ["string", "null"], "format": "uuid", "description": "The tenant it is about, if one."},
        "entity_type": {"const": kind.entity} if kind.entity else {"type": ["string", "null"]},
        "entity_ids": {"type": "array", "items": _WORD | {"format": "uuid"}, "description": "What was changed."},
        "reason": _WORD if kind.needs_reason else {"type": ["string", "null"]},
        "is_truncated": {"type": "boolean", "description": "True when ids or fields were left out to keep it small."},
    }
    data |= {name: {"description": f"{name.replace('_', ' ').capitalize()}."} for name in kind.notes}
    body = {
        "type": {"const": kind.name},
        "version": {"const": kind.version},
        "timestamp": _ENVELOPE_TIME,
        "event": {"const": kind.name, "description": "The type again, for receivers that asked for X-Iris headers."},
        "data": {"type": "object", "properties": data, "required": ["id", "tenant_id", "entity_ids"]},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": kind.name, "description": kind.summary,
        "type": "object", "properties": body, "required": ["type", "version", "timestamp", "data"],
    }  # fmt: skip


def published() -> dict[str, Any]:
    """The whole catalogue as docs/events.json has it."""
    return {
        "version": VERSION,
        "events": {
            kind.name: {"summary": kind.summary, "for_tenants": kind.for_tenants, "version": kind.version,
                        "schema": schema_of(kind)}
            for kind in catalogue().values()
        },
    }  # fmt: skip
