"""Steps that are due: each is taken once, in one transaction with what it calls for and when the next one comes.

A process that dies in between has taken nothing, and another one takes it; one that holds a page's row keeps others away.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.logs import get_logger
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.kernel.writes import Transaction, write
from core.reliability.incidents import timeline
from core.reliability.incidents.models import LIVE, Incident
from core.reliability.on_call import calling
from core.reliability.on_call.models import Page

AT_ONCE = 200
LATE = timedelta(minutes=2)  # what is taken later than that was held up: the next steps move with it
log = get_logger()


def first_due(steps: Sequence[Mapping[str, Any]], begun: datetime) -> datetime:
    return begun + timedelta(minutes=steps[0]["after_minutes"])


def escalate(actor: Actor, *, now: datetime | None = None) -> int:
    """Takes every step that is due; returns how many. Raises Unavailable.

    A page whose step fails does not hold up the others; the first failure is raised after them, and tried again.
    """
    moment = now or utc_now()
    failures, taken = list[Exception](), 0
    for page_id in _due(actor, moment):
        try:
            taken += _take(actor, page_id, moment)
        except Exception as failure:  # noqa: BLE001  (raised below, once the others were called)
            log.error("a step of a page failed", page_id=str(page_id), error=repr(failure))
            failures.append(failure)
    if failures:
        raise failures[0]
    return taken


def _due(actor: Actor, now: datetime) -> list[UUID]:
    wanted = select(Page.id).where(Page.next_at <= now, Page.status == "open").order_by(Page.next_at).limit(AT_ONCE)
    with read(actor) as rx:
        return [row.id for row in rx.rows(wanted)]


def _take(actor: Actor, page_id: UUID, now: datetime) -> bool:
    """Whether there was a step to take: another process may have been faster."""
    with write(actor, "on_call.escalate") as tx:
        due = select(Page).where(Page.id == page_id, Page.next_at <= now, Page.status == "open")
        page = tx.session.scalars(due.with_for_update(skip_locked=True)).first()
        if page is None:
            return False
        incident = tx.get(Incident, page.incident_id)
        tx.note(incident_id=incident.id, page_id=page.id)
        if incident.status not in LIVE:
            page.status, page.next_at = "resolved", None
        elif page.step < len(page.policy_steps):
            _call(tx, page, incident, now)
        elif page.repeats_left:
            page.step, page.round, page.repeats_left = 0, page.round + 1, page.repeats_left - 1
            _call(tx, page, incident, now)
        else:
            _give_up(tx, page, incident)
    return True


def _call(tx: Transaction, page: Page, incident: Incident, now: datetime) -> None:
    called = calling.call(tx, page, now)
    again = f", round {page.round + 1}" if page.round else ""
    text = f"Step {page.step + 1}{again}: {called.said}"
    timeline.add(
        tx, incident, "page", text, source="on_call_step", source_id=f"{page.id}:{page.round}:{page.step}",
        page_id=str(page.id),
    )  # fmt: skip
    assert page.next_at is not None
    base = page.next_at if now - page.next_at < LATE else now
    # Nobody could be called, so there is nobody to wait for.
    page.next_at = base + _pause(page) if called.reaches_somebody or _is_last(page) else now
    page.step += 1


def _is_last(page: Page) -> bool:
    return page.step + 1 >= len(page.policy_steps)


def _pause(page: Page) -> timedelta:
    """How long this step waits for somebody to acknowledge."""
    if _is_last(page):
        return timedelta(minutes=page.repeat_after_minutes)
    this, following = page.policy_steps[page.step], page.policy_steps[page.step + 1]
    return timedelta(minutes=following["after_minutes"] - this["after_minutes"])


def _give_up(tx: Transaction, page: Page, incident: Incident) -> None:
    page.status, page.next_at = "exhausted", None
    timeline.add(
        tx, incident, "page", "Nobody has acknowledged the page, and there is nobody left to call.", is_key=True,
        source="on_call_exhausted", source_id=str(page.id), page_id=str(page.id),
    )  # fmt: skip
