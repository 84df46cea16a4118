"""Demo status page: six components over the demo's monitors, an announced window, and some subscribers."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import insert, select

from core.health.maintenance.models import MaintenanceWindow
from core.health.monitors.models import Monitor
from core.kernel import crypto
from core.kernel.writes import Transaction
from core.reliability.status_page import links
from core.reliability.status_page.models import StatusComponent, StatusMaintenance, StatusSubscriber

# Name, what it is, group, monitors, services. Each that the demo looks at for real has a monitor of the portal itself.
_COMPONENTS = (
    ("Customer portal", "The web application that customers work in.", "Product",
     ("Customer portal", "This portal's pages"), ("web",)),
    ("Public API", "REST API and its documentation.", "Product",
     ("Public API", "This portal", "This portal's API document"), ("api", "gateway")),
    ("Sign-in", "Passwords, single sign-on and second factors.", "Product", ("Sign-in", "This portal"), ("auth",)),
    ("Webhooks", "Delivery of events to your endpoints.", "Messaging", ("Webhook gateway", "This portal's port"), ("webhooks",)),
    ("E-mail delivery", "Notifications and invitations by mail.", "Messaging", ("Mail relay", "Mail exchanger"), ("mail",)),
    ("Website", "www and help pages.", "", ("Marketing site", "This portal's pages"), ()),
)  # fmt: skip
_PEOPLE = (
    "ops@acme.example", "it@globex.example", "j.doe@initech.example", "status@umbrella.example", "noc@hooli.example",
    "alerts@stark.example", "service-desk@wayne.example", "maria@wonka.example", "tom@tyrell.example", "infra@cyberdyne.example",
    "late@soylent.example", "gone@oscorp.example",
)  # fmt: skip


def seed(tx: Transaction, random: Random, now: datetime) -> list[UUID]:
    """Over the monitors and windows that are there; returns the components' ids."""
    ids = {row.name: row.id for row in tx.session.execute(select(Monitor.name, Monitor.id))}
    made_at = now - timedelta(days=120)
    made = []
    for place, (name, told, group, monitors, services) in enumerate(_COMPONENTS, start=1):
        key = UUID(int=random.getrandbits(128), version=4)
        known = [ids[one] for one in monitors if one in ids]
        is_set = name == "E-mail delivery"
        tx.add(StatusComponent(
            id=key, name=name, description=told, group_name=group, position=place, monitor_ids=known, services=list(services),
            manual_state="operational" if is_set else None, created_at=made_at, updated_at=made_at,
            manual_reason="Its monitors are paused; the provider's own page says it works." if is_set else "",
        ))  # fmt: skip
        made.append(key)
    tx.session.flush()
    _announce(tx, made, now)
    tx.bulk(insert(StatusSubscriber), [_person(random, email, place, made, now) for place, email in enumerate(_PEOPLE)])
    return made


def _announce(tx: Transaction, components: list[UUID], now: datetime) -> None:
    window = tx.session.scalar(select(MaintenanceWindow).where(MaintenanceWindow.title == "Database upgrade"))
    if window is None:
        return
    body = (
        "We upgrade the database. Pages may answer slowly, and for a few minutes not at all. Nothing needs to be done."
    )
    told = {"title": "Database upgrade", "body": body, "component_ids": components[:3]}
    tx.add(StatusMaintenance(window_id=window.id, created_at=now - timedelta(days=2), **told))


def _person(random: Random, email: str, place: int, components: list[UUID], now: datetime) -> dict[str, object]:
    """The last but one has not confirmed yet, the last one has ended it."""
    key = UUID(int=random.getrandbits(128), version=4)
    asked_at = now - timedelta(days=random.randint(3, 80), minutes=random.randint(0, 1_400))
    is_pending, is_over = place == len(_PEOPLE) - 2, place == len(_PEOPLE) - 1
    asked_at = now - timedelta(hours=5) if is_pending else asked_at
    confirmed_at = None if is_pending else asked_at + timedelta(minutes=random.randint(2, 90))
    until = asked_at + timedelta(days=2)
    return {
        "id": key, "email": email, "component_ids": components[:2] if place % 4 == 3 else [], "created_at": asked_at,
        "confirm_until": until, "confirm_digest": crypto.digest(links.token_of("confirm", key, until)),
        "confirmed_at": confirmed_at, "unsubscribed_at": now - timedelta(days=1) if is_over else None,
        "manage_digest": crypto.digest(links.token_of("unsubscribe", key, confirmed_at)) if confirmed_at else None,
    }  # fmt: skip
