"""One incident: what is done with it, who may, and what its timeline says of it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.kernel.errors import Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.kernel.times import utc_now
from core.reliability.incidents import actions, archiving, merging, people, queries
from tests.core.reliability.incidents.given import declare, lines, row_of
from tests.core.support.tickets.given import add_operator


@pytest.fixture
def ann(db, raw, actor_of):
    return actor_of("developer", operator_id=add_operator(raw, "Ann", "developer"), name="Ann")


@pytest.fixture
def ben(db, raw, actor_of):
    return actor_of("support", operator_id=add_operator(raw, "Ben", "support"), name="Ben")


def audited(raw, action):
    return len(raw("SELECT 1 FROM audit_entry WHERE action = :action AND outcome = 'done'", action=action))


def test_declare_makes_row_timeline_audit_event_and_looks_at_once(raw, ann):
    begun = utc_now() - timedelta(minutes=20)
    made = declare(ann, title="  Invoices   fail ", started_at=begun, lead_id=ann.operator_id, services=["b", "a", "b"])
    row = row_of(raw, made.id)
    assert (row.title, row.severity, row.status, row.services) == ("Invoices fail", "sev2", "investigating", ["a", "b"])
    assert row.started_at == begun and row.declared_at > begun and row.acknowledged_at is None
    assert row.lead_id == ann.operator_id and row.reported_by_name == "Ann"
    assert lines(raw, made.id) == [("declared", "SEV2 declared by Ann"), ("role", "Incident lead: Ann")]
    event = raw("SELECT payload FROM event WHERE type = 'incidents.declare'")[0].payload
    assert event["incident_id"] == str(made.id) and event["services"] == ["a", "b"] and event["severity"] == "sev2"
    assert audited(raw, "incidents.declare") == 1
    assert raw("SELECT 1 FROM procrastinate_jobs WHERE task_name = 'incidents.look'")


def test_declare_refuses_what_is_wrong_all_at_once_and_those_who_may_not(raw, ann, actor_of):
    with pytest.raises(Invalid) as told:
        declare(ann, title=" ", severity="bad", started_at=utc_now() + timedelta(hours=1), services="billing")
    assert set(told.value.fields) == {"title", "severity", "started_at", "services"}
    with pytest.raises(Invalid, match="cannot be given"):
        declare(ann, lead_id=uuid4())
    with pytest.raises(Denied):
        declare(actor_of("support_tier_1"))
    with pytest.raises(Denied):
        queries.live(actor_of("client_success", grants=frozenset()))
    assert not raw("SELECT 1 FROM incident")


def test_states_go_on_and_each_moment_is_kept(raw, ann):
    made = declare(ann)
    actions.set_status(ann, made.id, status="identified", note="A lock")
    actions.set_status(ann, made.id, status="monitoring")
    first = row_of(raw, made.id)
    assert first.acknowledged_at == first.identified_at < first.monitoring_at
    actions.set_status(ann, made.id, status="identified")
    assert row_of(raw, made.id).identified_at == first.identified_at
    version = row_of(raw, made.id).version
    actions.set_status(ann, made.id, status="identified")
    assert row_of(raw, made.id).version == version and audited(raw, "incidents.set_status") == 3
    for status in ("resolved", "closed", "open"):
        with pytest.raises(Invalid):
            actions.set_status(ann, made.id, status=status)
    with pytest.raises(Conflict):
        actions.set_status(ann, made.id, status="monitoring", version=1)
    assert ("status", "Investigating → identified: A lock") in lines(raw, made.id)


def test_resolving_closing_and_reopening_follow_each_other(raw, ann):
    made = declare(ann, started_at=utc_now() - timedelta(hours=2))
    with pytest.raises(Invalid, match="Only a resolved one"):
        actions.close(ann, made.id)
    with pytest.raises(Invalid, match="still runs"):
        actions.reopen(ann, made.id, reason="x")
    with pytest.raises(Invalid, match="between the start"):
        actions.resolve(ann, made.id, resolution="x", at=utc_now() - timedelta(hours=3))
    ended = utc_now() - timedelta(hours=1)
    actions.update(ann, made.id, version=made.version, next_update_at=utc_now(), root_cause="A lock")
    actions.resolve(ann, made.id, resolution="Rolled back", at=ended)
    row = row_of(raw, made.id)
    assert (row.status, row.resolved_at, row.root_cause, row.next_update_at) == ("resolved", ended, "A lock", None)
    assert row.acknowledged_at is not None
    with pytest.raises(Invalid, match="Reopen it first"):
        actions.set_status(ann, made.id, status="monitoring")
    with pytest.raises(Invalid, match="after the end"):
        actions.update(ann, made.id, version=row.version, started_at=utc_now())
    actions.close(ann, made.id)
    with pytest.raises(ReasonRequired):
        actions.reopen(ann, made.id, reason=" ")
    actions.reopen(ann, made.id, reason="It is back")
    row = row_of(raw, made.id)
    assert (row.status, row.resolved_at, row.closed_at, row.reopen_count) == ("investigating", None, None, 1)


def test_there_is_one_lead_and_who_takes_a_role_takes_the_incident(raw, ann, ben):
    made = declare(ann)
    actions.assign_role(ann, made.id, role="lead", operator_id=ben.operator_id)
    assert row_of(raw, made.id).acknowledged_at is None
    actions.assign_role(ann, made.id, role="lead", operator_id=ann.operator_id)
    actions.assign_role(ann, made.id, role="scribe", operator_id=ben.operator_id)
    held = queries.roles(ann, made.id)
    assert list(zip(held["role"], held["name"], strict=True)) == [("lead", "Ann"), ("scribe", "Ben")]
    assert row_of(raw, made.id).lead_id == ann.operator_id and row_of(raw, made.id).acknowledged_at is not None
    actions.remove_role(ann, made.id, role="lead", operator_id=ann.operator_id)
    assert row_of(raw, made.id).lead_id is None and list(queries.roles(ann, made.id)["role"]) == ["scribe"]
    hotline = add_operator(raw, "Hal", "hotline_operator")
    with pytest.raises(Invalid, match="cannot be given"):
        actions.assign_role(ann, made.id, role="scribe", operator_id=hotline)
    assert set(people.assignable(ann)["name"]) == {"Ann", "Ben"}


def test_severity_and_values_are_edited_with_a_line_each(raw, ann):
    made = declare(ann)
    actions.set_severity(ann, made.id, severity="sev1", note="All customers")
    actions.update(ann, made.id, version=row_of(raw, made.id).version, services=["b"], public_title="")
    assert lines(raw, made.id)[1:] == [("severity", "SEV2 → SEV1: All customers"), ("edited", "Edited: services")]
    with pytest.raises(Conflict):
        actions.update(ann, made.id, version=1, title="x")
    with pytest.raises(Invalid, match="cannot be edited"):
        actions.update(ann, made.id, version=1, status="closed")


def test_notes_may_be_written_afterwards_and_marked(raw, ann):
    made = declare(ann, started_at=utc_now() - timedelta(hours=1))
    event = actions.note(ann, made.id, text="Pager rang", at=utc_now() - timedelta(minutes=50))
    assert lines(raw, made.id)[0] == ("note", "Pager rang")
    actions.mark_key(ann, event.id, is_key=True)
    assert "Pager rang" in list(queries.events(ann, made.id, key_only=True)["text"])
    with pytest.raises(NotFound):
        actions.note(ann, uuid4(), text="x")


def test_merging_takes_the_others_over(raw, ann):
    into = declare(ann, severity="sev3", services=["a"])
    early = utc_now() - timedelta(hours=3)
    one = declare(ann, title="Other", severity="sev1", started_at=early, services=["b"])
    third = declare(ann, title="Third")
    actions.link(ann, one.id, kind="incident", target=queries.number_of(third))
    merging.merge(ann, [one.id, into.id], into_id=into.id)
    row, gone = row_of(raw, into.id), row_of(raw, one.id)
    assert (row.started_at, row.severity, row.services) == (early, "sev1", ["a", "b"])
    assert (gone.status, gone.merged_into_id) == ("closed", into.id) and gone.resolved_at == gone.closed_at
    assert list(queries.links(ann, into.id)["target"]) == [str(third.id)]
    told = queries.events(ann, into.id)
    assert set(told["incident_id"]) == {str(into.id), str(one.id)} and told["at"].is_monotonic_increasing
    assert queries.one(ann, one.id)["merged_into"] == queries.number_of(into)
    assert set(queries.live(ann)["title"]) == {"Invoices fail", "Third"}
    for wrong in (lambda: actions.reopen(ann, one.id, reason="x"), lambda: merging.merge(ann, [one.id], into_id=into.id),
                  lambda: merging.merge(ann, [], into_id=into.id)):  # fmt: skip
        with pytest.raises(Invalid):
            wrong()
    actions.resolve(ann, into.id, resolution="x")
    before = raw("SELECT count(*) AS n FROM incident_event")[0].n
    with pytest.raises(Invalid, match="Reopen it first"):
        merging.merge(ann, [third.id], into_id=into.id)
    assert raw("SELECT count(*) AS n FROM incident_event")[0].n == before


def test_lists_find_by_words_and_number_and_leave_out_what_is_archived(raw, ann, system):
    made = [declare(ann, title=title, severity=severity) for title, severity in
            (("Café billing slow", "sev3"), ("Login fails", "sev1"), ("Mail queue", "sev2"))]  # fmt: skip

    def titles(**chosen):
        return list(queries.directory(ann, queries.Filters(**chosen), sort="gravest").frame["title"])

    assert titles() == ["Login fails", "Mail queue", "Café billing slow"]
    assert titles(text="cafe bill") == ["Café billing slow"] and titles(text=queries.number_of(made[1])) == [
        "Login fails"
    ]
    assert titles(text="nothing") == [] and titles(severities=("sev2",)) == ["Mail queue"]
    actions.resolve(ann, made[0].id, resolution="Restarted everything")
    assert titles(is_live=True) == ["Login fails", "Mail queue"] and titles(text="restarted") == ["Café billing slow"]
    raw("UPDATE incident SET status = 'closed', closed_at = now() - interval '91 days' WHERE id = :id", id=made[0].id)
    assert (archiving.archive_old(system), archiving.archive_old(system)) == (1, 0)
    assert len(titles()) == 2 and len(titles(with_archived=True)) == 3
    page = queries.directory(ann, queries.Filters(), limit=1)
    assert page.next and list(queries.directory(ann, queries.Filters(), after=page.next).frame["title"]) == [
        "Login fails"
    ]
