"""The demo company's webhooks: all states, two weeks of deliveries, and nothing that would be sent."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest

from core.kernel.times import utc_now
from core.kernel.writes import write
from core.platform.webhooks import demo, queries
from core.platform.webhooks.claiming import claim
from tests.core.customers.test_tenants import make


def plant(system) -> None:
    tenants = [make(system, f"Tenant {number}").id for number in range(9)]
    now = utc_now()
    with write(system, "demo.seed") as tx:
        webhooks = demo.seed(tx, Random(7), now, tenants, {"developer": uuid4(), "platform_admin": uuid4()})
    demo.seed_deliveries(system, Random(7), now, webhooks)


@pytest.fixture
def planted(db, system):
    plant(system)


def test_all_states_are_there_with_about_1500_deliveries(planted, raw, system):
    listed = queries.directory(system, queries.Filters()).frame
    assert set(listed["state"]) == {"active", "failing", "disabled"}
    assert queries.in_trouble(system) == 2
    assert 1_400 < raw("SELECT count(*) FROM webhook_delivery")[0].count < 1_700
    found = {row.status for row in raw("SELECT DISTINCT status FROM webhook_delivery")}
    assert {"delivered", "failed", "waiting"} <= found


def test_nothing_is_ever_due_and_no_host_exists(planted, raw):
    assert claim("test", most=100) == []
    waiting = "SELECT count(*) FROM webhook_delivery JOIN webhook w ON w.id = webhook_id WHERE status = 'waiting'"
    assert raw(f"{waiting} AND w.disabled_at IS NULL")[0].count == 0
    assert all(row.url.split("/")[2].endswith(".example") for row in raw("SELECT url FROM webhook"))


def test_the_rollup_holds_every_attempt(committed_raw, system):
    plant(system)
    summed = committed_raw("SELECT sum(total) AS total, sum(failures) AS failures FROM webhook_rollup_hour")[0]
    stored = committed_raw(
        "SELECT count(*) AS total, count(*) FILTER (WHERE NOT is_success) AS failures FROM webhook_attempt"
    )[0]
    assert (summed.total, summed.failures) == (stored.total, stored.failures)
    assert queries.directory(system, queries.Filters()).frame["success_ratio"].between(0, 1).sum() >= 8


def test_a_seed_gives_the_same_again():
    kinds = [next(iter(demo.catalogue().values()))]
    histories = []
    for _ in range(2):
        random, history, now = Random(3), demo.History(), datetime(2026, 1, 1, tzinfo=UTC)
        one = demo.Planted(UUID(int=1), None, "whsec_" + "A" * 43 + "=", demo.SHAPES[0])
        demo._deliver(random, one, kinds[0], now - timedelta(days=1), now, history)
        histories.append(history)
    assert histories[0] == histories[1]
