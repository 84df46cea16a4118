"""`python -m tests.jobs.sample worker|scheduler`: the real processes with tasks, schedules and subscribers to test with."""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from core.customers.tenants.models import Tenant
from core.kernel import events
from core.kernel.actor import Actor
from core.kernel.errors import AlreadyDone
from core.kernel.events import Event, subscriber
from core.kernel.tasks import current_job, every, once_per_job, task
from core.kernel.writes import write


def make_tenant(actor: Actor, name: str, *, once: str | None = None) -> None:
    with write(actor, "tenants.create", once=once) as tx:
        tx.add(Tenant(name=name, domain=f"{uuid4().hex}.example", tier="pro", region="EU", seats=1))


@task("sample.slow")
def slow(actor: Actor, *, name: str, before_s: float = 0, after_s: float = 0) -> None:
    """Makes one tenant, whatever happens around it."""
    job = current_job()
    assert job is not None
    with (Path(os.environ["SAMPLE_LOG"])).open("a") as file:
        file.write(f"{name} {job.attempt}\n")
    time.sleep(before_s)
    try:
        make_tenant(actor, name, once=once_per_job())
    except AlreadyDone:
        return
    time.sleep(after_s)


@task("sample.fail", retry=1)
def fail(actor: Actor, *, sentence: str) -> None:
    raise ValueError(sentence)


@task("sample.dawdle", timeout_s=0.5)
def dawdle(actor: Actor) -> None:
    time.sleep(3)


@every("sample.tick", seconds=1)
@task("sample.tick")
def tick(actor: Actor) -> None:
    assert current_job() is not None


def mirror(suffix: str) -> None:
    """A subscriber that makes a tenant for each event of a tenant that is none of these."""

    @subscriber("tenants.create", name=f"sample.{suffix}")
    def handle(actor: Actor, event: Event) -> None:
        with write(actor, "tenants.create", once=f"sample.{suffix}:{event.id}") as tx:
            source = tx.session.scalars(select(Tenant.name).where(Tenant.id == event.tenant_id)).one()
            if ">" in source:
                return
            name = f"{source}>{suffix}"
            tx.add(Tenant(name=name, domain=f"{uuid4().hex}.example", tier="pro", region="EU", seats=1))


def dispatch_for_ever() -> None:
    mirror("a")
    mirror("b")
    while True:
        if not events.dispatch_once():
            time.sleep(0.01)


if __name__ == "__main__":
    if sys.argv[1:] == ["dispatcher"]:
        dispatch_for_ever()
    from core.platform.queue import recovery
    from core.platform.webhooks import claiming, delivering, rules
    from jobs import worker
    from jobs.__main__ import main

    lease = float(os.environ.get("SAMPLE_LEASE", "30"))
    claiming.LEASE, delivering.RENEW_EVERY_S = timedelta(seconds=lease), lease / 4
    rules.FIRST_REST = rules.LONGEST_REST = timedelta(seconds=float(os.environ.get("SAMPLE_REST", "30")))
    recovery.WORKER_SILENCE = timedelta(seconds=float(os.environ.get("SAMPLE_SILENCE", "20")))
    worker.POLL_EVERY_S = float(os.environ.get("SAMPLE_POLL", worker.POLL_EVERY_S))
    main(sys.argv[1:])
