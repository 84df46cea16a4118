"""The demo incidents: what they look like, and that they are what the product's own rules would make."""

from random import Random

from core.access.operators import demo as operators_demo
from core.customers import demo as customers_demo
from core.health.alerts import demo as alerts_demo
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.reliability.incidents import actions, demo, queries, rules
from core.reliability.incidents.demo_stories import STORIES
from core.support.tickets import demo as tickets_demo
from core.support.tickets import links


def test_demo_incidents_are_of_every_kind_linked_from_both_sides_and_none_of_the_future(raw, system, db):
    now = utc_now()
    with write(system, "demo.seed") as tx:
        operators = operators_demo.seed(tx, Random(1), now)
        customers_demo.seed(tx, Random(1), now, operators)
        tickets_demo.seed(tx, Random(1), now, operators)
    alerts_demo.seed(system, Random(1), now, operators)
    demo.seed(system, Random(1), now, operators)
    rows = raw("SELECT * FROM incident ORDER BY number")
    assert len(rows) == len(STORIES) and [row.declared_at for row in rows] == sorted(row.declared_at for row in rows)
    assert {row.severity for row in rows} == set(rules.SEVERITIES) and {row.kind for row in rows} == {
        "outage", "bug", "security", "performance",
    }  # fmt: skip
    assert len(queries.live(system)) == 2
    assert (
        sum(row.archived_at is not None for row in rows) >= 3
        and sum(row.merged_into_id is not None for row in rows) == 1
    )
    for row in rows:
        moments = [row.started_at, row.declared_at, row.acknowledged_at, row.identified_at, row.monitoring_at]
        known = [one for one in moments if one]
        assert known == sorted(known) and known[-1] <= now
    for table, column in (("incident_event", "at"), ("deployment", "at"), ("incident_link", "created_at")):
        assert raw(f"SELECT count(*) FROM {table} WHERE {column} > now()")[0][0] == 0
    assert raw("SELECT count(*) FROM deployment")[0][0] > 50
    kinds = {row.kind for row in raw("SELECT DISTINCT kind FROM incident_event")}
    assert kinds >= {
        "declared",
        "status",
        "severity",
        "role",
        "note",
        "link",
        "merged",
        "reopened",
        "alert",
        "deployment",
    }
    tickets = raw("SELECT ticket_id, target FROM ticket_link WHERE kind = 'incident'")
    assert tickets and {(str(row.ticket_id), row.target) for row in tickets} == {
        (row.target, str(row.incident_id)) for row in raw("SELECT target, incident_id FROM incident_link WHERE kind = 'ticket'")
    }  # fmt: skip
    assert links.of(system, tickets[0].ticket_id)["title"].str.startswith("INC-").any()
    assert raw("SELECT count(*) FROM incident_impact")[0][0] == len(STORIES) - 1
    actions.set_status(system, queries.live(system)["id"][0], status="identified")
