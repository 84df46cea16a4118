"""Timelines collect by themselves: what belongs into them, once each, for all that run."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.health.maintenance import actions as maintenance
from core.kernel.permissions import table
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.platform.flags.models import Flag, FlagEnvironment
from core.reliability.communication.models import IncidentMessage
from core.reliability.deployments import actions as deployments
from core.reliability.incidents import actions, collecting, wording
from core.reliability.on_call.models import EscalationPolicy, Page
from tests.core.reliability.incidents.given import add_alert, add_tenant, declare, lines, minutes


@pytest.fixture
def begun(db):
    return utc_now() - timedelta(hours=1)


def added(raw, incident_id, *kinds):
    return [text for kind, text in lines(raw, incident_id) if kind in kinds]


def test_alerts_in_time_and_of_its_services_come_once(raw, system, begun):
    made = declare(system, started_at=begun, services=["billing"])
    wide = declare(system, started_at=begun, services=[])
    add_alert(raw, at=begun - minutes(29), service="billing")
    parent = add_alert(raw, at=begun + minutes(1), subject="everything")
    add_alert(raw, at=begun, service="mail", subject="mail")
    add_alert(raw, at=begun, service="billing", subject="child", parent=parent)
    late = add_alert(raw, at=begun - minutes(31), service="billing", subject="early")
    assert collecting.collect() == 2 + 3
    assert added(raw, made.id, "alert") == ["Alert opened: Errors of billing", "Alert opened: Errors of everything"]
    assert len(added(raw, wide.id, "alert")) == 3
    events = raw("SELECT count(*) AS n FROM event WHERE type = 'incidents.collect'")[0].n
    assert collecting.collect() == 0
    assert raw("SELECT count(*) AS n FROM event WHERE type = 'incidents.collect'")[0].n == events == 1
    actions.link(system, made.id, kind="alert", target=str(late))
    assert collecting.collect(made.id) == 1
    assert added(raw, made.id, "alert")[0] == "Alert opened: Errors of early"


def test_what_comes_after_the_end_does_not_belong_and_merged_ones_collect_nothing(raw, system, begun):
    made = declare(system, started_at=begun, services=[])
    actions.resolve(system, made.id, resolution="x", at=begun + minutes(10))
    add_alert(raw, at=begun + minutes(9), subject="in")
    add_alert(raw, at=begun + minutes(11), subject="after")
    assert collecting.collect() == 1 and added(raw, made.id, "alert") == ["Alert opened: Errors of in"]
    old = declare(system, started_at=begun - timedelta(days=3), services=[])
    raw("UPDATE incident SET status = 'resolved', resolved_at = now() - interval '2 days' WHERE id = :id", id=old.id)
    add_alert(raw, at=utc_now() - timedelta(days=2, hours=1), subject="old")
    assert collecting.collect() == 0 and collecting.collect(old.id) == 1


def test_deployments_of_production_tell_each_state_once(raw, system, begun):
    made = declare(system, started_at=begun, services=["billing"])
    given = {"release": "4.2.0", "external_id": "build-7", "at": begun + minutes(3)}
    deployments.report(system, service="billing", status="started", **given)
    deployments.report(system, service="mail", release="1")
    deployments.report(system, service="billing", release="2", environment="staging")
    assert collecting.collect() == 1
    deployments.report(system, service="billing", status="failed", **given)
    assert (collecting.collect(), collecting.collect()) == (1, 0)
    assert sorted(added(raw, made.id, "deployment")) == [
        "billing 4.2.0 deployment failed", "billing 4.2.0 deployment started",
    ]  # fmt: skip


def test_flags_of_production_and_configuration_come_from_the_audit_trail(raw, system, begun):
    made = declare(system, started_at=begun)
    with write(system, "flags.create") as tx:
        flag = tx.add(Flag(key="new-invoices", name="x", variants={}, off_variant="off", salt="s"))
        tx.session.flush()
        states = [
            tx.add(FlagEnvironment(flag_id=flag.id, environment=one, serve={})) for one in ("production", "staging")
        ]
    for state in states:
        with write(system, "flags.kill", reason="Errors") as tx:
            tx.lock(FlagEnvironment, state.id).is_enabled = True
    maintenance.create(system, title="Backup", starts_at=utc_now() + minutes(1), duration_s=600)
    assert collecting.collect() == 3
    assert added(raw, made.id, "flag") == ["Flag new-invoices: create", "Flag new-invoices: kill: Errors"]
    assert added(raw, made.id, "configuration") == ["Maintenance create"]


def test_messages_pages_and_violations_come_too(raw, system, begun):
    made = declare(system, started_at=begun, services=[])
    with write(system, "demo.seed") as tx:
        tx.add(IncidentMessage(
            incident_id=made.id, channel="mail", audience="affected", subject="We are on it", body="x", status="sent",
            incident_status="investigating", written_by_name="Ann", sent_at=utc_now(),
        ))  # fmt: skip
        policy = tx.add(EscalationPolicy(id=uuid4(), name="Platform", steps=[]))
        tx.session.flush()
        tx.add(Page(
            incident_id=made.id, policy_id=policy.id, policy_steps=[], repeats_left=0, status="acknowledged",
            acknowledged_at=utc_now(), acknowledged_by_name="Ben",
        ))  # fmt: skip
    for name in ("Acme", "Best"):
        tenant = add_tenant(system, name)
        raw(
            "INSERT INTO sla_violation (id, contract_id, tenant_id, metric, target, impact, minutes, started_at, last_bad_at,"
            " detected_at) VALUES (:id, :id, :tenant, 'uptime', 99.9, 'major', 5, :at, :at, :at)",
            id=uuid4(), tenant=tenant, at=begun + minutes(1 if name == "Acme" else 2),
        )  # fmt: skip
    assert collecting.collect() == 4 and collecting.collect() == 0
    assert set(added(raw, made.id, "page")) == {"Paged: Platform", "Page acknowledged"}
    assert added(raw, made.id, "message") == ["Mail to affected: We are on it"]
    assert added(raw, made.id, "violation") == ["SLA violation, uptime: Acme and 1 more"]


def test_only_what_changes_something_is_watched():
    known = wording.watched(table())
    assert set(wording.FLAGS) | set(wording.CONFIGURATION) == set(known)
    assert not {"flags.propose", "flags.reject", "configuration.reject"} & set(known)
