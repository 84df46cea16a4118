"""The demo's alerts are of demo data, and one of them is still looked after."""

from random import Random

from core.health.alerts import demo, queries
from core.health.alerts.queries import Filters
from core.kernel.times import utc_now


def test_a_month_of_alerts_and_one_that_is_looked_after(world, system, actor_of):
    host = world.server(demo.HOST)
    world.raw("UPDATE server SET is_demo = true")
    demo.seed(system, Random(1), utc_now(), {})
    live = queries.listing(system).rows
    assert [(row["subject"], row["status"]) for row in live] == [(demo.HOST, "acknowledged")]
    assert live[0]["labels"] == {"server_id": str(host)}
    past = queries.listing(system, Filters(statuses=("resolved", "dismissed"))).rows
    assert len(past) == len(demo.PAST)
    assert all(len(queries.history(system, row["id"])) >= 2 for row in past)


def test_without_the_demo_hosts_nobody_looks_after_anything(db, system):
    demo.seed(system, Random(1), utc_now(), {})
    assert queries.counts(system).live == 0
