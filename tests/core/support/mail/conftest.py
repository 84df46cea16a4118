"""Somebody who asks, somebody who answers, and mails between them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import EmailMessage
from email.utils import make_msgid

import pytest

from core.access.operators import actions as operators
from core.access.operators import rules as operator_rules
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.errors import AlreadyDone
from core.kernel.events import Event, subscribers
from core.kernel.settings import settings
from core.kernel.tasks import tasks
from core.kernel.writes import write
from tests.core.customers.test_tenants import make
from tests.core.support.mail import imap


@pytest.fixture(scope="session")
def imap_server() -> Iterator[imap.Mailbox]:
    with imap.running() as mailbox:
        yield mailbox


@pytest.fixture
def inbox(imap_server, monkeypatch) -> Iterator[imap.Mailbox]:
    """The mailbox of INBOUND_IMAP_URL, empty."""
    imap._empty(imap_server)
    monkeypatch.setenv("INBOUND_IMAP_URL", imap_server.url)
    settings.cache_clear()
    return imap_server


@pytest.fixture(autouse=True)
def _sender(monkeypatch) -> None:
    monkeypatch.setenv("MAIL_FROM", "Support <support@deck.example>")
    settings.cache_clear()


@pytest.fixture
def acme(db, system):
    return make(system, "Acme")


@pytest.fixture
def zoe(acme, system):
    with write(system, "users.create") as tx:
        return tx.add(TenantUser(tenant_id=acme.id, email="Zoe@acme.example", name="Zoé Quinn", is_admin=True))


@pytest.fixture
def agent(db, system, actor_of, monkeypatch) -> Actor:
    monkeypatch.setattr(operator_rules, "COST", 4)
    made = operators.create(
        system, email="ada@deck.example", name="Ada Agent", role="support_admin", password="correct horse battery"
    )
    return actor_of("support_admin", operator_id=made.id, name="Ada Agent")


@pytest.fixture
def deliver_all(raw, system) -> Callable[[], None]:
    """Hands every event of tickets and surveys to its subscribers, and runs the jobs that they queue, until none is left."""
    tasks()
    handed: set[object] = set()

    def run() -> None:
        while _hand_over(raw, handed) + _run_jobs(raw, system, handed):
            pass

    return run


def _hand_over(raw, handed: set[object]) -> int:
    """The dispatcher itself passes over what is not committed, and a test's transaction never is."""
    ours = [one for one in subscribers() if one.name.startswith(("ticket_mail.", "satisfaction."))]
    rows = [row for row in raw("SELECT * FROM event ORDER BY id") if row.id not in handed]
    for row in rows:
        handed.add(row.id)
        event = Event(**row._mapping)
        for one in ours:
            if one.wants(event.type):
                with suppress(AlreadyDone):
                    one.handler(Actor.system(one.name), event)
    return len(rows)


def _run_jobs(raw, system: Actor, done: set[object]) -> int:
    found = raw("SELECT id, args FROM procrastinate_jobs WHERE task_name = 'ticket_mail.send' ORDER BY id")
    new = [job for job in found if job.id not in done]
    for job in new:
        done.add(job.id)
        tasks()["ticket_mail.send"].function(system, mail_id=job.args["mail_id"])
    return len(new)


@pytest.fixture
def mail_of() -> Callable[..., bytes]:
    """A mail as a customer's program writes it."""

    def write_mail(
        body: str = "It is still broken.", *, sender: str = "Zoé Quinn <zoe@acme.example>", to: str = "support@deck.example",
        subject: str = "The report is empty", html: str | None = None, **headers: str,
    ) -> bytes:  # fmt: skip
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message["Message-ID"] = headers.pop("message_id", None) or make_msgid(domain="acme.example")
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(body)
        if html is not None:
            message.add_alternative(html, subtype="html")
        return message.as_bytes()

    return write_mail
