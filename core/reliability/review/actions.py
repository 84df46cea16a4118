"""What can be done with a post-mortem. It is written by anybody who works on incidents, and approved by somebody else."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid
from core.kernel.writes import Transaction, write
from core.reliability.incidents.models import Incident
from core.reliability.review import rules
from core.reliability.review.models import ActionItem, PostMortem
from core.reliability.review.owners import require_owner


def begin(actor: Actor, incident_id: UUID, *, owner_id: UUID | None = None) -> PostMortem:
    """Begins the post-mortem of an incident that is resolved; its lead owns it unless somebody is named. Raises Invalid,
    NotFound."""
    require_owner(owner_id)
    with write(actor, "reviews.begin") as tx:
        incident = tx.lock(Incident, incident_id)
        if incident.resolved_at is None:
            raise Invalid("Resolve the incident first: a post-mortem looks back.")
        if tx.session.get(PostMortem, incident_id) is not None:
            raise Invalid("This incident has a post-mortem already. Go on with that.")
        made = tx.add(PostMortem(incident_id=incident_id, owner_id=owner_id or incident.lead_id or actor.operator_id))
        tx.note(incident_id=incident_id)
    return made


def save(actor: Actor, incident_id: UUID, *, version: int, **values: Any) -> PostMortem:
    """Keeps what was written: summary, whys, factors, went_well, went_wrong, was_lucky, owner_id. What was approved is a
    draft again. Raises Invalid naming every bad field, Conflict, NotFound."""
    clean = rules.clean(values)
    require_owner(clean.get("owner_id"))
    with write(actor, "reviews.save") as tx:
        review = tx.lock(PostMortem, incident_id, version=version)
        for field, value in clean.items():
            setattr(review, field, value)
        if review.status == "approved":
            review.status, review.reviewed_by, review.reviewed_by_name, review.reviewed_at = "draft", None, None, None
        tx.note(incident_id=incident_id)
    return review


def submit(actor: Actor, incident_id: UUID, *, version: int | None = None) -> PostMortem:
    """Asks for a review. Raises Invalid saying what is still to be written, Conflict."""
    with write(actor, "reviews.submit") as tx:
        review = _in_state(tx, incident_id, version, "draft", "It was submitted already.")
        lacking = rules.lacking(whys=review.whys, summary=review.summary, items=_items(tx, incident_id))
        if lacking:
            raise Invalid(lacking)
        review.status = "review"
        tx.note(incident_id=incident_id)
    return review


def approve(actor: Actor, incident_id: UUID, *, note: str = "", version: int | None = None) -> PostMortem:
    """Approves what was submitted. Raises Denied for its owner, Invalid, Conflict."""
    with write(actor, "reviews.approve") as tx:
        review = _in_state(tx, incident_id, version, "review", "Only what was submitted can be approved.")
        if review.owner_id is not None and review.owner_id == actor.operator_id:
            raise Denied("You own this post-mortem: let somebody else approve it.")
        review.status, review.review_note = "approved", note.strip()[: rules.MAX_TEXT]
        review.reviewed_by, review.reviewed_by_name, review.reviewed_at = actor.operator_id, actor.name, tx.now
        tx.note(incident_id=incident_id)
    return review


def send_back(actor: Actor, incident_id: UUID, *, note: str, version: int | None = None) -> PostMortem:
    """Gives it back to its owner with what is to be changed. Raises Invalid, Conflict."""
    if not note.strip():
        raise Invalid("Say what is to be changed.", {"note": "Say what is to be changed."})
    with write(actor, "reviews.send_back") as tx:
        review = _in_state(tx, incident_id, version, "review", "Only what was submitted can be sent back.")
        review.status, review.review_note = "draft", note.strip()[: rules.MAX_TEXT]
        tx.note(incident_id=incident_id)
    return review


def _in_state(tx: Transaction, incident_id: UUID, version: int | None, state: str, otherwise: str) -> PostMortem:
    review = tx.lock(PostMortem, incident_id, version=version)
    if review.status != state:
        raise Invalid(otherwise)
    return review


def _items(tx: Transaction, incident_id: UUID) -> int:
    open_or_done = (ActionItem.incident_id == incident_id, ActionItem.status != "cancelled")
    return int(tx.session.scalar(select(func.count()).select_from(ActionItem).where(*open_or_done)) or 0)
