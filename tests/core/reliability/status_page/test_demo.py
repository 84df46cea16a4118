"""The demo's status page."""

from random import Random
from uuid import uuid4

from core.health.monitors import demo as monitors_demo
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.reliability.status_page import demo, queries
from tests.core.reliability.status_page.making import SYSTEM


def test_the_demo_has_a_page_with_people_who_follow_it(db):
    with write(Actor.system("demo data"), "demo.seed") as tx:
        monitors_demo.seed(tx, Random(1), utc_now(), [], {"somebody": uuid4()})
        demo.seed(tx, Random(2), utc_now())
    found = queries.snapshot(SYSTEM)
    assert len(found.components) == 6 and [group for group, _ in found.groups] == ["Product", "Messaging", ""]
    assert [one.title for one in found.maintenances] == ["Database upgrade"]
    assert list(queries.subscribers(SYSTEM).frame["status"].value_counts().sort_index()) == [10, 1, 1]
