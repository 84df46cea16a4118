"""The page is rendered each minute and after each change that it shows; subscribers are told; what is over is forgotten."""

from datetime import timedelta

from sqlalchemy import delete, or_

from core.kernel.actor import Actor
from core.kernel.events import Event, subscriber
from core.kernel.tasks import every
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.reliability.status_page import actions, mailing, publishing
from core.reliability.status_page.models import StatusMail, StatusRender, StatusSubscriber

KEPT = timedelta(days=90)
FORGOTTEN_AFTER = timedelta(days=7)
_SHOWN = (
    "incident_messages.send", "incidents.set_status", "incidents.resolve", "incidents.close", "incidents.reopen",
    "incidents.update", "status_page.*_component", "status_page.arrange", "status_page.*_state", "status_page.announce",
    "status_page.update_announcement", "status_page.withdraw", "maintenance.*", "monitors.change_state",
)  # fmt: skip


@every(actions.RENDER, seconds=60)
def render(actor: Actor) -> None:
    """Renders the page and writes it everywhere."""
    publishing.publish(actor)


@subscriber(*_SHOWN, name=actions.RENDER)
def render_after(actor: Actor, event: Event) -> None:
    """Renders soon, and tells subscribers: however many such events come, one job waits."""
    actions.render(actor)


@every(actions.MAIL, seconds=60)
def tell(actor: Actor) -> None:
    """Queues what is news, and sends what is queued."""
    mailing.collect(actor)
    mailing.send(actor)


@every("status_page.tidy", cron="40 3 * * *")
def tidy(actor: Actor) -> None:
    """Forgets addresses that did not confirm, or ended it, a week ago; old mails and renders."""
    now, person = utc_now(), StatusSubscriber
    is_over = or_(
        person.unsubscribed_at < now - FORGOTTEN_AFTER,
        person.confirmed_at.is_(None) & (person.confirm_until < now - FORGOTTEN_AFTER),
    )
    with record(actor, timeout_ms=120_000) as tx:
        tx.execute(delete(person).where(is_over))
        tx.execute(delete(StatusMail).where(StatusMail.at < now - KEPT))
        tx.execute(delete(StatusRender).where(StatusRender.last_at < now - KEPT))
