"""Renewals and what follows from contracts: tasks, the contract that comes next, limits, documents."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.access.operators import actions as operators
from core.customers.contracts import actions, amending, documents, pipeline, queries, renewals
from core.customers.contracts.pipeline import TaskFilters
from core.customers.quotas import actions as quotas
from core.customers.quotas import agreed
from core.kernel import filing
from core.kernel.errors import Denied, Invalid, NotFound, ReasonRequired
from core.kernel.settings import settings
from core.kernel.times import utc_now
from tests.core.customers.contracts.making import draft, running
from tests.core.customers.test_tenants import make as make_tenant

D = Decimal
PDF = b"%PDF-1.7\n%signed\n"


def today():
    return utc_now().date()


def renewing_in(actor, days, **values):
    """A contract in force with so many days to its renewal."""
    return running(actor, starts_on=today() - timedelta(days=100), renewal_on=today() + timedelta(days=days), **values)


def due(actor, contract=None):
    found = pipeline.tasks(actor, TaskFilters(contract_id=contract.id if contract else None))
    return [(row["days_before"], (row["due_on"] - today()).days) for row in found.to_dict("records")]


def test_tasks_come_at_90_60_and_30_days_and_only_once(db, raw, system):
    far, near, close = (renewing_in(system, days) for days in (91, 90, 45))
    assert renewals.plan_tasks(system) == 6
    assert due(system, far) == []
    assert due(system, near) == [(90, 0), (60, 30), (30, 60)]
    assert due(system, close) == [(90, 0), (60, 0), (30, 15)], "what is late already is due today"
    assert renewals.plan_tasks(system) == 0
    told = pipeline.near(system)
    assert (told.soon, told.urgent, told.late_tasks) == (2, 0, 0)
    raw("UPDATE contract_task SET due_on = due_on - 20")
    assert pipeline.near(system).late_tasks == 4
    assert len(pipeline.tasks(system, TaskFilters(is_late=True))) == 4


def test_tasks_are_done_reopened_given_away_and_follow_the_renewal(db, raw, actor_of, system):
    admin = actor_of("admin")
    zoe = operators.create(
        system, email="zoe@x.example", name="Zoe", role="client_success", password="correct horse battery"
    )
    contract = renewing_in(admin, 80)
    renewals.plan_tasks(system)
    first = pipeline.tasks(admin, TaskFilters()).iloc[0]
    done = renewals.update_task(admin, first["id"], is_done=True, note=" Goals  agreed ", assignee_id=zoe.id, version=1)
    assert (done.done_by_name, done.note, done.assignee_id) == (admin.name, "Goals agreed", zoe.id)
    assert len(due(admin)) == 2 and len(pipeline.tasks(admin, TaskFilters(with_done=True))) == 3
    with pytest.raises(Denied):
        renewals.update_task(actor_of("support_admin"), first["id"], is_done=False)
    with pytest.raises(Invalid, match="operator"):
        renewals.update_task(admin, first["id"], assignee_id=contract.id)
    amending.amend(admin, contract.id, reason="Later", renewal_on=today() + timedelta(days=85))
    renewals.plan_tasks(system)
    assert due(admin) == [(90, 0), (60, 25), (30, 55)] and raw("SELECT count(*) AS n FROM contract_task")[0].n == 4
    actions.terminate(admin, contract.id, reason="Left")
    assert due(admin) == [], "what is off is not shown"
    renewals.plan_tasks(system)
    assert raw("SELECT count(*) AS n FROM contract_task WHERE done_at IS NULL")[0].n == 0


def test_the_following_contract_begins_where_the_present_one_ends(db, raw, actor_of):
    admin = actor_of("admin")
    contract = running(admin, starts_on=today() - timedelta(days=300))
    renewals.start_renewal(admin, contract.id)
    assert queries.one(admin, contract.id)["status"] == "renewing"
    with pytest.raises(Invalid, match="only an active"):
        renewals.start_renewal(admin, contract.id)
    following = renewals.renew(admin, contract.id, annual_value="150000", term_months=24)
    before, after = queries.one(admin, contract.id), queries.one(admin, following.id)
    assert (before["status"], before["renewed_by_id"]) == ("renewed", following.id)
    assert after["starts_on"] == before["last_day"] + timedelta(days=1) and after["term_months"] == 24
    assert (after["status"], after["annual_value"], after["renews_id"]) == ("active", D(150000), contract.id)
    assert queries.summary(admin)["arr"].tolist() == [D(120000)], "the present one counts until its last day"
    with pytest.raises(Invalid, match="is renewed"):
        renewals.renew(admin, contract.id)
    event = raw("SELECT payload FROM event WHERE type = 'contracts.renew'")[0].payload
    assert event["renewed_by"] == str(following.id)


def test_the_pipeline_shows_stages_and_what_is_urgent(db, actor_of, system):
    admin = actor_of("admin")
    urgent, talks, far = renewing_in(admin, 29), renewing_in(admin, 30), renewing_in(admin, 91)
    late = renewing_in(admin, -1)
    done = running(admin, starts_on=today() - timedelta(days=340))
    renewals.start_renewal(admin, talks.id)
    renewals.renew(admin, done.id)
    draft(admin)
    renewals.plan_tasks(system)
    found = {row["id"]: row for row in pipeline.renewals(admin).to_dict("records")}
    assert set(found) == {str(one.id) for one in (urgent, talks, late, done)} and str(far.id) not in found
    assert [found[str(one.id)]["stage"] for one in (late, urgent, talks, done)] == [
        "to_start",
        "to_start",
        "in_talks",
        "renewed",
    ]
    assert [found[str(one.id)]["is_urgent"] for one in (late, urgent, talks, done)] == [True, True, False, False]
    assert (found[str(urgent.id)]["days_left"], found[str(late.id)]["days_left"]) == (29, -1)
    assert found[str(urgent.id)]["open_tasks"] == 3
    with pytest.raises(Denied):
        pipeline.renewals(actor_of("support"))


def overrides(raw):
    rows = raw("SELECT resource, limit_value, contract_id IS NOT NULL AS follows FROM tenant_quota ORDER BY resource")
    return [tuple(row) for row in rows]


def test_limits_follow_the_terms_in_force_and_go_with_the_contract(db, raw, actor_of, system):
    admin = actor_of("admin")
    contract = draft(admin, limits={"api_calls": 5_000_000, "messages": None})
    tenants = [contract.tenant_id]
    assert agreed.follow(system, tenants) == 0
    actions.activate(admin, contract.id)
    assert agreed.follow(system, tenants) == 2
    assert overrides(raw) == [("api_calls", 5_000_000, True), ("messages", None, True)]
    assert agreed.follow(system, tenants) == 0
    amending.amend(admin, contract.id, reason="More", limits={"api_calls": "6000000"})
    assert agreed.follow(system, tenants) == 2
    assert overrides(raw) == [("api_calls", 6_000_000, True)]
    with pytest.raises(Invalid, match="contract"):
        quotas.clear_override(admin, contract.tenant_id, "api_calls", reason="x")
    actions.terminate(admin, contract.id, ended_on=today() - timedelta(days=1), reason="Left")
    agreed.follow_all(system)
    assert overrides(raw) == []
    told = raw(
        "SELECT count(*) AS n FROM audit_entry WHERE action = 'quotas.follow_contracts' AND tenant_id = :t",
        t=tenants[0],
    )
    assert told[0].n == 3


def test_what_was_set_by_hand_stays_until_it_is_cleared(db, raw, actor_of, system):
    admin = actor_of("admin")
    tenant = make_tenant(admin)
    quotas.set_override(admin, tenant.id, "api_calls", limit=10, reason="A trial")
    running(admin, tenant=tenant, limits={"api_calls": 1000})
    assert agreed.follow(system, [tenant.id]) == 0
    quotas.clear_override(admin, tenant.id, "api_calls", reason="Over")
    assert agreed.follow(system, [tenant.id]) == 1
    assert overrides(raw) == [("api_calls", 1000, True)]
    quotas.set_override(admin, tenant.id, "api_calls", limit=2000, reason="A launch")
    assert agreed.follow(system, [tenant.id]) == 0 and overrides(raw) == [("api_calls", 2000, False)]


def test_documents_are_kept_looked_at_and_taken_off_the_list(db, raw, actor_of):
    admin = actor_of("admin")
    contract = running(admin)
    kept = documents.add(admin, contract.id, name="../Agreement.pdf", content=PDF)
    assert (kept.name, kept.media_type) == ("Agreement.pdf", "application/pdf")
    assert documents.open(admin, kept.id).content == PDF
    seen = raw("SELECT actor_name, changes FROM audit_entry WHERE action = 'contracts.open_document'")
    assert [row.actor_name for row in seen] == [admin.name]
    for name, content in (("run.exe", b"MZ.."), ("empty.pdf", b""), ("page.pdf", b"<html>")):
        with pytest.raises(Invalid):
            documents.add(admin, contract.id, name=name, content=content)
    with pytest.raises(Denied):
        documents.open(actor_of("support"), kept.id)
    with pytest.raises(NotFound):
        documents.open(actor_of("client_success"), kept.id)
    with pytest.raises(ReasonRequired):
        documents.remove(admin, kept.id, reason=" ")
    assert queries.one(admin, contract.id)["documents"] == 1
    documents.remove(admin, kept.id, reason="The wrong draft")
    assert documents.of_contract(admin, contract.id).empty
    with pytest.raises(NotFound):
        documents.open(admin, kept.id)


def test_contents_without_a_document_are_removed_once_they_are_old(db, raw, actor_of, system, monkeypatch):
    admin = actor_of("admin")
    contract = running(admin)
    documents.add(admin, contract.id, name="a.pdf", content=PDF)
    lost = documents.add(admin, contract.id, name="b.pdf", content=PDF + b"2")
    raw("DELETE FROM contract_document WHERE id = :d", d=lost.id)
    assert documents.sweep(system) == 0
    later = utc_now() + timedelta(days=2)
    monkeypatch.setattr(documents, "utc_now", lambda: later)
    assert documents.sweep(system) == 1
    lying = [path for path in (settings().data_folder / documents.SHELF).rglob("*") if path.is_file()]
    assert len(lying) == 1 and list(filing.kept(documents.SHELF, before=later)) == [bytes.fromhex(lying[0].name)]
