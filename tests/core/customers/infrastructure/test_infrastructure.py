"""Dedicated infrastructure: what is kept of it, its checklist, and when it is ready."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.access.operators import actions as operators
from core.customers.configuration import actions as configuration
from core.customers.infrastructure import actions, checklist, queries, rules
from core.customers.infrastructure.queries import Filters
from core.customers.tenants import actions as tenants
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.kernel.times import utc_now
from tests.core.customers.test_tenants import make as make_tenant

PLACE = {"provider": "aws", "region": "eu-central-1"}


def make(actor, tenant=None, **values):
    return actions.create(actor, (tenant or make_tenant(actor, tier="enterprise")).id, **(PLACE | values))


def finish(actor, row, *, but=()):
    for step in queries.steps(actor, row.id).to_dict("records"):
        if step["is_required"] and step["key"] not in but:
            actions.update_step(actor, step["id"], state="done", evidence=f"OPS-{step['position']}")


def test_a_request_has_its_checklist_and_its_group(db, raw, actor_of):
    admin = actor_of("admin")
    row = make(admin, host=" DB-7.EU.Example.com. ", database_name="acme_prod", cpus="16", memory_gb=64)
    found = queries.one(admin, row.id)
    assert (found["status"], found["region_group"], found["agreement"]) == ("requested", "EU", "agrees")
    assert (found["host"], found["cpus"], found["storage_gb"]) == ("db-7.eu.example.com", 16, None)
    steps = queries.steps(admin, row.id)
    assert list(steps["key"]) == [step.key for step in checklist.TEMPLATE]
    assert steps["due_on"].iloc[0] == utc_now().date() + timedelta(days=2)
    assert (found["steps"], found["steps_done"], found["steps_late"]) == (9, 0, 0)
    entry = raw("SELECT tenant_id FROM audit_entry WHERE action = 'infrastructure.create'")
    assert [one.tenant_id for one in entry] == [row.tenant_id]
    assert raw("SELECT count(*) FROM event WHERE type = 'infrastructure.create'")[0].count == 1


def test_it_is_ready_only_when_every_required_step_is_done_and_its_place_is_known(db, raw, actor_of):
    admin = actor_of("admin")
    row = make(admin)
    with pytest.raises(Invalid, match="only what is being provisioned"):
        actions.make_ready(admin, row.id)
    actions.start(admin, row.id)
    finish(admin, row, but=("backups",))
    with pytest.raises(Invalid, match="Set up backups"):
        actions.make_ready(admin, row.id)
    finish(admin, row)
    with pytest.raises(Invalid, match="the database's host, the database"):
        actions.make_ready(admin, row.id)
    actions.update(admin, row.id, host="10.2.3.4", database_name="acme")
    assert actions.make_ready(admin, row.id).provisioned_at is not None
    assert queries.one(admin, row.id)["steps_done"] == 9
    with pytest.raises(Invalid, match="Fill these in"):
        actions.update(admin, row.id, host=None)
    step = queries.steps(admin, row.id).iloc[0]
    with pytest.raises(Invalid, match="checklist is closed"):
        actions.update_step(admin, step["id"], state="open")
    assert raw("SELECT status, host FROM infrastructure")[0] == ("ready", "10.2.3.4")


def test_steps_take_owner_day_and_evidence(db, raw, actor_of, system):
    admin = actor_of("admin")
    zoe = operators.create(
        system, email="zoe@x.example", name="Zoe", role="developer", password="correct horse battery"
    )
    row = make(admin)
    steps = queries.steps(admin, row.id).set_index("key")
    first, optional = steps.loc["contract", "id"], steps.loc["runbook", "id"]
    day = utc_now().date() - timedelta(days=3)
    actions.update_step(admin, first, owner_id=zoe.id, due_on=day, state="blocked", version=1)
    found = queries.step(admin, first)
    assert (found["owner_name"], found["due_on"], found["state"], found["version"]) == ("Zoe", day, "blocked", 2)
    assert queries.one(admin, row.id)["steps_late"] == 1
    assert list(queries.due_steps(admin, until=utc_now().date())["key"]) == ["contract"]
    with pytest.raises(Conflict):
        actions.update_step(admin, first, state="open", version=1)
    with pytest.raises(Invalid, match="evidence"):
        actions.update_step(admin, first, state="done", evidence=" ")
    with pytest.raises(Invalid, match="required"):
        actions.update_step(admin, first, state="skipped", evidence="No time")
    with pytest.raises(Invalid, match="colleague"):
        actions.update_step(admin, first, owner_id=uuid4())
    with pytest.raises(Invalid, match="too far"):
        actions.update_step(admin, first, due_on=day.replace(year=2150))
    actions.update_step(admin, optional, state="skipped", evidence="Later")
    done = actions.update_step(admin, first, state="done", evidence="Contract 2026-17, section 4")
    assert (done.done_by_name, done.owner_name) == (admin.name, "Zoe")
    assert actions.update_step(admin, first, state="in_progress").done_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "postgres://root:hunter2@db.example.com/acme"), ("host", "db.example.com:5432"), ("host", "https://db.example"),
        ("host", "root@db"), ("host", "-x.example"), ("host", "a" * 254), ("host", "db example"),
        ("database_name", "acme; DROP TABLE x"), ("database_name", "p" * 64), ("compute", "i-0abc; rm"), ("cpus", "many"),
        ("cpus", 0), ("memory_gb", True), ("storage_gb", 10**12), ("provider", "mars"), ("region", ""), ("region_group", "MARS"),
        ("region_group", "US"), ("notes", "x" * 2_001), ("password", "x"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_field(db, raw, actor_of, field, value):
    admin = actor_of("admin")
    with pytest.raises(Invalid) as caught:
        make(admin, **{field: value})
    assert set(caught.value.fields) == {field}
    assert raw("SELECT count(*) FROM infrastructure")[0].count == 0


def test_one_database_serves_one_tenant(db, actor_of):
    admin = actor_of("admin")
    known = {"host": "db.example", "database_name": "acme"}
    row = make(admin, **known)
    with pytest.raises(Invalid, match="already in use"):
        make(admin, **known)
    actions.retire(admin, row.id, reason="Moved")
    assert make(admin, **known).host == "db.example"


def test_what_is_retired_stays_as_it_was(db, raw, actor_of):
    admin = actor_of("admin")
    row = make(admin)
    with pytest.raises(ReasonRequired):
        actions.retire(admin, row.id, reason=" ")
    actions.retire(admin, row.id, reason="Contract ended", version=1)
    for attempt in (lambda: actions.update(admin, row.id, cpus=4), lambda: actions.start(admin, row.id),
                    lambda: actions.retire(admin, row.id, reason="again")):  # fmt: skip
        with pytest.raises(Invalid, match=r"retired"):
            attempt()
    assert raw("SELECT status, retirement_reason, version FROM infrastructure")[0] == ("retired", "Contract ended", 2)


def test_right_sight_and_filters(db, actor_of):
    admin = actor_of("admin")
    acme, other = (
        make_tenant(admin, "Acme", tier="enterprise"),
        make_tenant(admin, "Other", region="US", tier="enterprise"),
    )
    mine = make(admin, acme, host="db-7.example")
    make(admin, other, provider="other", region="cellar in Porto")
    with pytest.raises(Denied):
        make(actor_of("support"), acme)
    with pytest.raises(Denied):
        queries.directory(actor_of("hotline_operator"), Filters())
    outsider = actor_of("implementation_specialist")
    assert queries.directory(outsider, Filters()).frame.empty
    step = queries.steps(admin, mine.id)["id"].iloc[0]
    for attempt in (lambda: queries.one(outsider, mine.id), lambda: actions.start(outsider, mine.id),
                    lambda: actions.update_step(outsider, step, state="blocked")):  # fmt: skip
        with pytest.raises(NotFound):
            attempt()
    tenants.assign_operator(actor_of("super_admin"), acme.id, operator_id=outsider.operator_id)
    assert actions.start(outsider, mine.id).status == "provisioning"
    for filters, names in (
        (Filters("acm"), ["Acme"]), (Filters("DB-7"), ["Acme"]), (Filters("%"), []), (Filters(str(other.id)), ["Other"]),
        (Filters(statuses=("provisioning",)), ["Acme"]), (Filters(groups=("EU",)), ["Acme"]),
        (Filters(agreements=("unknown",)), ["Other"]), (Filters(agreements=("agrees", "unknown")), ["Other", "Acme"]),
        (Filters(tenant_id=acme.id), ["Acme"]), (Filters(providers=("other",)), ["Other"]),
    ):  # fmt: skip
        assert list(queries.directory(admin, filters).frame["tenant"]) == names, filters
        assert queries.count(admin, filters) == len(names)


def test_a_key_that_may_only_request_needs_no_sight_of_the_tenants_row(db, actor_of):
    tenant = make_tenant(actor_of("admin"), tier="enterprise")
    machine = actor_of("support", grants=frozenset({"infrastructure:create"}))
    assert make(machine, tenant, region="us-east-1").region_group == "US"
    assert rules.LIVE[0] == "requested"


def test_only_a_tenant_whose_plan_or_settings_include_it_gets_its_own(db, raw, actor_of):
    admin = actor_of("admin")
    small = make_tenant(admin, tier="pro")
    with pytest.raises(Invalid, match="not part of this tenant's plan"):
        make(admin, small)
    assert raw("SELECT count(*) FROM infrastructure")[0].count == 0
    configuration.set_override(admin, small.id, "infrastructure.dedicated", value=True, reason="Bought apart")
    assert make(admin, small).status == "requested"
