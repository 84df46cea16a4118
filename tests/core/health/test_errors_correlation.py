"""One id through requests, errors, audit and jobs, as far as the viewer may see."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.health.errors.correlation import timeline
from core.health.requests.models import RequestRecord
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.platform.queue.models import JobRun
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.errors_given import MARK, seen

ID = "trace-1"


def asked(tenant_id=None, *, status=500, request_id=ID):
    now = utc_now()
    row = {
        "at": now, "service": "shop", "channel": "product", "route": "/orders", "method": "POST", "status": status,
        "duration_ms": 12, "is_error": status >= 500, "operator_id": None, "key_id": None, "tenant_id": tenant_id,
        "request_id": request_id,
    }  # fmt: skip
    with record(Actor.system("test")) as tx:
        retention.make_ready(tx, "request_record", "day", now, now)
        tx.session.add(RequestRecord(**row))


def worked(outcome="failed"):
    now = utc_now()
    run = {
        "id": uuid4(), "task": "tenants.send_notice", "job_id": 7, "schedule": None, "attempt": 1, "started_at": now,
        "finished_at": now + timedelta(seconds=2), "outcome": outcome, "error": "no answer", "request_id": ID,
    }  # fmt: skip
    with record(Actor.system("test")) as tx:
        tx.session.add(JobRun(**run))


def happened(system):
    tenant = make_tenant(Actor.system("test", request_id=ID), "Acme")
    asked(tenant.id)
    seen(request_id=ID, tenant_id=tenant.id, message="no such card")
    worked()
    asked(request_id="another")
    return tenant


def test_all_of_an_id_is_on_one_line_of_time(db, system):
    happened(system)
    found = timeline(system, f" {ID} ")
    rows = found.rows
    assert set(rows["kind"]) == {"request", "error", "audit", "job"}
    assert rows["at"].is_monotonic_increasing
    assert found.hidden == ()
    by_kind = rows.set_index("kind")
    assert by_kind.loc["request", "title"] == "POST /orders"
    assert (by_kind.loc["request", "outcome"], by_kind.loc["request", "detail"]) == ("failed", "Status 500")
    assert (by_kind.loc["error", "key"], by_kind.loc["error", "detail"]) == (MARK, "no such card")
    assert by_kind.loc["error", "tenant"] == "Acme"
    assert (by_kind.loc["audit", "title"], by_kind.loc["audit", "outcome"]) == ("tenants.create", "ok")
    assert (by_kind.loc["job", "title"], by_kind.loc["job", "duration_ms"]) == ("tenants.send_notice", 2_000)


def test_what_the_viewer_may_not_see_is_named_and_absent(db, system, actor_of):
    happened(system)
    found = timeline(actor_of("client_success", scope="all"), ID)
    assert set(found.rows["kind"]) == {"request"}
    assert found.hidden == ("error", "audit", "job")
    with pytest.raises(Denied):
        timeline(Actor(None, "Nobody", "none", frozenset()), ID)


def test_another_tenants_rows_are_not_in_sight(db, system, actor_of):
    happened(system)
    mine = make_tenant(system, "Mine")
    found = timeline(actor_of("developer", scope="tenant", tenant_id=mine.id), ID)
    assert set(found.rows["kind"]) <= {"job"}


def test_an_unknown_id_has_no_rows(db, system):
    found = timeline(system, "nobody-knows")
    assert found.rows.empty
    assert "at" in found.rows.columns


@pytest.mark.parametrize("wrong", ["", "  ", "x" * 201, "a\0b"])
def test_what_is_no_id_is_refused(db, system, wrong):
    with pytest.raises(Invalid):
        timeline(system, wrong)


def test_an_id_that_is_used_for_everything_is_cut(db, system):
    seen(times=250, request_id=ID)
    assert len(timeline(system, ID).rows) == 200
