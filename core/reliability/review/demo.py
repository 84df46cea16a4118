"""Demo post-mortems: most of the grave incidents that are over have one, with action items of which some are late."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.writes import write
from core.reliability.incidents.models import Incident
from core.reliability.review.models import ActionItem, PostMortem

_WHYS = (
    "What changed was not seen in the review.", "It was tested with small data alone.",
    "There is no copy of production's sizes to test on.", "Nobody owns the staging data.",
)  # fmt: skip
_FACTORS = (
    ("monitoring", "The alert on waiting connections had a threshold that was never reached."),
    ("process", "The change was not announced to support."), ("technology", "Retries without a limit doubled the load."),
    ("dependency", "The provider's status page was green for half an hour."), ("people", "One person knew the runbook."),
)  # fmt: skip
_ITEMS = (
    ("Alert on waiting connections", "high"), ("Limit retries to three", "high"),
    ("Copy production's sizes to staging", "medium"),
    ("Write a runbook for failover", "medium"), ("Announce migrations in the support channel", "low"),
    ("Add a timeout to the provider's calls", "high"), ("Test the backup of the queue each quarter", "low"),
)  # fmt: skip


def seed(actor: Actor, random: Random, now: datetime) -> None:
    """For the incidents that are there."""
    over = select(Incident).where(
        Incident.resolved_at < now, Incident.severity != "sev3", Incident.merged_into_id.is_(None)
    )
    with write(actor, "demo.seed") as tx:
        for incident in tx.session.scalars(over.order_by(Incident.number)).all():
            if random.random() < 0.8:
                tx.add(_review(random, incident))
                tx.add_all(_items(random, incident, now))


def _review(random: Random, incident: Incident) -> PostMortem:
    assert incident.resolved_at is not None
    status = random.choices(("draft", "review", "approved"), (2, 2, 6))[0]
    factors = random.sample(_FACTORS, random.randint(1, 3))
    made_at = incident.resolved_at + timedelta(days=1, minutes=random.randint(0, 600))
    is_approved = status == "approved"
    return PostMortem(
        incident_id=incident.id, status=status, owner_id=incident.lead_id,
        whys=[incident.root_cause or "It is not known yet.", *_WHYS[: random.randint(1, 4)]],
        summary=f"{incident.title}. Customers saw it until it was resolved; nothing was lost.",
        factors=[{"kind": kind, "text": text} for kind, text in factors],
        went_well="It was noticed by an alert, before the first ticket.", went_wrong="The first update took too long.",
        was_lucky="It was a quiet hour.", created_at=made_at, updated_at=made_at,
        reviewed_by_name="Amara Osei" if is_approved else None,
        reviewed_at=made_at + timedelta(days=2) if is_approved else None,
    )  # fmt: skip


def _items(random: Random, incident: Incident, now: datetime) -> list[ActionItem]:
    assert incident.resolved_at is not None
    return [
        _item(random, incident, title, priority, incident.resolved_at, now)
        for title, priority in random.sample(_ITEMS, random.randint(1, 3))
    ]


def _item(random: Random, incident: Incident, title: str, priority: str, since: datetime, now: datetime) -> ActionItem:
    due = (since + timedelta(days=random.choice((14, 30, 45)))).date()
    is_done = random.random() < (0.85 if due < now.date() else 0.3)
    done_at = min(since + timedelta(days=random.randint(2, 14)), now)
    key = UUID(int=random.getrandbits(128), version=4)
    return ActionItem(
        id=key, incident_id=incident.id, title=title, priority=priority, owner_id=incident.lead_id, due_on=due,
        status="done" if is_done else "open", done_at=done_at if is_done else None,
        done_by_name="Amara Osei" if is_done else None, created_at=since + timedelta(days=1),
    )  # fmt: skip
