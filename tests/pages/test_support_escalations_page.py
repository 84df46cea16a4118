"""The pages Escalations and Agents: empty, with rows, forbidden, forms."""

from core.kernel.times import utc_now
from core.support.breaches import levels
from tests.core.kernel.test_writes import make_tenant
from tests.core.support.breaches import given
from tests.core.support.breaches.given import HOUR

KEY, AGENTS = "support/escalations", "support/agents"


def test_lists_say_so_when_nothing_is_late(open_page, actor_of):
    agent = actor_of("support_tier_1")
    for view, said in (
        ("Overdue", "No ticket is overdue"),
        ("Unassigned", "has somebody"),
        ("Missed", "No target was"),
    ):
        app = open_page(agent, KEY, view=view)
        assert said in app.info[0].value
        assert not app.exception
    assert "No ticket matches" in open_page(agent, KEY, priority="Low").info[0].value
    assert "tickets:read" in open_page(actor_of("developer", grants=frozenset()), KEY).error[0].value


def test_lists_show_what_is_late_by_filter_and_escalating_says_why(open_page, actor_of, system, raw):
    agent, name = actor_of("support_tier_1"), "**Odd** [name](x) <b>"
    ticket = given.ticket(priority="high", subject=name)
    given.clock(ticket, utc_now() - 50 * HOUR, HOUR)
    levels.catch_up(system)
    app = open_page(agent, KEY)
    rows = app.dataframe[0].value
    assert (rows["subject"].iloc[0], rows["targets"].iloc[0], rows["late"].iloc[0]) == (name, "Resolution", "2 d 1 h")
    assert [one.value for one in app.metric] == ["1", "1", "1"]
    assert "No ticket matches" in open_page(agent, KEY, priority="Low").info[0].value
    assert len(open_page(agent, KEY, view="Missed", target="Resolution").dataframe[0].value) == 1
    app = open_page(agent, KEY, view="Unassigned")
    assert app.button(key="unassigned_escalate").disabled
    known = {"id": str(ticket), "number": 900001, "subject": name, "priority": "high"}
    app.session_state["escalations_ticket"], app.session_state["escalations_dialog"] = known, "escalate"
    app.session_state["escalations_dialog_version"] = raw("SELECT version FROM ticket")[0].version
    app.run()
    app.button(key="escalate_submit").click().run()
    assert "Say why" in app.error[0].value
    app.text_area(key="escalate_reason").set_value("They call every hour")
    app.button(key="escalate_submit").click().run()
    assert raw("SELECT priority FROM ticket")[0].priority == "urgent"
    assert not app.exception
    reader = open_page(actor_of("developer"), KEY)
    assert not [one for one in reader.button if one.key == "overdue_escalate"]


def test_agents_page_shows_load_and_keeps_agents(open_page, actor_of, raw):
    admin = actor_of("support_admin")
    app = open_page(admin, AGENTS)
    assert "There are no agents yet" in app.info[0].value
    ada = given.operator("Ada")
    app = open_page(admin, AGENTS)
    app.button(key="agent_add").click().run()
    app.selectbox(key="agent_operator").set_value(ada).run()
    app.number_input(key="agent_capacity").set_value(2).run()
    app.button(key="agent_add_submit").click().run()
    assert raw("SELECT operator_id, capacity FROM support_agent") == [(ada, 2)]
    given.ticket(assignee_id=ada, status="in_progress")
    app = open_page(admin, AGENTS)
    row = app.dataframe[0].value.iloc[0]
    assert (row["name"], row["share"], row["in_progress"]) == ("Ada", 50, 1)
    assert not app.exception
    assert not [one for one in open_page(actor_of("support_tier_1"), AGENTS).button if one.key == "agent_add"]


def test_backlog_says_what_is_unknown_and_draws_what_is_known(open_page, actor_of):
    agent = actor_of("support_tier_1")
    assert "No whole day" in open_page(agent, AGENTS, view="Backlog").info[0].value
    for back in range(1, 40):
        given.ticket(created_at=utc_now() - back * 24 * HOUR)
    app = open_page(agent, AGENTS, view="Backlog")
    assert len(app.get("plotly_chart")) == 2
    assert any("open tickets are expected" in one.value for one in app.markdown)
    assert not app.exception


def test_tenants_panel_lists_its_open_tickets_alone(open_page, actor_of, system):
    acme = make_tenant(system, "Acme").id
    agent = actor_of("support_tier_1")
    app = open_page(agent, "customers/tenants", tenant=str(acme), tab="support")
    assert any("No ticket of this tenant is open" in one.value for one in app.caption)
    given.ticket(tenant_id=acme, subject="Ours")
    given.ticket(tenant_id=acme, subject="Over", status="closed")
    given.ticket(subject="Somebody else's")
    app = open_page(agent, "customers/tenants", tenant=str(acme), tab="support")
    assert list(app.dataframe[0].value["subject"]) == ["Ours"]
    assert not app.exception
