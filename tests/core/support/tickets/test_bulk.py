"""Many tickets at once: edits of the grid, tags, states, merging, quick assignment; each stands for itself."""

from uuid import uuid4

import pytest

from core.kernel.errors import Denied, Invalid
from core.kernel.many import Edit
from core.support.teams import actions as teams
from core.support.tickets import actions, assigning, bulk, merging, queries
from core.support.tickets.assigning import Agent, Wanted
from tests.core.kernel.test_writes import make_tenant
from tests.core.support.tickets.given import add_operator, kinds, open_ticket, row_of


def problems(outcomes):
    return {one.id: one.problem for one in outcomes}


def test_grid_edit_saves_the_good_rows_and_tells_of_the_others(db, raw, system, actor_of):
    admin, ben = actor_of("admin", name="Ann"), actor_of("support", name="Ben")
    operator_id = add_operator(raw)
    good, stale, bad, nobody, ended = (open_ticket(system) for _ in range(5))
    actions.update(ben, stale.id, version=1, priority="low")
    actions.resolve(ben, ended.id, note="Done.")
    version = row_of(raw, ended.id).version
    found = problems(bulk.update_many(admin, [
        Edit(good.id, 1, {"priority": "urgent", "tags": ["VIP"], "assignee_id": operator_id, "status": "waiting"}),
        Edit(stale.id, 1, {"priority": "high"}), Edit(bad.id, 1, {"priority": "now"}),
        Edit(nobody.id, 1, {"assignee_id": uuid4()}), Edit(ended.id, version, {"status": "waiting"}), Edit(uuid4(), 1, {}),
    ]))  # fmt: skip
    told = list(found.values())
    assert told[0] is None
    for sentence, part in zip(told[1:], ("Ben changed priority", "Choose one of", "cannot be given", "is resolved",
                                         "does not exist"), strict=True):  # fmt: skip
        assert part in sentence
    row = row_of(raw, good.id)
    assert (row.priority, row.tags, row.assignee_id, row.status) == ("urgent", ["vip"], operator_id, "waiting")
    assert row.sla_state == "paused"
    assert [row_of(raw, one.id).priority for one in (stale, bad)] == ["low", "medium"]
    assert kinds(raw, nobody.id) == [("created", None, "open")]


def test_tags_states_and_owners_are_set_for_many(db, raw, system):
    operator_id = add_operator(raw)
    tickets = [open_ticket(system, tags=["old"]) for _ in range(3)]
    ids = [ticket.id for ticket in tickets]
    bulk.tag_many(system, ids, add=["New"], remove=["old"])
    bulk.assign_many(system, ids, assignee_id=operator_id)
    bulk.set_priority_many(system, ids, priority="high")
    outcomes = bulk.set_status_many(system, ids, status="resolved", note="All done.")
    assert set(problems(outcomes).values()) == {None}
    rows = raw(
        "SELECT DISTINCT tags, assignee_id, priority, status, first_response_at = resolved_at AS told FROM ticket"
    )
    assert [tuple(row) for row in rows] == [(["new"], operator_id, "high", "resolved", True)]
    assert raw("SELECT count(*) FROM ticket_message WHERE body = 'All done.'")[0].count == 3
    with pytest.raises(Invalid, match="note"):
        bulk.set_status_many(system, ids, status="resolved")
    with pytest.raises(Invalid, match="At most 500"):
        bulk.assign_many(system, [uuid4() for _ in range(501)], assignee_id=None)


def test_nobody_changes_many_without_the_right(db, raw, system, actor_of):
    hotline, ticket = actor_of("hotline_operator"), open_ticket(system)
    for refused in (
        lambda: bulk.update_many(hotline, [Edit(ticket.id, 1, {"priority": "low"})]),
        lambda: bulk.tag_many(hotline, [ticket.id], add=["x"]),
        lambda: bulk.assign_many(hotline, [ticket.id], assignee_id=None),
        lambda: bulk.set_status_many(hotline, [ticket.id], status="waiting"),
        lambda: merging.merge(hotline, [ticket.id], into_id=open_ticket(system).id),
        lambda: assigning.quick(hotline, [ticket.id], by="skill"),
    ):  # fmt: skip
        with pytest.raises(Denied):
            refused()
    assert row_of(raw, ticket.id).version == 1


def test_merged_tickets_are_closed_and_read_in_the_other(db, raw, system):
    tenant, other = make_tenant(system), make_tenant(system)
    into, one, foreign = (open_ticket(system, tenant_id=of.id) for of in (tenant, tenant, other))
    actions.receive(system, one.id, body="From the second.", author_name="Zoé")
    found = problems(merging.merge(system, [one.id, foreign.id, into.id], into_id=into.id))
    assert found[one.id] is None
    assert "another customer" in found[foreign.id]
    row = row_of(raw, one.id)
    assert (row.status, row.merged_into_id) == ("closed", into.id)
    assert row_of(raw, foreign.id).status == "open"
    assert list(queries.messages(system, into.id)["body"]) == ["From the second."]
    assert ("merged", None, "QD-000002") in kinds(raw, into.id)
    message = actions.receive(system, one.id, body="More.", author_name="Zoé")
    assert message.ticket_id == into.id
    with pytest.raises(Invalid, match="merged"):
        actions.reopen(system, one.id, reason="x")
    again = problems(merging.merge(system, [one.id], into_id=into.id))
    assert "merged" in again[one.id]


@pytest.fixture
def agents(db, raw, system):
    """Ann can billing and login and takes 2, Ben takes 4 and can nothing, Cy is away."""
    made = {}
    for name, values in (("Ann", {"skills": ["Billing", "login"], "capacity": 2}), ("Ben", {"capacity": 4}),
                         ("Cy", {"skills": ["billing"], "is_available": False})):  # fmt: skip
        made[name] = add_operator(raw, name)
        teams.put_agent(system, made[name], **values)
    return made


def owners(raw, tickets):
    return [row_of(raw, ticket.id).assignee_id for ticket in tickets]


def test_the_least_loaded_share_of_a_capacity_comes_first_and_nobody_is_overloaded(db, raw, system, agents):
    open_ticket(system, assignee_id=agents["Ben"])
    tickets = [open_ticket(system) for _ in range(6)]
    outcomes = assigning.quick(system, [ticket.id for ticket in tickets], by="least_loaded")
    ann, ben = agents["Ann"], agents["Ben"]
    got = owners(raw, tickets)
    assert got[:2] == [ann, ben]
    assert [got.count(one) for one in (ann, ben, None)] == [2, 3, 1]
    assert "No agent can take it" in outcomes[-1].problem
    assert row_of(raw, tickets[0].id).status == "in_progress"


def test_in_turn_goes_on_where_it_stopped(db, raw, actor_of, system, agents):
    support = actor_of("support")
    tickets = [open_ticket(system) for _ in range(3)]
    for ticket in tickets:
        assigning.quick(support, [ticket.id], by="round_robin")
    got = owners(raw, tickets)
    assert got[0] == got[2] != got[1]
    assert set(got) == {agents["Ann"], agents["Ben"]}


def test_by_skill_goes_to_who_knows_most_of_the_ticket(db, raw, system, agents):
    known, tagged, unknown = (open_ticket(system, category="Billing"), open_ticket(system, tags=["login"]),
                              open_ticket(system, category="shipping"))  # fmt: skip
    shown = assigning.preview(system, [known.id, unknown.id], by="skill")
    assert list(shown["name"].fillna("")) == ["Ann", ""]
    found = problems(assigning.quick(system, [known.id, tagged.id, unknown.id], by="skill"))
    assert owners(raw, [known, tagged, unknown]) == [agents["Ann"], agents["Ann"], None]
    assert "skill" in found[unknown.id]


def test_a_plan_never_exceeds_a_capacity():
    agents = [Agent(uuid4(), frozenset({"a"}), capacity, load) for capacity, load in ((3, 0), (5, 5), (2, 1))]
    for by in ("least_loaded", "round_robin", "skill"):
        fresh = [Agent(one.operator_id, one.skills, one.capacity, one.load) for one in agents]
        chosen = assigning.plan(fresh, [Wanted(uuid4(), "A", ()) for _ in range(9)], by)
        assert sum(who is not None for who in chosen.values()) == 4
        assert all(one.load <= one.capacity for one in fresh)
