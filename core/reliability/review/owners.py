"""Who may own a post-mortem or an action item: those who may work on incidents."""

from uuid import UUID

from core.reliability.incidents import people


def require_owner(owner_id: UUID | None) -> None:
    """Raises Invalid when this operator cannot work on incidents; nobody is fine."""
    if owner_id is not None:
        people.require_assignable(owner_id, field="owner_id")
