"""Reads of an operator's own views."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from core.access.views.models import SavedView
from core.access.views.rules import MAX_VIEWS, Query
from core.kernel.actor import Actor
from core.kernel.reads import read


@dataclass(frozen=True, slots=True)
class View:
    """A view as the page needs it; `query` maps each parameter to its values."""

    id: UUID
    name: str
    query: Query
    is_default: bool


def own(actor: Actor, page: str) -> list[View]:
    """The operator's views of one page, by name; empty for a machine."""
    columns = (SavedView.id, SavedView.name, SavedView.query, SavedView.is_default)
    mine = select(*columns).where(SavedView.operator_id == actor.operator_id, SavedView.page == page)
    with read(actor, timeout_ms=1_000) as rx:
        found = rx.rows(mine.order_by(func.lower(SavedView.name)).limit(MAX_VIEWS))
    return [View(*row) for row in found]
