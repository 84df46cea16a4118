"""What can be done with a draft of a new tenant."""

from collections.abc import Mapping
from typing import Any

from core.customers.tenants.drafts import rules
from core.customers.tenants.drafts.models import TenantDraft
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import write


def save(actor: Actor, *, step: str, values: Mapping[str, Any]) -> None:
    """Keeps what the operator has typed so far, in place of what was kept before. Raises Invalid."""
    kept = rules.clean(step, values)
    if actor.operator_id is None:
        raise Invalid("A draft belongs to an operator.")
    with write(actor, "tenant_drafts.save") as tx:
        draft = tx.session.get(TenantDraft, actor.operator_id, with_for_update=True)
        if draft is None:
            tx.add(TenantDraft(operator_id=actor.operator_id, step=step, values=kept))
        else:
            draft.step, draft.values = step, kept


def discard(actor: Actor) -> None:
    """Forgets the operator's draft. Does nothing when there is none."""
    with write(actor, "tenant_drafts.discard") as tx:
        draft = tx.session.get(TenantDraft, actor.operator_id)
        if draft is not None:
            tx.delete(draft)
