"""From what happens to incidents to pages: policies of their severity and services call people, and stop when it is over."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.errors import AlreadyDone, Invalid, NotFound
from core.kernel.events import Event, subscriber
from core.kernel.logs import get_logger
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.reliability.incidents.models import LIVE, Incident
from core.reliability.on_call import pages, rules
from core.reliability.on_call.models import EscalationPolicy, Page

NOT_AFTER = timedelta(hours=6)  # an event that was held up for so long wakes nobody
log = get_logger()


@subscriber("incidents.declare", "incidents.set_severity", "incidents.reopen", name="on_call.page_for_incident")
def page_for_incident(event: Event) -> None:
    """A policy that has called for the incident before calls again only when it was reopened."""
    if utc_now() - event.occurred_at > NOT_AFTER:
        log.warning("an incident is too old to page for", event_id=str(event.id), type=event.type)
        return
    actor, incident_id = _portal(event), UUID(str(event.payload["incident_id"]))
    for policy_id in _fitting(actor, incident_id, again=event.type == "incidents.reopen"):
        try:
            pages.page(actor, incident_id, policy_id=policy_id, once=f"on_call.page:{event.id}:{policy_id}")
        except AlreadyDone:
            continue
        except (Invalid, NotFound) as error:  # the incident was over, or somebody paged by hand meanwhile
            log.info("a page was not needed", incident_id=str(incident_id), error=str(error))


def _fitting(actor: Actor, incident_id: UUID, *, again: bool) -> list[UUID]:
    """The policies that page for the incident as it is now, by name."""
    policy, paged = EscalationPolicy, select(Page.policy_id).where(Page.incident_id == incident_id)
    columns = (policy.id, policy.severities, policy.services)
    with read(actor) as rx:
        incident = rx.one(
            select(Incident.severity, Incident.services, Incident.status).where(Incident.id == incident_id)
        )
        if incident is None:
            raise LookupError("The incident of the event cannot be read yet.")  # a replica lags: the event comes again
        if incident.status not in LIVE:
            return []
        wanted = select(*columns).where(policy.archived_at.is_(None)).order_by(policy.name)
        rows = rx.rows(wanted if again else wanted.where(policy.id.not_in(paged)))
    of = {"severity": incident.severity, "affected": incident.services}
    return [row.id for row in rows if rules.fits(row.severities, row.services, **of)]


@subscriber("incidents.acknowledge", name="on_call.follow_acknowledgement")
def follow_acknowledgement(event: Event) -> None:
    """Whoever acknowledged the incident has taken its pages, those that had begun by then."""
    incident_id = UUID(str(event.payload["incident_id"]))
    pages.settle(
        _portal(event), incident_id, taken_by=event.actor_name, taken_by_id=event.actor_id, until=event.occurred_at
    )


@subscriber(
    "incidents.resolve", "incidents.set_status", "incidents.close", "incidents.merge", name="on_call.follow_the_end"
)
def follow_the_end(event: Event) -> None:
    """Nobody is called for what is over; of merged incidents the one that goes on keeps its own pages."""
    over = [event.payload.get("incident_id"), *event.payload.get("merged", ())]
    for incident_id in filter(None, over):
        pages.settle(_portal(event), UUID(str(incident_id)))


def _portal(event: Event) -> Actor:
    return Actor.system("on-call", request_id=event.request_id)
