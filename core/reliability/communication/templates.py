"""Prepared texts for messages about incidents."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, select

from core.kernel.actor import Actor
from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.writes import Transaction, write
from core.reliability.communication import facts, placeholders, rules
from core.reliability.communication.models import MessageTemplate
from core.reliability.incidents.rules import STATUSES, one_of, storable

PLACEHOLDERS = placeholders.KNOWN
MOST = 500


def _clean_name(value: Any) -> str:
    name = " ".join(storable(value or "").split())
    if not name or len(name) > rules.MAX_NAME:
        raise Invalid(f"Give the template a name of 1 to {rules.MAX_NAME} characters.")
    return name


_CLEAN: Mapping[str, Any] = {
    "name": _clean_name, "channel": lambda value: one_of("channel", value, rules.CHANNELS),
    "status": lambda value: one_of("status", value, STATUSES) if value else None, "subject": rules.clean_subject,
    "body": rules.clean_body,
}  # fmt: skip


def _settled(tx: Transaction, values: Mapping[str, Any], own_id: UUID | None) -> dict[str, Any]:
    """Clean values whose name is free. Raises one Invalid."""
    made = cleaned(values, _CLEAN)
    taken = select(MessageTemplate.id).where(func.lower(MessageTemplate.name) == made.get("name", "").lower())
    if made.get("name") and tx.session.scalar(taken) not in (None, own_id):
        sentence = f"There is, or was, a template called {made['name']}. Choose another name."
        raise Invalid(sentence, {"name": sentence})
    return made


def create(
    actor: Actor, *, name: str, channel: str, body: str, subject: str = "", status: str | None = None
) -> MessageTemplate:
    """Makes a template; `status` is the state of incidents that it is for, None for any. Raises Invalid."""
    given = {"name": name, "channel": channel, "body": body, "subject": subject, "status": status}
    with write(actor, "message_templates.create") as tx:
        return tx.add(MessageTemplate(**_settled(tx, given, None)))


def update(actor: Actor, template_id: UUID, *, version: int, **values: Any) -> MessageTemplate:
    """Raises Invalid, NotFound, Conflict."""
    with write(actor, "message_templates.update") as tx:
        template = tx.lock(MessageTemplate, template_id, version=version)
        for field, value in _settled(tx, values, template.id).items():
            setattr(template, field, value)
    return template


def archive(actor: Actor, template_id: UUID, *, version: int | None = None) -> MessageTemplate:
    """Takes a template out of use. Raises NotFound, Conflict."""
    with write(actor, "message_templates.archive") as tx:
        template = tx.lock(MessageTemplate, template_id, version=version)
        template.archived_at = template.archived_at or tx.now
    return template


def directory(actor: Actor) -> pd.DataFrame:
    """Templates in use, by channel and name: id, name, channel, status (NA for any), subject, body, version. Raises Denied."""
    require(actor, "incidents:read")
    of = MessageTemplate
    columns = (of.id, of.name, of.channel, of.status, of.subject, of.body, of.version)
    wanted = select(*columns).where(of.archived_at.is_(None)).order_by(of.channel, func.lower(of.name)).limit(MOST)
    with read(actor) as rx:
        return rx.frame(wanted)


def filled(actor: Actor, incident_id: UUID, text: str, *, status: str | None = None, is_public: bool = True) -> str:
    """The text as a message about the incident would begin: what is only known when it is sent stays a placeholder."""
    return placeholders.fill(text, facts.of(actor, incident_id, status=status, is_public=is_public))
