"""Health pages: empty, with figures, stale, forbidden; what is unknown is never shown as 0 or as healthy."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from core.health import demo
from core.health.components import probes, tasks
from core.health.components.rules import Finding
from core.health.requests import demo as requests_demo
from core.health.servers.tasks import collect_here
from core.kernel.actor import Actor
from core.platform.queue.beats import Heart

OVERVIEW, SERVERS = "health/overview", "health/servers"
SYSTEM = Actor.system("test")


def figures(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def words(app) -> str:
    shown = [*app.markdown, *app.caption, *app.success, *app.warning, *app.error, *app.info]
    return "\n".join(element.value for element in shown)


@pytest.fixture
def found(monkeypatch):
    """Stores a round of checks with these findings, while scheduler and worker live."""

    def store(**findings: Finding) -> None:
        Heart("scheduler").beat(is_leader=True)
        Heart("worker").beat()
        monkeypatch.setattr(probes, "run_all", lambda _: dict(findings))
        tasks.check(SYSTEM)

    return store


def test_without_any_check_nothing_is_healthy_and_no_figure_is_zero(open_page, actor_of):
    app = open_page(actor_of("support_tier_1"), OVERVIEW)
    assert not app.exception
    assert not app.success
    assert "No scheduler runs." in words(app)
    assert "Never checked." in words(app)
    told = figures(app)
    assert {told[name] for name in ("Error rate", "p50", "p95", "p99", "Requests a minute")} == {"–"}
    assert "rollups have never run" in words(app)


def test_banner_says_what_works_and_what_does_not_count(open_page, actor_of, found):
    found(
        database=Finding("healthy", "Answers in 1 ms.", 1.0), queue=Finding("healthy", "0 waiting."),
        disk=Finding("healthy", "1 % used."), mail=Finding("not_configured", "Set SMTP_URL."),
    )  # fmt: skip
    app = open_page(actor_of("developer"), OVERVIEW)
    (banner,) = app.success
    assert banner.value.startswith("**Everything that is checked works.**")
    assert "Redis, NATS (unknown)" in banner.value
    assert "Mail server (not configured)" in banner.value


def test_banner_names_what_is_down_and_what_is_degraded(open_page, actor_of, found):
    found(database=Finding("degraded", "Answers in 300 ms.", 300.0), disk=Finding("down", "99% used."))
    (banner,) = open_page(actor_of("developer"), OVERVIEW).error
    assert banner.value.startswith("**Down:** Disk. Degraded: Database.")


def test_checks_that_stopped_are_unknown_with_the_time_of_the_last(open_page, actor_of, found, raw):
    found(database=Finding("healthy", "Answers in 1 ms.", 1.0))
    raw("UPDATE component_check SET at = at - interval '5 minutes'")
    raw("UPDATE process_heartbeat SET seen_at = seen_at - interval '5 minutes'")
    app = open_page(actor_of("developer"), OVERVIEW)
    assert "Not checked since; it was healthy then. Last check:" in words(app)
    assert app.error[0].value.startswith("**Down:** Scheduler, Workers.")


def test_figures_of_the_last_hour_come_from_the_rollup(open_page, actor_of, raw):
    raw(
        "INSERT INTO route_rollup_minute (bucket, service, channel, route, status, total, errors, timed, duration_ms_sum,"
        " sketch_keys, sketch_counts) VALUES"
        " (date_trunc('minute', now(), 'UTC') - interval '2 minutes', 'portal', 'page', '/home', 200, 98, 0, 98, 980,"
        " '{116}', '{98}'),"
        " (date_trunc('minute', now(), 'UTC') - interval '2 minutes', 'portal', 'page', '/home', 500, 2, 2, 2, 9000,"
        " '{420}', '{2}'),"
        " (date_trunc('minute', now(), 'UTC') - interval '2 minutes', 'portal', 'web', '/static', 200, 900, 0, 900, 90,"
        " '{0}', '{900}')"
    )
    raw("INSERT INTO rollup_watermark (rollup, xid, moved_at) VALUES ('route_rollup', '9', now())")
    told = figures(open_page(actor_of("developer"), OVERVIEW))
    assert told["Error rate"] == "2.00%"
    assert (told["p50"], told["p95"], told["p99"]) == ("10 ms", "10 ms", "4.40 s")


def test_figures_that_are_not_brought_up_to_date_say_since_when(open_page, actor_of, raw):
    raw(
        "INSERT INTO rollup_watermark (rollup, xid, moved_at) VALUES ('route_rollup', '9', now() - interval '5 minutes')"
    )
    assert "nothing was counted since" in words(open_page(actor_of("developer"), OVERVIEW))


def test_share_that_nobody_observed_is_printed(open_page, actor_of, raw):
    raw(
        "INSERT INTO component_rollup_day (bucket, component, status, total, latency_ms_count, latency_ms_sum)"
        " SELECT date_trunc('day', now(), 'UTC') - make_interval(days => n), 'overall', 'healthy', 2880, 0, 0"
        " FROM generate_series(1, 45) AS n"
    )
    told = words(open_page(actor_of("developer"), OVERVIEW))
    assert "Available **100.000%** of the observed time; **50.0% of these 90 days was not observed**" in told


def test_servers_page_without_servers_says_what_to_do(open_page, actor_of):
    (info,) = open_page(actor_of("developer"), SERVERS).info
    assert info.value.startswith("No server has reported yet.")


def test_server_that_reports_has_its_figures_and_a_silent_one_has_none(open_page, actor_of, raw):
    collect_here()
    app = open_page(actor_of("developer"), SERVERS)
    assert "Network in" in figures(app)
    assert "Reported" in words(app)
    raw("UPDATE server SET last_seen_at = now() - interval '1 hour'")
    silent = open_page(actor_of("developer"), SERVERS)
    assert "Network in" not in figures(silent)
    assert "Not reporting since" in words(silent)
    assert "In its last report: CPU" in words(silent)


def test_one_server_shows_cores_disks_and_postgresql(open_page, actor_of, raw):
    collect_here()
    server = raw("SELECT id, name FROM server")[0]
    app = open_page(actor_of("developer"), SERVERS, server=str(server.id))
    assert not app.exception
    assert server.name in [header.value for header in app.header]
    told = figures(app)
    assert told["Connections"].endswith(f"of {raw('SHOW max_connections')[0].max_connections}")
    assert told["Longest query"] == "None"
    assert "Load average (1 min)" in told


@pytest.mark.parametrize("key", ["nonsense", "01890000-0000-7000-8000-000000000000"])
def test_server_that_is_not_known_is_a_sentence(open_page, actor_of, key):
    app = open_page(actor_of("developer"), SERVERS, server=key)
    assert app.warning[0].value.startswith("This server is not known here.")


@pytest.mark.parametrize("key", [OVERVIEW, SERVERS])
def test_health_is_refused_without_the_right(open_page, actor_of, key):
    app = open_page(actor_of("developer", grants=frozenset()), key)
    assert "does not include the page" in app.error[0].value
    assert not app.metric


SEEDED = ("request_record", "server", "server_metric", *(
    f"{rollup}_rollup_{grain}" for rollup in ("request", "server", "component") for grain in ("minute", "hour", "day")
))  # fmt: skip


def _seed(raw, now: datetime) -> str:
    demo.seed(SYSTEM, Random(7), now, [])
    return raw("SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) AS sum FROM request_rollup_day AS t")[0].sum


def test_demo_data_add_up_end_before_now_and_are_the_same_for_the_same_seed(open_page, actor_of, db, raw, monkeypatch):
    """One test for what takes seconds to make; the product's requests of a week are enough of them."""
    monkeypatch.setattr(requests_demo, "PRODUCT_FOR", timedelta(days=7))
    now = datetime.now(UTC)
    first = _seed(raw, now)
    ends = raw("SELECT max(at) AS at FROM request_record")[0].at
    assert now - timedelta(minutes=10) < ends < now
    sums = raw(
        "SELECT (SELECT sum(total) FROM request_rollup_day) AS d, (SELECT sum(total) FROM request_rollup_hour) AS h"
    )[0]
    assert sums.d == sums.h > 100_000
    assert raw("SELECT count(DISTINCT bucket) AS n FROM component_rollup_day WHERE component = 'overall'")[0].n >= 89
    for query in ({}, {"server": str(raw("SELECT id FROM server WHERE name = 'demo-db-1'")[0].id)}):
        _demo_hosts_do_not_pretend_to_live(open_page(actor_of("developer"), SERVERS, **query))
    for table in SEEDED:
        raw(f"DELETE FROM {table}")
    assert _seed(raw, now) == first


def _demo_hosts_do_not_pretend_to_live(app) -> None:
    assert not app.exception
    assert "Demo server, not reporting since" in words(app)
    assert "PostgreSQL" not in [heading.value for heading in app.subheader]
    assert {figures(app).get(name, "–") for name in ("Network in", "Memory used")} == {"–"}
