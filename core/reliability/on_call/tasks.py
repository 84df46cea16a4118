"""Due steps are looked for every 15 seconds, and at once when a page begins."""

from core.kernel.actor import Actor
from core.kernel.tasks import every, task
from core.reliability.on_call import delivering, escalating, paging
from core.reliability.on_call.pages import WATCH

__all__ = ["paging"]


@every("on_call.watch_pages", seconds=15)
@task(WATCH)
def page_people(actor: Actor) -> None:
    """Takes the steps that are due and sends what they call for. Harmless when it is run again, also at the same time."""
    try:
        escalating.escalate(actor)
    finally:  # a step that fails must not keep others' mails back
        delivering.deliver(actor)
