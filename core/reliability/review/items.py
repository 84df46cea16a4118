"""What can be done with an action item."""

from datetime import date
from typing import Any
from uuid import UUID

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write
from core.reliability.incidents.models import Incident
from core.reliability.review import rules
from core.reliability.review.models import ActionItem
from core.reliability.review.owners import require_owner


def add(
    actor: Actor, incident_id: UUID, *, title: str, owner_id: UUID | None = None, due_on: date | None = None,
    priority: str = "medium", note: str = "", once: str | None = None,
) -> ActionItem:  # fmt: skip
    """Notes what is to be done. Raises Invalid naming every bad field, NotFound, AlreadyDone."""
    given = {"title": title, "owner_id": owner_id, "due_on": due_on, "priority": priority, "note": note}
    clean = rules.clean_item(given)
    require_owner(owner_id)
    with write(actor, "action_items.create", once=once) as tx:
        tx.get(Incident, incident_id)
        made = tx.add(ActionItem(incident_id=incident_id, **clean))
        tx.note(incident_id=incident_id)
    return made


def update(actor: Actor, item_id: UUID, *, version: int, **values: Any) -> ActionItem:
    """Changes title, owner_id, due_on, priority or note. Raises Invalid, Conflict, NotFound."""
    clean = rules.clean_item(values)
    require_owner(clean.get("owner_id"))
    with write(actor, "action_items.update") as tx:
        item = tx.lock(ActionItem, item_id, version=version)
        for field, value in clean.items():
            setattr(item, field, value)
        tx.note(incident_id=item.incident_id)
    return item


def complete(actor: Actor, item_id: UUID, *, note: str | None = None, version: int | None = None) -> ActionItem:
    """Says that it is done. Raises Invalid when it is not open, Conflict, NotFound."""
    with write(actor, "action_items.complete") as tx:
        item = _open(tx, item_id, version)
        item.status, item.done_at, item.done_by_name = "done", tx.now, actor.name
        item.note = item.note if note is None else note.strip()[: rules.MAX_TEXT]
    return item


def cancel(actor: Actor, item_id: UUID, *, reason: str, version: int | None = None) -> ActionItem:
    """Says why it is not done after all. Raises Invalid, ReasonRequired, Conflict, NotFound."""
    with write(actor, "action_items.cancel", reason=reason) as tx:
        item = _open(tx, item_id, version)
        item.status, item.note = "cancelled", reason.strip()[: rules.MAX_TEXT]
    return item


def reopen(actor: Actor, item_id: UUID, *, version: int | None = None) -> ActionItem:
    """Takes back that it was done or cancelled. Raises Invalid, Conflict, NotFound."""
    with write(actor, "action_items.reopen") as tx:
        item = tx.lock(ActionItem, item_id, version=version)
        if item.status == "open":
            raise Invalid("This action item is open.")
        item.status, item.done_at, item.done_by_name = "open", None, None
        tx.note(incident_id=item.incident_id)
    return item


def _open(tx: Transaction, item_id: UUID, version: int | None) -> ActionItem:
    item = tx.lock(ActionItem, item_id, version=version)
    if item.status != "open":
        raise Invalid("This action item is not open any more. Reopen it to change that.")
    tx.note(incident_id=item.incident_id)
    return item
