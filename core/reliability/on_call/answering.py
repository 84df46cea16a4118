"""Whom the link of a mail belongs to, and what it asks. Read as the portal itself: whoever has the link may see this much."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from core.access.operators.models import Operator
from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.logs import new_request_id
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.reliability.incidents.models import Incident
from core.reliability.on_call import links
from core.reliability.on_call.models import Page, PageDelivery

# As much as acknowledging takes: the link is no way into the portal.
_GRANTS = frozenset({"on_call:read", "incidents:read", "incidents:update"})


@dataclass(frozen=True, slots=True)
class Asked:
    """`state` is open, acknowledged, resolved or expired; an exhausted page can still be taken, and counts as open."""

    operator_id: UUID
    name: str
    role: str
    number: int
    title: str
    severity: str
    state: str
    acknowledged_by_name: str | None

    def actor(self, *, request_id: str | None = None, ip: str | None = None) -> Actor:
        """The person the mail was sent to, with the right to acknowledge and no other."""
        return Actor(
            self.operator_id, self.name, self.role, _GRANTS, "all", "api", request_id or new_request_id(), ip=ip
        )  # fmt: skip


def asked(token: str) -> Asked | None:
    """None for a token that is not known, or whose owner is not in service any more."""
    columns = (
        Operator.id, Operator.name, Operator.role, Incident.number, Incident.title, Incident.severity, PageDelivery.at,
        Page.status, Page.acknowledged_by_name,
    )  # fmt: skip
    found = (
        select(*columns).select_from(PageDelivery).join(Page, Page.id == PageDelivery.page_id)
        .join(Incident, Incident.id == Page.incident_id).join(Operator, Operator.id == PageDelivery.operator_id)
        .where(PageDelivery.token_digest == crypto.digest(token), Operator.disabled_at.is_(None))
    )  # fmt: skip
    with read(Actor.system("on-call")) as rx:
        row = rx.one(found)
    if row is None:
        return None
    is_old = row.at + links.LIFE <= utc_now()
    state = "open" if row.status in ("open", "exhausted") else row.status
    return Asked(
        row.id, row.name, row.role, row.number, row.title, row.severity,
        "expired" if is_old and state == "open" else state, row.acknowledged_by_name,
    )  # fmt: skip
