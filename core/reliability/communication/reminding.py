"""A promised word that is late: a line in the timeline, and a mail to who leads the incident or communicates. Once."""

from uuid import UUID

from sqlalchemy import func, or_, select

from core.access.operators.models import Operator
from core.kernel import mail
from core.kernel.actor import Actor
from core.kernel.errors import Unavailable
from core.kernel.logs import get_logger
from core.kernel.reads import AnySelect, read
from core.kernel.settings import settings
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.reliability.communication.facts import url
from core.reliability.communication.placeholders import moment
from core.reliability.incidents import timeline
from core.reliability.incidents.models import LIVE, Incident, IncidentEvent, IncidentRole
from core.reliability.incidents.rules import number_of

SOURCE = "update_due"
MOST = 200
log = get_logger()


def remind(actor: Actor) -> int:
    """Returns of how many incidents was told. Each is a transaction of its own."""
    with read(actor) as rx:
        late = rx.rows(_untold())
    for row in late:
        _tell(actor, row.id)
    return len(late)


def _untold() -> AnySelect:
    """Incidents whose promise is over, without a line that says so."""
    due = func.to_char(func.timezone("UTC", Incident.next_update_at), "YYYY-MM-DD HH24:MI:SS.US")
    told = (IncidentEvent.incident_id == Incident.id, IncidentEvent.source == SOURCE, IncidentEvent.source_id == due)
    late = (Incident.status.in_(LIVE), Incident.next_update_at < utc_now())
    return select(Incident.id).where(*late, ~select(IncidentEvent.id).where(*told).exists()).limit(MOST)


def _tell(actor: Actor, incident_id: UUID) -> None:
    with write(actor, "incident_messages.remind") as tx:
        incident = tx.lock(Incident, incident_id)
        due = incident.next_update_at
        if due is None or due > tx.now or incident.status not in LIVE:
            return
        key = due.strftime("%Y-%m-%d %H:%M:%S.%f")
        timeline.add(
            tx, incident, "message", f"The update promised for {moment(due)} is late", source=SOURCE, source_id=key
        )
        tx.note(incident_id=incident.id)
        title, number = incident.title, number_of(incident.number)
    _mail(
        actor,
        incident_id,
        f"Late: the next update on {number} {title}",
        f"It was due {moment(due)}.\n\n{url(incident_id)}\n",
    )


def _mail(actor: Actor, incident_id: UUID, subject: str, body: str) -> None:
    """The timeline and the home page say it as well: a mail server that does not answer holds nothing up."""
    addresses = _responsible(actor, incident_id)
    if settings().smtp_url is None or not addresses:
        return
    try:
        mail.send(addresses, " ".join(subject.split())[:300], body)
    except Unavailable as error:
        log.warning("a reminder was not mailed", incident_id=str(incident_id), error=str(error))


def _responsible(actor: Actor, incident_id: UUID) -> list[str]:
    """Of the incident's lead, and of who communicates."""
    talks = (IncidentRole.incident_id == incident_id, IncidentRole.role.in_(("lead", "communications")))
    lead = select(Incident.lead_id).where(Incident.id == incident_id)
    involved = or_(Operator.id.in_(select(IncidentRole.operator_id).where(*talks)), Operator.id.in_(lead))
    with read(actor) as rx:
        found = rx.rows(select(Operator.email).where(involved, Operator.disabled_at.is_(None)).order_by(Operator.email))
    return [row.email for row in found]
