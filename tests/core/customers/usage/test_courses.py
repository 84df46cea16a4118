"""What a tenant did over a time, and what is not known of it."""

from datetime import timedelta

from core.customers.usage.courses import course
from core.health.active.models import ActiveUsers
from core.health.requests.models import TENANT_ROLLUP
from core.kernel import retention
from core.kernel.rollups import roll, start_of
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from tests.core.customers.quotas import given

NOW = utc_now()
SPAN = {"since": NOW - timedelta(hours=24), "until": NOW}


def test_course_has_calls_messages_and_the_time_before(db, system, actor_of):
    acme, other = given.tenant(), given.tenant()
    roll(TENANT_ROLLUP)
    for tenant, own in ((acme, 10), (other, 99)):
        given.calls(tenant, NOW - timedelta(hours=2), own)
    given.calls(acme, NOW - timedelta(hours=2), 7, channel="product")
    given.calls(acme, NOW - timedelta(hours=30), 4)
    given.messages(acme, NOW - timedelta(hours=3), 21)
    found = course(system, acme, **SPAN)
    assert (found.total(found.calls, "own", found.window), found.total(found.calls, "product", found.window)) == (10, 7)
    assert found.total(found.calls, "own", found.window.before) == 4
    assert found.messages[["sent", "delivered", "failed"]].to_numpy().tolist() == [[21, 21, 0]]
    assert len(found.of_window(found.calls)) == 1
    blind = course(actor_of("client_success"), acme, **SPAN)
    assert blind.calls.empty


def test_what_nobody_ever_counted_is_unknown(db, system, actor_of):
    found = course(system, given.tenant(), **SPAN)
    assert (found.calls, found.messages, found.errors) == (None, None, None)
    assert found.total(found.calls, "own", found.window) is None
    assert found.people.empty


def test_people_of_whom_the_product_tells_nothing_are_unknown(db, system):
    acme, today = given.tenant(), start_of(NOW, "day")
    counts = {"tenant_id": acme, "taken_at": NOW, "users": 5, "daily": 0, "weekly": 0, "monthly": 0}
    with record(system) as tx:
        retention.make_ready(tx, "active_users", "month", today - timedelta(days=1), today)
        tx.copy(
            ActiveUsers,
            [counts | {"day": today - timedelta(days=1), "seen": 0}, counts | {"day": today, "seen": 4, "monthly": 3}],
        )
    people = course(system, acme, **SPAN).people
    assert people["users"].tolist() == [5, 5]
    assert people["monthly"].isna().tolist() == [True, False]
