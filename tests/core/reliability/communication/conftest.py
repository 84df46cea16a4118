"""An incident that hits one customer of two, one who writes, and one who approves."""

from collections.abc import Callable
from typing import Any

import pytest

from core.access.operators import actions as operators
from core.access.operators import rules as operator_rules
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.settings import settings
from core.kernel.tasks import tasks
from core.kernel.writes import write
from core.reliability.incidents import actions as incidents
from tests.core.customers.test_tenants import make

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _sender(monkeypatch) -> None:
    monkeypatch.setenv("MAIL_FROM", "Acting status <status@deck.example>")
    settings.cache_clear()


def _operator(system, actor_of, email: str, name: str, role: str) -> Actor:
    made = operators.create(system, email=email, name=name, role=role, password=PASSWORD)
    return actor_of(role, operator_id=made.id, name=name)


@pytest.fixture
def writer(db, system, actor_of, monkeypatch) -> Actor:
    monkeypatch.setattr(operator_rules, "COST", 4)
    return _operator(system, actor_of, "wim@deck.example", "Wim Writer", "support")


@pytest.fixture
def approver(writer, system, actor_of) -> Actor:
    return _operator(system, actor_of, "ada@deck.example", "Ada Approver", "support_admin")


@pytest.fixture
def person_of(db, system) -> Callable[..., TenantUser]:
    def add(tenant: Any, email: str, *, is_admin: bool = True) -> TenantUser:
        with write(system, "users.create") as tx:
            return tx.add(
                TenantUser(tenant_id=tenant.id, email=email, name=email.split("@", maxsplit=1)[0], is_admin=is_admin)
            )

    return add


@pytest.fixture
def acme(db, system, person_of):
    tenant = make(system, "Acme")
    person_of(tenant, "Zoe@acme.example")
    person_of(tenant, "intern@acme.example", is_admin=False)
    return tenant


@pytest.fixture
def other(db, system, person_of):
    tenant = make(system, "Other")
    person_of(tenant, "otto@other.example")
    return tenant


@pytest.fixture
def declare(writer, acme, raw) -> Callable[..., Any]:
    """Declares an incident that hits Acme."""

    def opened(severity: str = "sev2", **values: Any) -> Any:
        values = {"title": "Checkout is down", "services": ("checkout",)} | values
        incident = incidents.declare(writer, severity=severity, **values)
        raw(
            "INSERT INTO incident_tenant (incident_id, tenant_id, found_by, computed_at) VALUES (:i, :t, '{requests}', now())",
            i=incident.id, t=acme.id,
        )  # fmt: skip
        return incident

    return opened


@pytest.fixture
def run_jobs(raw, system) -> Callable[[], int]:
    """Runs the deliveries that were queued, as a worker would."""
    done: set[int] = set()

    def run() -> int:
        found = raw("SELECT id, args FROM procrastinate_jobs WHERE task_name = 'incident_messages.deliver' ORDER BY id")
        new = [job for job in found if job.id not in done]
        for job in new:
            done.add(job.id)
            tasks()["incident_messages.deliver"].function(system, message_id=job.args["message_id"])
        return len(new)

    return run
