"""A suspension is told to the tenant's administrators: once, by a real mail server, and its failure shows."""

import pytest

from core.customers.tenants import actions, queries, tasks
from core.customers.users.models import TenantUser
from core.kernel.errors import AlreadyDone, Unavailable
from core.kernel.events import Event
from core.kernel.times import utc_now
from core.kernel.writes import write
from tests.core.customers.test_tenants import make


def person(actor, tenant, email: str, **values) -> None:
    with write(actor, "users.create") as tx:
        tx.add(
            TenantUser(
                tenant_id=tenant.id, email=email, name=email.split("@", maxsplit=1)[0], **({"is_admin": True} | values)
            )
        )


@pytest.fixture
def suspended(db, raw, system):
    """A suspended tenant with two administrators in service, and its event."""
    tenant = make(system, "Acme")
    person(system, tenant, "ann@acme.example")
    person(system, tenant, "bob@acme.example")
    person(system, tenant, "gone@acme.example", deactivated_at=utc_now())
    person(system, tenant, "clerk@acme.example", is_admin=False)
    actions.suspend(system, tenant.id, reason="Unpaid since May")
    row = raw("SELECT * FROM event WHERE type = 'tenants.suspend'")[0]
    return Event(id=row.id, type=row.type, tenant_id=row.tenant_id, payload=row.payload, request_id=row.request_id)


@pytest.fixture
def queued(suspended, system, raw, monkeypatch):
    """The notice of the suspension, its job noted instead of queued."""
    jobs = []
    monkeypatch.setattr("core.kernel.tasks.enqueue_on", lambda connection, task, **given: jobs.append((task, given)))
    tasks.notify_administrators(system, suspended)
    assert [task for task, _ in jobs] == ["tenants.send_notice"]
    return str(raw("SELECT id FROM tenant_notice")[0].id)


def test_notice_goes_to_active_administrators_only(queued, raw):
    notice = raw("SELECT * FROM tenant_notice")[0]
    assert notice.recipients == ["ann@acme.example", "bob@acme.example"]
    assert (notice.subject, notice.outcome) == ("Acme was suspended", "queued")
    assert "Unpaid since May" in notice.body


def test_event_handed_twice_makes_one_notice(queued, suspended, system, raw):
    with pytest.raises(AlreadyDone):
        tasks.notify_administrators(system, suspended)
    assert raw("SELECT count(*) FROM tenant_notice")[0].count == 1


def test_sending_reaches_the_server_once_and_is_kept(queued, system, mailbox, raw):
    tasks.send_notice(system, notice_id=queued)
    tasks.send_notice(system, notice_id=queued)
    assert [mail.rcpt_tos for mail in mailbox.mails] == [["ann@acme.example"], ["bob@acme.example"]]
    assert b"Unpaid since May" in mailbox.mails[0].content
    assert raw("SELECT outcome, error FROM tenant_notice")[0] == ("sent", None)


def test_refused_mail_is_an_error_that_shows_and_is_tried_again(queued, system, mailbox, raw):
    mailbox.answer = "554 No"
    with pytest.raises(Unavailable, match="554"):
        tasks.send_notice(system, notice_id=queued)
    row = raw("SELECT outcome, error FROM tenant_notice")[0]
    assert row.outcome == "failed"
    assert "554" in row.error
    mailbox.answer = "250 OK"
    tasks.send_notice(system, notice_id=queued)
    assert raw("SELECT outcome, error FROM tenant_notice")[0] == ("sent", None)


def test_without_a_mail_server_the_notice_says_so(queued, system, raw):
    tasks.send_notice(system, notice_id=queued)
    assert raw("SELECT outcome FROM tenant_notice")[0].outcome == "no mail server"


def test_tenant_without_administrators_is_kept_as_such(db, raw, system):
    tenant = make(system, "Lonely")
    actions.suspend(system, tenant.id, reason="x")
    row = raw("SELECT * FROM event WHERE type = 'tenants.suspend'")[0]
    event = Event(id=row.id, type=row.type, tenant_id=row.tenant_id, payload=row.payload, request_id=row.request_id)
    tasks.notify_administrators(system, event)
    assert list(queries.notices(system, tenant.id)["outcome"]) == ["no recipient"]
