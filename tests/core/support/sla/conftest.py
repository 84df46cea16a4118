"""Tickets with a log, and calendars."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import event

from core.customers.tenants.models import Tenant
from core.kernel import permissions
from core.kernel.actor import Actor
from core.kernel.permissions import Rule
from core.kernel.writes import write
from core.support.sla import actions, effects, replay, steps
from core.support.tickets.models import Ticket, TicketEvent

NOW = datetime.now(UTC).replace(microsecond=0)
OFFICE_HOURS = [[day, 9 * 60, 17 * 60] for day in range(5)]


@pytest.fixture
def _opening(monkeypatch) -> None:
    monkeypatch.setattr(permissions, "_table", {**permissions.table(), "try.open": Rule("tickets:create")})
    for module in (steps, effects, replay):
        monkeypatch.setattr(module, "utc_now", lambda: NOW)


@pytest.fixture
def ticket_of(db, actor_of, _opening) -> Callable[..., Ticket]:
    """A ticket that was opened some hours ago, with events of (hours after that, kind, after)."""
    numbers = count(1)

    def make(*events: tuple, role: str = "support", hours_ago: float = 0.0, **values: object) -> Ticket:
        created = NOW - timedelta(hours=hours_ago)
        given = {"number": next(numbers), "requester_name": "Ann", "subject": "Slow", "description": "Slow"}
        with write(actor_of(role), "try.open") as tx:
            ticket = tx.add(Ticket(**(given | {"created_at": created} | values)))
            steps.begin(tx, ticket)
        if events:
            with write(actor_of("support"), "try.open") as tx:
                for after, kind, *value in events:
                    log(tx, ticket, kind, created + timedelta(hours=after), *value)
                steps.renew(tx, [ticket.id])
        return ticket

    return make


def log(tx, ticket: Ticket, kind: str, at: datetime, after: str | None = None, before: str | None = None) -> None:
    """One event of the ticket."""
    tx.add(TicketEvent(ticket_id=ticket.id, tenant_id=ticket.tenant_id, at=at, kind=kind, before=before, after=after,
                       actor_name="Ann"))  # fmt: skip


@pytest.fixture
def office(db, actor_of):
    """A calendar of office hours in Berlin."""
    return actions.create_calendar(
        actor_of("support_admin"), name="Berlin", time_zone="Europe/Berlin", periods=OFFICE_HOURS,
        holidays={"2026-12-25": "Christmas"},
    )  # fmt: skip


@pytest.fixture
def add_tenant(db, monkeypatch) -> Callable[..., object]:
    """The id of a new tenant."""
    numbers = count(1)

    def make(**values: object) -> object:
        monkeypatch.setattr(permissions, "_table", {**permissions.table(), "try.tenant": Rule("*")})
        with write(Actor.system("test"), "try.tenant") as tx:
            number = next(numbers)
            given = {
                "name": f"Acme {number}",
                "domain": f"acme{number}.example",
                "tier": "pro",
                "region": "EU",
                "seats": 5,
            }
            tenant = tx.add(Tenant(**(given | values)))
        return tenant.id

    return make


@pytest.fixture
def statements(db) -> Callable[..., Iterator[list[str]]]:
    """Collects the statements that are executed."""

    @contextmanager
    def collecting() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(connection, cursor, statement, *_: object) -> None:
            seen.append(statement)

        event.listen(db, "before_cursor_execute", note)
        yield seen
        event.remove(db, "before_cursor_execute", note)

    return collecting
