"""What follows in a ticket from a low rating."""

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.events import Event, subscriber
from core.kernel.logs import get_logger
from core.kernel.reads import as_id, read
from core.support.satisfaction import rules
from core.support.satisfaction.models import Survey
from core.support.tickets import actions

log = get_logger()


@subscriber("satisfaction.answer", "satisfaction.rate", name="tickets.note_low_rating")
def note_low_rating(actor: Actor, event: Event) -> None:
    """Tells those who work on the ticket of a low answer, by an internal note. Whether to reopen it is theirs to say."""
    with read(actor) as rx:
        wanted = select(Survey.id, Survey.kind, Survey.ticket_id, Survey.score, Survey.comment, Survey.tenant_id)
        survey = rx.one(wanted.where(Survey.id == as_id(str(event.payload.get("survey_id")))))
    if survey is None or survey.score is None or not rules.is_low(survey.kind, survey.score):
        return
    if survey.tenant_id != event.tenant_id:
        return
    said = f"\n\n{survey.comment}" if survey.comment else ""
    body = f"The customer rated this ticket {survey.score} of 5.{said}\n\nLook after it, and reopen the ticket if that helps."
    try:
        actions.reply(actor, survey.ticket_id, body=body, is_internal=True, once=f"satisfaction.low:{survey.id}")
    except Invalid as error:
        # A closed ticket takes no notes; the answer is listed on the page Satisfaction all the same.
        log.warning("no note on a low answer", survey_id=str(survey.id), why=str(error))
