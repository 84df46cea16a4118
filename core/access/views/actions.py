"""What an operator can do with the views of his own. Row-level security keeps everybody else's out of sight."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select

from core.access.views import rules
from core.access.views.models import SavedView
from core.kernel.actor import Actor
from core.kernel.writes import Transaction, write


def create(actor: Actor, *, page: str, name: str, query: Mapping[str, Sequence[str]]) -> SavedView:
    """Keeps a page's address under a name. Raises Invalid, also for a name that is in use on this page."""
    owner = rules.owner_of(actor)
    known = {"page": rules.require_page(page), "name": rules.clean_name(name), "query": rules.clean_query(query)}
    with write(actor, "views.create") as tx:
        rules.require_room(_kept(tx, owner, page))
        return tx.add(SavedView(operator_id=owner, **known))


def _kept(tx: Transaction, owner: UUID, page: str) -> int:
    mine = select(func.count()).where(SavedView.operator_id == owner, SavedView.page == page)
    return int(tx.session.scalar(mine) or 0)


def update(actor: Actor, view_id: UUID, *, query: Mapping[str, Sequence[str]]) -> SavedView:
    """Puts another address under the same name. Raises Invalid, NotFound."""
    cleaned = rules.clean_query(query)
    with write(actor, "views.update") as tx:
        view = tx.lock(SavedView, view_id)
        view.query = dict(cleaned)
    return view


def rename(actor: Actor, view_id: UUID, *, name: str) -> SavedView:
    """Raises Invalid, also for a name that is in use on this page, NotFound."""
    cleaned = rules.clean_name(name)
    with write(actor, "views.rename") as tx:
        view = tx.lock(SavedView, view_id)
        view.name = cleaned
    return view


def delete(actor: Actor, view_id: UUID) -> None:
    """Raises NotFound."""
    with write(actor, "views.delete") as tx:
        tx.delete(tx.lock(SavedView, view_id))


def make_default(actor: Actor, view_id: UUID) -> SavedView:
    """Opens the page with this view from now on, in place of the one that did. Raises NotFound."""
    with write(actor, "views.make_default") as tx:
        view = tx.lock(SavedView, view_id)
        others = select(SavedView).where(
            SavedView.operator_id == view.operator_id, SavedView.page == view.page, SavedView.is_default
        )
        for other in tx.session.scalars(others.with_for_update()):
            other.is_default = False
        tx.session.flush()
        view.is_default = True
    return view


def clear_default(actor: Actor, view_id: UUID) -> SavedView:
    """Opens the page as it is from now on. Raises NotFound."""
    with write(actor, "views.clear_default") as tx:
        view = tx.lock(SavedView, view_id)
        view.is_default = False
    return view
