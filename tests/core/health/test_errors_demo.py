"""The demo errors: a spike, one that returned, and requests that lead somewhere."""

from datetime import timedelta
from random import Random

from core.health.errors import course, demo, queries
from core.health.errors.correlation import timeline
from core.health.errors.queries import Filters
from core.health.errors.samples import samples
from core.health.errors.spikes import spikes
from core.kernel.times import utc_now
from core.kernel.writes import write
from tests.core.customers.test_tenants import make as make_tenant


def test_the_demo_has_a_spike_and_one_that_returned(db, system):
    now = utc_now()
    tenants = [make_tenant(system, f"Tenant {number}").id for number in range(6)]
    with write(system, "demo.seed") as tx:
        demo.seed_triage(tx, now, {})
    demo.seed(system, Random(1), now, tenants)
    since = (now - timedelta(days=30)).replace(hour=0, minute=0, second=0, microsecond=0)
    found = queries.directory(system, Filters(), since, now + timedelta(minutes=1)).frame
    assert len(found) == len(demo.CAUSES)
    states = dict(zip(found["fingerprint"], found["state"], strict=True))
    assert list(states.values()).count("returned") == 1
    assert {"open", "acknowledged", "resolved", "ignored"} < set(states.values())
    day = (now - timedelta(hours=23)).replace(minute=0, second=0, microsecond=0), now
    assert spikes(course.trends(system, [demo.CAUSES[0].mark], *day)[demo.CAUSES[0].mark])
    assert (found["first_seen_at"] > now - timedelta(hours=31)).sum() == 1


def test_a_recent_demo_error_leads_to_its_request(db, system):
    now = utc_now()
    demo.seed(system, Random(1), now, [make_tenant(system).id])
    kinds = set()
    for cause in demo.CAUSES:
        for row in samples(system, cause.mark, limit=3).frame.itertuples():
            kinds |= set(timeline(system, row.request_id).rows["kind"])
    assert kinds == {"request", "error"}
