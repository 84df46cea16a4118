"""Series found, and their course: the figures of the rollups."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pandas as pd
import pytest

from core.health.metrics import history, queries
from core.health.metrics.models import METRIC_ROLLUP
from core.health.metrics.queries import Filters
from core.kernel.errors import Denied, NotFound
from core.kernel.rollups import roll
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.test_metrics_recording import point, save

NOW = datetime.now(UTC).replace(second=0, microsecond=0)


@pytest.fixture
def some_series(db):
    save([
        point(name="queue.depth", service="mail", labels={"queue": "out"}),
        point(name="queue.depth", service="mail", labels={"queue": "in"}),
        point(name="Queue.age", service="mail", unit="s"),
        point(name="orders", service="shop", kind="counter"),
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (Filters(), ["Queue.age", "orders", "queue.depth", "queue.depth"]),
        (Filters("queue."), ["Queue.age", "queue.depth", "queue.depth"]),
        (Filters("depth"), []),
        (Filters(" ORD "), ["orders"]),
        (Filters("100%"), []),
        (Filters(service="shop"), ["orders"]),
        (Filters(kind="gauge", labels={"queue": "in"}), ["queue.depth"]),
        (Filters(labels={"queue": "other"}), []),
    ],
)
def test_series_are_found_by_name_service_kind_and_labels(some_series, actor_of, filters, names):
    frame = queries.directory(actor_of("support"), filters).frame
    assert sorted(frame["name"]) == names
    assert len(queries.matching(actor_of("support"), filters)) == len(names)


def test_pages_of_series_follow_each_other(some_series, actor_of):
    first = queries.directory(actor_of("support"), Filters(), limit=3)
    second = queries.directory(actor_of("support"), Filters(), after=first.next, limit=3)
    assert len({*first.frame["id"], *second.frame["id"]}) == 4 and second.next is None


def test_services_are_named_once(some_series, actor_of):
    assert queries.services(actor_of("support")) == ["mail", "shop"]


def test_siblings_are_the_series_of_the_same_metric(some_series, actor_of):
    [found] = queries.matching(actor_of("support"), Filters(labels={"queue": "in"}))
    series = queries.one(actor_of("support"), found)
    assert len(queries.siblings(actor_of("support"), series)) == 2


def test_series_of_a_tenant_are_seen_by_those_in_whose_scope_it_is(db, system, actor_of):
    tenant = make_tenant(system)
    save([point(tenant_id=tenant.id), point()])
    [mine] = queries.matching(actor_of("support"), Filters(tenant_id=tenant.id))
    stranger = actor_of("client_success")
    assert list(queries.directory(stranger, Filters()).frame["tenant_id"].isna()) == [True]
    with pytest.raises(NotFound):
        queries.one(stranger, mine)
    course = history.history(stranger, [mine], since=NOW - timedelta(hours=1), until=NOW)
    assert course.buckets.empty


def test_without_the_right_nothing_is_read(db, actor_of):
    nobody = actor_of("support", grants=frozenset())
    for read in (
        lambda: queries.directory(nobody, Filters()), lambda: queries.one(nobody, uuid4()), lambda: queries.services(nobody),
        lambda: history.figures(nobody, [], since=NOW, until=NOW),
    ):  # fmt: skip
        with pytest.raises(Denied):
            read()


def test_course_has_the_figures_of_each_bucket_and_of_the_whole(committed_db, actor_of):
    begin, name = NOW - timedelta(minutes=10), "latency"
    save([
        point(10.0, name, "histogram", at=begin, count=98), point(500.0, name, "histogram", at=begin, count=2),
        point(30.0, name, "histogram", at=begin + timedelta(minutes=2), count=100),
    ])  # fmt: skip
    _roll()
    [key] = queries.matching(actor_of("support"), Filters("latency"))
    span = {"since": begin, "until": begin + timedelta(minutes=4)}
    course = history.history(actor_of("support"), [key], **span)
    rows = course.buckets.to_dict("records")
    assert [row["bucket"] for row in rows] == [begin, begin + timedelta(minutes=2)]
    assert (rows[0]["points"], rows[0]["count"], rows[0]["sum"], rows[0]["mean"]) == (2, 100, 1980.0, 19.8)
    assert (rows[0]["min"], rows[0]["max"]) == (10.0, 500.0)
    assert rows[0]["p50"] == pytest.approx(10, rel=0.02) and rows[0]["p99"] == pytest.approx(500, rel=0.02)
    assert rows[0]["count_rate"] == pytest.approx(100 / 60)
    [whole] = history.figures(actor_of("support"), [key], **span).to_dict("records")
    assert (whole["count"], whole["sum"], whole["max"]) == (200, 4980.0, 500.0)
    assert whole["p50"] == pytest.approx(30, rel=0.02)
    assert whole["count_rate"] == pytest.approx(200 / 240)


def test_rate_of_a_counter_is_its_increase_a_second(committed_db, actor_of):
    begin = NOW - timedelta(minutes=10)
    save([point(90.0, "orders", "counter", at=begin), point(30.0, "orders", "counter", at=begin)])
    _roll()
    [key] = queries.matching(actor_of("support"), Filters("orders"))
    course = history.history(actor_of("support"), [key], since=begin, until=begin + timedelta(minutes=1))
    assert list(course.buckets["sum_rate"]) == [2.0]


def test_percentiles_are_unknown_where_the_sketch_does_not_reach(committed_db, actor_of):
    begin = NOW - timedelta(minutes=10)
    told = {"balance": (-5.0, -1.0, 5.0), "idle": (0.0, 0.0, 0.0)}
    save([point(value, name, at=begin) for name, values in told.items() for value in values])
    _roll()
    rows = {}
    for name in told:
        [key] = queries.matching(actor_of("support"), Filters(name))
        [rows[name]] = history.history(actor_of("support"), [key], since=begin, until=NOW).buckets.to_dict("records")
    assert (rows["balance"]["min"], rows["balance"]["max"]) == (-5.0, 5.0)
    assert pd.isna(rows["balance"]["p50"]) and rows["balance"]["p99"] == pytest.approx(5, rel=0.02)
    assert rows["idle"]["p50"] == rows["idle"]["p99"] == 0.0


def test_what_was_never_told_is_empty(committed_db, actor_of):
    course = history.history(actor_of("support"), [uuid4()], since=NOW - timedelta(days=60), until=NOW)
    assert course.buckets.empty and course.window.grain == "day"


def _roll():
    while roll(METRIC_ROLLUP):
        pass
