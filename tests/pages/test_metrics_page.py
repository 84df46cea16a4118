"""The page of metrics: empty, found by filters, one series, gaps, forbidden."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from core.health.metrics import queries
from core.health.metrics.models import METRIC_ROLLUP
from core.health.metrics.queries import Filters
from core.kernel.actor import Actor
from core.kernel.rollups import fill
from core.kernel.telemetry import record
from pages.health._metrics import texts
from pages.health._metrics.courses import gaps_shown
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.test_metrics_recording import point, save

KEY = "health/metrics"
HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def series(db, system):
    """A gauge of two queues, a counter and a histogram, with a few hours each."""
    tenant = make_tenant(system, "Acme")
    save([
        point(name="queue.depth", service="mail", labels={"queue": "out"}, tenant_id=tenant.id),
        point(name="queue.depth", service="mail", labels={"queue": "in"}),
        point(name="orders", service="shop", kind="counter", unit="{order}"),
        point(name="latency", service="shop", kind="histogram", unit="ms"),
    ])  # fmt: skip
    found = {name: queries.matching(system, Filters(name)) for name in ("queue.depth", "orders", "latency")}
    with record(Actor.system("test")) as tx:
        fill(
            tx,
            METRIC_ROLLUP,
            "hour",
            [_bucket(key, hours) for keys in found.values() for key in keys for hours in (5, 4, 2)],
        )
    return found


def _bucket(key, hours):
    return {
        "bucket": HOUR - timedelta(hours=hours), "series_id": key, "tenant_id": None, "total": 2, "value_total_sum": 3600,
        "count_sum": 10, "value_max": 700.0, "value_min": 20.0, "sketch_keys": [250, 300], "sketch_counts": [5, 5],
    }  # fmt: skip


def test_without_metrics_it_says_how_to_send_some(open_page, actor_of):
    app = open_page(actor_of("support"), KEY)
    assert not app.exception
    assert "/api/otlp" in app.info[0].value


def test_it_lists_series_with_their_figures(open_page, actor_of, series):
    rows = open_page(actor_of("support"), KEY).dataframe[0].value.set_index(["name", "labels"])
    assert len(rows) == 4
    depth = rows.loc["queue.depth", "queue=out"]
    assert (depth["owner"], depth["mean"], depth["max"]) == ("Acme", 360.0, 700.0)
    assert rows.loc[("orders", ""), "rate"] == pytest.approx(3 * 3600 / 86_400, rel=0.1)
    assert rows.loc[("orders", ""), "unit"] == "order"


def test_filters_are_in_the_address(open_page, actor_of, series):
    for query, names in (
        ({"name": "QUEUE"}, {"queue.depth"}), ({"service": "shop"}, {"orders", "latency"}), ({"kind": "counter"}, {"orders"}),
        ({"labels": "queue=in"}, {"queue.depth"}),
    ):  # fmt: skip
        app = open_page(actor_of("support"), KEY, **query)
        assert set(app.dataframe[0].value["name"]) == names, query
    app = open_page(actor_of("support"), KEY, name="zzz")
    assert "No series matches" in app.info[0].value
    app = open_page(actor_of("support"), KEY, labels="nonsense")
    assert any("name=value" in caption.value for caption in app.caption)


@pytest.mark.parametrize(
    ("name", "views"),
    [
        ("queue.depth", ["Value", "Percentiles", "Reports"]), ("orders", ["Rate", "Added"]),
        ("latency", ["Percentiles", "Value", "Rate"]),
    ],
)  # fmt: skip
def test_a_series_is_shown_in_each_view(open_page, actor_of, series, name, views):
    app = open_page(actor_of("support"), KEY, series=str(series[name][0]))
    assert not app.exception
    for view in views:
        app = open_page(actor_of("support"), KEY, series=str(series[name][0]), view=view)
        assert not app.exception, view
        assert len(app.get("plotly_chart")) == len(series[name]), view
        assert len(app.dataframe) == (len(series[name]) > 1)


def test_figures_of_a_series(open_page, actor_of, series):
    app = open_page(actor_of("support"), KEY, series=str(series["latency"][0]))
    cards = {one.label: one.value for one in app.metric}
    assert (cards["Values"], cards["Mean (ms)"], cards["Greatest (ms)"]) == ("30", "360", "700")


def test_a_series_that_said_nothing_in_the_time(open_page, actor_of, series):
    app = open_page(actor_of("support"), KEY, series=str(series["orders"][0]), range="1h")
    assert "said nothing" in app.info[0].value


def test_a_series_out_of_sight_is_not_told(open_page, actor_of, series, system):
    hidden = queries.matching(system, Filters("queue.depth", labels={"queue": "out"}))[0]
    app = open_page(actor_of("client_success"), KEY, series=str(hidden))
    assert "no such series" in app.warning[0].value
    assert "no such series" in open_page(actor_of("support"), KEY, series="nonsense").warning[0].value


def test_a_stranger_is_refused(open_page, actor_of):
    app = open_page(actor_of("support", grants=frozenset()), KEY)
    assert "health:read" in app.error[0].value


def test_words_and_numbers():
    assert [texts.unit(name) for name in ("1", "By", "{job}", "ms", "percent", "")] == [
        "",
        "bytes",
        "job",
        "ms",
        "%",
        "",
    ]
    assert [texts.number(value) for value in (0.123456, 12345.6, -2.0, None, pd.NA)] == [
        "0.1235",
        "12,346",
        "-2",
        "–",
        "–",
    ]


def test_lines_break_in_gaps_and_not_where_reports_are_rare():
    step, times = timedelta(minutes=1), [0, 5, 10, 40, 45]
    frame = pd.DataFrame({"bucket": [HOUR + timedelta(minutes=one) for one in times], "mean": 1.0})
    shown = gaps_shown(frame, step)
    assert list(shown["mean"].isna()) == [False, False, False, True, False, False]
