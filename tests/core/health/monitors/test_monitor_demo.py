"""The demo's monitors: an outage, a night that nobody watched, and windows; as pages show them."""

from datetime import timedelta
from random import Random

import pytest

from core.access.operators import demo as operators
from core.customers import demo as customers
from core.health.maintenance import queries as maintenance
from core.health.monitors import demo, queries
from core.health.monitors.queries import Filters
from core.kernel.times import utc_now
from core.kernel.writes import write


@pytest.fixture
def seeded(system, db):
    now = utc_now()
    with write(system, "demo.seed") as tx:
        people = operators.seed(tx, Random(1), now)
        tenants = customers.seed(tx, Random(1), now, people)
        made = demo.seed(tx, Random(1), now, tenants, people)
    demo.seed_history(system, Random(2), now, made)
    return now, {one.shape.name: one.id for one in made}


def test_the_demo_shows_outages_and_an_unobserved_night(seeded, system):
    now, ids = seeded
    frame = queries.directory(system, Filters()).frame.set_index("name")
    assert len(frame) == len(demo.SHAPES) >= 12 and frame["availability_30d"].notna().all()
    sign_on = frame.loc["Tenant single sign-on"]
    assert 0.98 < sign_on["availability_30d"] < 0.995 and sign_on["tenants"]
    assert frame["unobserved_30d"].between(0.008, 0.02).all(), "seven hours of thirty days"
    strip = queries.changes(system, ids["Customer portal"], since=now - timedelta(days=30), until=now)
    assert {"up", "down", "unknown", "paused"} == set(strip["state"])
    course = queries.course(system, ids["Public API"], since=now - timedelta(days=7), until=now)
    assert len(course) > 160 and course["p95"].gt(course["p50"]).all()
    assert {"Weekly patches", "Database upgrade"} == set(maintenance.windows(system).frame["title"])
    assert len(queries.incidents(system)) >= 8
