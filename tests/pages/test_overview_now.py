"""The overview's cards of this moment: what they say, whom they are for, and what a day of the strip opens."""

from core.health.monitors.queries import lists
from core.kernel.actor import Actor
from tests.pages.test_health_pages import OVERVIEW, words
from tests.pages.test_monitors_page import checker, found, make  # noqa: F401

SYSTEM = Actor.system("test")


def badges(app) -> str:
    return "\n".join(element.value for element in app.markdown)


def test_nothing_watched_and_nothing_configured_is_said(open_page, actor_of):
    app = open_page(actor_of("developer"), OVERVIEW)
    assert not app.exception
    assert "Nothing is watched from outside yet." in words(app)
    assert "No provider is configured." in words(app).replace("\\", "")
    assert "None fires" in badges(app)


def test_monitors_that_are_down_are_named_with_their_age(open_page, actor_of, system, found):  # noqa: F811
    found(make(system, "Checkout *API*"), "down", "refused")
    found(make(system, "Search"), "up")
    told = words(open_page(actor_of("developer"), OVERVIEW))
    assert r"Checkout \*API\*, for 2 h" in told
    assert "1 up" in told


def test_without_a_checker_no_monitor_looks_well(open_page, actor_of, system, found, raw):  # noqa: F811
    found(make(system, "Search"), "up")
    raw("UPDATE checker_run SET seen_at = now() - interval '10 minutes'")
    app = open_page(actor_of("developer"), OVERVIEW)
    assert "No checker runs, so nothing is known of 1." in words(app)
    assert "Not checked" in badges(app)


def test_cards_are_for_those_who_may_see_what_is_behind(open_page, actor_of):
    app = open_page(actor_of("client_success"), OVERVIEW)
    assert not app.exception
    assert "**Active users**" in words(app)
    for title in ("**Alerts**", "**Monitors**", "**Providers**"):
        assert title not in words(app)


def test_day_of_the_address_is_told_by_component(open_page, actor_of, raw):
    raw(
        "INSERT INTO component_rollup_hour (bucket, component, status, total, latency_ms_count, latency_ms_sum)"
        " SELECT date_trunc('day', now(), 'UTC') - interval '1 day' + make_interval(hours => n), component, status, 60, 0, 0"
        " FROM generate_series(0, 23) AS n, (VALUES ('database', 'healthy'), ('database', 'down'), ('disk', 'healthy'))"
        " AS held (component, status)"
    )
    day = raw("SELECT to_char(now() AT TIME ZONE 'UTC' - interval '1 day', 'YYYY-MM-DD') AS day")[0].day
    app = open_page(actor_of("developer"), OVERVIEW, day=day)
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "available_ratio" in frame.value.columns)
    assert list(table["title"]) == ["Database", "Disk"]
    assert list(table["available_ratio"]) == [50.0, 100.0]
    assert "Nothing was observed by component" in words(open_page(actor_of("developer"), OVERVIEW, day="2001-01-01"))


def test_list_in_order_of_states_pages_by_key(db, actor_of, system, found):  # noqa: F811
    for name, state in (("A", "up"), ("B", "down"), ("C", "degraded"), ("D", "down")):
        found(make(system, name), state)
    seen, after = [], None
    while True:
        page = lists.directory(actor_of("developer"), lists.Filters(), sort="state", after=after, limit=1)
        seen += list(page.frame["name"])
        after = page.next
        if after is None:
            break
    assert seen == ["B", "D", "C", "A"]
