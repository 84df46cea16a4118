"""Teams of support and their agents."""

from uuid import uuid4

import pytest

from core.kernel.errors import Conflict, Denied, Invalid, NotFound
from core.support.teams import actions, people, queries
from tests.core.support.tickets.given import add_operator, open_ticket


@pytest.fixture
def lead(db, raw):
    return add_operator(raw, "Lea")


def test_a_team_is_made_changed_and_taken_out_of_service(db, raw, system, actor_of, lead):
    boss = actor_of("support_admin", name="Bo")
    team = actions.create_team(boss, name=" First  line ", lead_id=lead)
    actions.put_agent(boss, lead, team_id=team.id, skills=["VIP", "vip "], capacity=5)
    shown = queries.teams(boss).iloc[0]
    assert (shown["name"], shown["lead"], shown["agents"]) == ("First line", "Lea", 1)
    with pytest.raises(Invalid, match="is, or was"):
        actions.create_team(boss, name="first LINE")
    actions.update_team(boss, team.id, version=1, name="Front line")
    with pytest.raises(Conflict, match="Bo changed name"):
        actions.update_team(boss, team.id, version=1, name="Other")
    ticket = open_ticket(system, team_id=team.id)
    actions.archive_team(boss, team.id)
    agent = queries.agents(boss).iloc[0]
    assert (list(agent["skills"]), agent["capacity"], agent["name"]) == (["vip"], 5, "Lea")
    assert queries.agents(boss)["team_id"].isna().all() and queries.teams(boss).empty
    assert raw("SELECT team_id FROM ticket WHERE id = :id", id=ticket.id)[0].team_id == team.id
    with pytest.raises(Invalid, match="out of service"):
        open_ticket(system, team_id=team.id)


def test_all_bad_fields_of_an_agent_are_named_and_only_who_answers_can_be_one(db, raw, system):
    with pytest.raises(Invalid) as caught:
        actions.put_agent(system, uuid4(), skills=["x" * 99], capacity=0)
    assert set(caught.value.fields) == {"skills", "capacity"}
    for nobody in (uuid4(), add_operator(raw, "Dev", role="developer")):
        with pytest.raises(Invalid, match="cannot be given"):
            actions.put_agent(system, nobody)
    with pytest.raises(NotFound):
        actions.set_available(system, uuid4(), is_available=True)
    assert raw("SELECT count(*) AS n FROM support_agent")[0].n == 0


def test_an_agent_is_put_once_and_a_stale_change_is_a_conflict(db, raw, system, lead):
    actions.put_agent(system, lead, version=0)
    changed = actions.put_agent(system, lead, capacity=7, version=1)
    assert changed.version == 2
    with pytest.raises(Conflict):
        actions.put_agent(system, lead, capacity=8, version=1)
    actions.set_available(system, lead, is_available=False)
    assert not queries.agents(system)["is_available"].any()
    actions.remove_agent(system, lead)
    assert queries.agents(system).empty
    assert queries.agent_of(lead) is None


def test_teams_are_the_administrators_to_change_and_everybodys_who_answers_to_read(db, raw, actor_of, lead):
    support = actor_of("support")
    for refused in (lambda: actions.create_team(support, name="x"), lambda: actions.put_agent(support, lead),
                    lambda: actions.remove_agent(support, lead)):  # fmt: skip
        with pytest.raises(Denied):
            refused()
    assert queries.teams(support).empty
    assert list(people.assignable(support)["name"]) == ["Lea"]
