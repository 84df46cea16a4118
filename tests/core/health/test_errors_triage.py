"""What people do with errors: what each action writes, who may, and what it refuses."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest

from core.access.operators import actions as operators
from core.health.errors import actions, queries, states
from core.health.errors.assignees import assignees
from core.health.errors.triage import id_of
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.kernel.times import utc_now
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.errors_given import MARK, seen

OTHER = "b" * 16


def state_of(actor, mark=MARK):
    now = utc_now()
    return queries.one(actor, mark, now - timedelta(days=1), now + timedelta(minutes=1))["state"]


def person(system, role="developer", name="Ann"):
    return operators.create(
        system, email=f"{uuid4().hex[:8]}@example.com", name=name, role=role, password="correct horse battery"
    )


@pytest.mark.parametrize(
    ("act", "state"),
    [(actions.acknowledge, "acknowledged"), (actions.resolve, "resolved"), (actions.ignore, "ignored")],
)
def test_a_move_writes_row_audit_and_event(db, raw, actor_of, act, state):
    seen()
    more = {"reason": "Known"} if act is actions.ignore else {"note": " Known "}
    act(actor_of("developer", name="Ann"), [MARK], **more)
    row = raw("SELECT * FROM error_triage")[0]
    assert (row.id, row.fingerprint, row.state, row.note) == (id_of(MARK), MARK, state, "Known")
    assert (row.changed_by_name, row.version, row.resolved_at is not None) == ("Ann", 1, state == "resolved")
    entry = raw("SELECT * FROM audit_entry WHERE action = :name", name=f"errors.{act.__name__}")[0]
    assert (entry.outcome, entry.entity_ids, entry.details) == ("done", [row.id], {"fingerprints": [MARK]})
    assert raw("SELECT payload FROM event WHERE type = :name", name=f"errors.{act.__name__}")
    assert state_of(actor_of("developer")) == state


def test_reopen_takes_it_back(db, raw, actor_of):
    seen()
    actor = actor_of("developer")
    actions.resolve(actor, [MARK])
    actions.reopen(actor, [MARK], note="Not mended")
    row = raw("SELECT * FROM error_triage")[0]
    assert (row.state, row.resolved_at, row.note, row.version) == ("open", None, "Not mended", 2)
    assert raw("SELECT 1 FROM event WHERE type = 'errors.reopen'")


def test_assign_gives_and_takes(db, raw, actor_of, system):
    seen()
    ann, actor = person(system), actor_of("developer")
    actions.assign(actor, [MARK], assignee_id=ann.id)
    row = raw("SELECT * FROM error_triage")[0]
    assert (row.assignee_id, row.assignee_name, row.state) == (ann.id, "Ann", "open")
    actions.assign(actor, [MARK], assignee_id=None)
    assert raw("SELECT assignee_name FROM error_triage")[0].assignee_name is None
    assert len(raw("SELECT 1 FROM audit_entry WHERE action = 'errors.assign' AND outcome = 'done'")) == 2


def test_only_colleagues_who_read_errors_are_assignable(db, raw, actor_of, system):
    seen()
    ann, hotline = person(system), person(system, "hotline_operator", "Hal")
    gone = person(system, name="Gone")
    operators.disable(system, gone.id, reason="Left")
    assert list(assignees(actor_of("support"))["id"]) == [str(ann.id)]
    for wrong in (hotline.id, gone.id, uuid4()):
        with pytest.raises(Invalid, match="cannot be given errors"):
            actions.assign(actor_of("developer"), [MARK], assignee_id=wrong)
    assert raw("SELECT 1 FROM error_triage") == []


@pytest.mark.parametrize("name", ["acknowledge", "resolve", "ignore", "reopen", "assign"])
def test_every_action_is_refused_without_the_permission(db, raw, actor_of, name):
    seen()
    more = {"ignore": {"reason": "x"}, "assign": {"assignee_id": None}}.get(name, {})
    for role in ("support", "hotline_operator"):
        with pytest.raises(Denied):
            getattr(actions, name)(actor_of(role), [MARK], **more)
    assert raw("SELECT 1 FROM error_triage") == []
    assert {row.outcome for row in raw("SELECT outcome FROM audit_entry WHERE action LIKE 'errors.%'")} == {"denied"}


def test_an_error_of_another_tenant_is_not_found(db, raw, actor_of, system):
    mine, other = make_tenant(system, "Mine"), make_tenant(system, "Other")
    seen(tenant_id=other.id)
    seen(OTHER, tenant_id=mine.id)
    actor = actor_of("developer", scope="tenant", tenant_id=mine.id)
    with pytest.raises(NotFound):
        actions.acknowledge(actor, [MARK])
    actions.acknowledge(actor, [OTHER])
    assert [row.fingerprint for row in raw("SELECT fingerprint FROM error_triage")] == [OTHER]


def test_an_unknown_fingerprint_is_not_found(db, actor_of):
    with pytest.raises(NotFound):
        actions.acknowledge(actor_of("developer"), ["nonsense"])


@pytest.mark.parametrize(
    ("first", "then"),
    [("acknowledge", "acknowledge"), ("resolve", "acknowledge"), ("resolve", "ignore"), ("ignore", "resolve"), (None, "reopen")],
)  # fmt: skip
def test_a_move_that_does_not_fit_changes_nothing(db, raw, actor_of, first, then):
    seen()
    actor = actor_of("developer")

    def act(name):
        getattr(actions, name)(actor, [MARK], **({"reason": "x"} if name == "ignore" else {}))

    if first:
        act(first)
    before = raw("SELECT * FROM error_triage")
    with pytest.raises(Invalid, match="This error is "):
        act(then)
    assert raw("SELECT * FROM error_triage") == before


def test_seen_after_it_was_resolved_it_has_returned(db, raw, actor_of):
    seen(at=utc_now() - timedelta(hours=1))
    actor = actor_of("developer")
    actions.resolve(actor, [MARK])
    seen(at=utc_now() - timedelta(minutes=30))  # arrives late, and is older than the mending
    assert state_of(actor) == "resolved"
    seen(at=utc_now() + timedelta(seconds=1))
    assert state_of(actor) == "returned"
    actions.acknowledge(actor, [MARK])
    assert state_of(actor) == "acknowledged"


def test_ignored_stays_ignored_however_often_it_is_seen(db, actor_of):
    seen()
    actor = actor_of("developer")
    actions.ignore(actor, [MARK], reason="A bot")
    seen(times=3, at=utc_now() + timedelta(minutes=1))
    assert state_of(actor) == "ignored"


def test_ignoring_needs_a_reason(db, raw, actor_of):
    seen()
    with pytest.raises(ReasonRequired):
        actions.ignore(actor_of("developer"), [MARK], reason=" ")
    assert raw("SELECT 1 FROM error_triage") == []


def test_a_stale_version_is_a_conflict_also_for_the_first_row(db, raw, actor_of):
    seen()
    actor = actor_of("developer")
    actions.acknowledge(actor, [MARK], versions={MARK: 0})
    with pytest.raises(Conflict):
        actions.resolve(actor, [MARK], versions={MARK: 0})
    assert raw("SELECT state FROM error_triage")[0].state == "acknowledged"
    actions.resolve(actor, [MARK], versions={MARK: 1})


def test_of_many_those_that_do_not_fit_are_skipped_and_told(db, raw, actor_of):
    seen()
    seen(OTHER)
    actor = actor_of("developer")
    actions.resolve(actor, [OTHER])
    done = actions.acknowledge(actor, [MARK, OTHER, "gone"])
    assert [row.fingerprint for row in done.changed] == [MARK]
    assert set(done.skipped) == {OTHER, "gone"}
    assert "resolved" in done.skipped[OTHER]
    assert len(raw("SELECT 1 FROM audit_entry WHERE action = 'errors.acknowledge'")) == 1


def test_none_and_too_many_are_refused(db, actor_of):
    with pytest.raises(Invalid, match="at least one"):
        actions.resolve(actor_of("developer"), [])
    with pytest.raises(Invalid, match="At most 200"):
        actions.resolve(actor_of("developer"), [f"{number:016x}" for number in range(201)])


def test_a_long_note_is_refused(db, raw, actor_of):
    seen()
    with pytest.raises(Invalid, match="at most 2,000"):
        actions.acknowledge(actor_of("developer"), [MARK], note="x" * 2_001)
    assert raw("SELECT 1 FROM error_triage") == []


def test_two_people_at_once_make_one_row(committed_db, committed_raw, actor_of):
    seen()
    gate, problems = Barrier(2), []

    def act():
        gate.wait()
        try:
            actions.acknowledge(actor_of("developer"), [MARK], versions={MARK: 0})
        except (Conflict, Invalid) as error:
            problems.append(error)

    people = [Thread(target=act) for _ in range(2)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert len(problems) == 1
    assert [row.version for row in committed_raw("SELECT version FROM error_triage")] == [1]


def test_every_state_offers_only_what_fits():
    for state in states.STATES:
        for verb in states.MOVES:
            fits = verb in states.offered(state)
            if fits:
                states.require(verb, state)
            else:
                with pytest.raises(Invalid):
                    states.require(verb, state)
    assert states.offered("returned") == ["acknowledge", "resolve", "ignore"]
