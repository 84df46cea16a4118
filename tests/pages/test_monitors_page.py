"""Monitors: empty, with rows, unknown without a checker, forms that lose nothing, what may be done by whom."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.health.maintenance import actions as maintenance
from core.health.monitors import actions, queries, testing
from core.health.monitors.probes.finding import Finding
from core.kernel.actor import Actor
from core.kernel.errors import Denied
from core.kernel.times import utc_now
from tests.core.customers.test_tenants import make as make_tenant
from tests.pages.test_health_pages import figures, words

PAGE = "health/monitors"
URL = "https://93.184.215.14/healthz"


def make(actor: Actor, name: str = "Checkout", **values: Any) -> Any:
    given = {"kind": "http", "settings": {"url": URL}} | values
    return actions.create(actor, name=name, **given).monitor


@pytest.fixture
def checker(raw) -> None:
    """A checker that works now."""
    raw("INSERT INTO checker_run (id, host, pid, started_at, seen_at, lag_ms, monitors)"
        " VALUES (gen_random_uuid(), 'worker-1', 1, now() - interval '3 days', now(), 12, 1)")  # fmt: skip


@pytest.fixture
def found(raw, checker) -> Callable[..., None]:
    """What the checker knows of a monitor now, and since when."""

    def store(monitor: Any, state: str, detail: str = "200 OK", *, since: timedelta = timedelta(hours=2)) -> None:
        at = utc_now() - since
        raw("UPDATE monitor SET created_at = now() - interval '2 days' WHERE id = :id", id=monitor.id)
        raw("UPDATE monitor_state SET state = :state, since = :at, checked_at = now(), next_at = now() + interval '1 minute',"
            " due_by = now() + interval '2 minutes', latency_ms = 42, detail = :detail WHERE monitor_id = :id",
            id=monitor.id, state=state, at=at, detail=detail)  # fmt: skip
        raw("INSERT INTO monitor_change (id, monitor_id, at, state, previous, cause)"
            " VALUES (gen_random_uuid(), :id, :at, :state, 'up', :detail)",
            id=monitor.id, at=at, state=state, detail=detail)  # fmt: skip

    return store


def table(app: AppTest) -> Any:
    return next(frame.value for frame in app.dataframe if "target" in frame.value.columns)


def said(app: AppTest) -> str:
    return "\n".join(str(one.value) for kind in (app.error, app.warning, app.info, app.success) for one in kind)


def test_without_monitors_the_page_says_what_one_is_and_offers_one(open_page, actor_of):
    app = open_page(actor_of("developer"), PAGE)
    assert not app.exception
    assert "Nothing is watched yet." in said(app)
    assert app.button(key="create")


def test_who_may_only_read_is_offered_nothing_to_change(open_page, actor_of, system, found):
    one = make(system)
    found(one, "up")
    for query in ({}, {"monitor": str(one.id)}):
        app = open_page(actor_of("support"), PAGE, **query)
        assert not app.exception
        keys = {button.key for button in app.button}
        assert keys.isdisjoint({"create", "pause_many", "resume_many", "edit", "pause", "delete", "check_now"})


def test_list_shows_states_and_how_much_nobody_observed(open_page, actor_of, system, found):
    found(make(system, "Checkout"), "down", "connection refused")
    found(make(system, "Search"), "up")
    app = open_page(actor_of("developer"), PAGE)
    assert [list(state) for state in table(app)["state"]] == [["Down"], ["Up"]]
    assert list(table(app)["day"]) == ["– · nothing observed"] * 2
    told = {re.sub(r".*\] ", "", label): value for label, value in figures(app).items()}
    assert (told["Down"], told["Up"]) == ("1", "1")


def test_without_a_checker_everything_is_unknown_and_the_page_says_why(open_page, actor_of, system, found, raw):
    found(make(system), "up")
    raw("UPDATE checker_run SET seen_at = now() - interval '10 minutes'")
    raw("UPDATE monitor_state SET due_by = now() - interval '8 minutes'")
    app = open_page(actor_of("developer"), PAGE)
    assert "no checker runs" in said(app)
    assert [list(state) for state in table(app)["state"]] == [["Unknown"]]


def test_filters_of_the_address_narrow_the_list(open_page, actor_of, system, found):
    found(make(system, "Checkout", tags=["team:shop"]), "down", "refused")
    found(make(system, "Search"), "up")
    developer = actor_of("developer")
    assert list(table(open_page(developer, PAGE, state="Down"))["name"]) == ["Checkout"]
    assert list(table(open_page(developer, PAGE, tag="team:shop"))["name"]) == ["Checkout"]
    assert list(table(open_page(developer, PAGE, text="sea"))["name"]) == ["Search"]
    assert list(table(open_page(developer, PAGE, sort="Worst state first"))["name"]) == ["Checkout", "Search"]
    assert "No monitor matches" in said(open_page(developer, PAGE, text="zzz"))


def test_one_monitor_says_since_when_how_long_and_why(open_page, actor_of, system, found):
    one = make(system)
    found(one, "down", "connection refused", since=timedelta(hours=2))
    app = open_page(actor_of("developer"), PAGE, monitor=str(one.id))
    assert not app.exception
    banner = app.error[0].value
    assert banner.startswith("**Down** since")
    assert "for 2 h" in banner
    assert "connection refused" in banner
    changes = next(frame.value for frame in app.dataframe if "cause" in frame.value.columns)
    assert changes["cause"].iloc[0] == "connection refused"
    assert "Nothing was observed" in words(app)


def test_availability_is_of_what_was_observed_and_prints_the_rest(open_page, actor_of, system, found, raw):
    one = make(system)
    found(one, "up")
    raw("INSERT INTO monitor_rollup_hour (bucket, monitor_id, state, is_counted, total, timed, seconds_sum, latency_ms_sum,"
        " latency_ms_max, sketch_keys, sketch_counts) SELECT date_trunc('hour', now(), 'UTC') - interval '3 hours', :id, state,"
        " true, n, n, n * 60, n * 50, 50, '{196}', ARRAY[n] FROM (VALUES ('up', 54), ('down', 6)) AS held (state, n)",
        id=one.id)  # fmt: skip
    app = open_page(actor_of("developer"), PAGE, monitor=str(one.id))
    assert figures(app)["Available 24 h"] == "90.00%"
    assert re.search(r"Available \*\*90\.000%\*\* of the observed time; down 6 min.*\*\*9\d\.\d% of the time was not observed",
                     words(app))  # fmt: skip


@pytest.mark.parametrize("key", ["nonsense", "01890000-0000-7000-8000-000000000000"])
def test_monitor_that_is_not_known_is_a_sentence(open_page, actor_of, key):
    assert "does not exist" in said(open_page(actor_of("developer"), PAGE, monitor=key))


def test_monitor_of_other_tenants_is_not_found(open_page, actor_of, system):
    one = make(system, tenant_ids=[make_tenant(system, "Alpha").id])
    reader = actor_of("client_success", grants=frozenset({"health:read", "monitors:read", "tenants:read"}))
    assert "does not exist" in said(open_page(reader, PAGE, monitor=str(one.id)))


def create(app: AppTest) -> AppTest:
    return app.button(key="create").click().run()


def test_create_keeps_what_was_typed_when_it_is_refused_and_then_opens_the_monitor(open_page, actor_of):
    app = create(open_page(actor_of("developer"), PAGE))
    app.text_input(key="new_name").set_value("Checkout")
    app.text_input(key="new_http_url").set_value("ftp://example.com")
    app.button(key="new_submit").click().run()
    assert app.error
    assert app.text_input(key="new_name").value == "Checkout"
    assert queries.directory(actor_of("developer"), queries.Filters()).frame.empty
    app.text_input(key="new_http_url").set_value(URL)
    app.button(key="new_submit").click().run()
    assert not app.exception
    made = queries.directory(actor_of("developer"), queries.Filters()).frame.iloc[0]
    assert (made["name"], made["target"]) == ("Checkout", URL)
    assert app.query_params["monitor"] == str(made["id"])


def test_private_address_is_refused_without_the_right(open_page, actor_of):
    app = create(open_page(actor_of("developer"), PAGE))
    assert app.checkbox(key="new_private").disabled
    app.text_input(key="new_name").set_value("Inside")
    app.text_input(key="new_http_url").set_value("http://10.0.0.1/")
    app.button(key="new_submit").click().run()
    assert "private" in said(app)


def test_test_button_shows_the_result_and_saves_nothing(open_page, actor_of, monkeypatch):
    asked = []
    monkeypatch.setattr(
        testing, "test", lambda actor, **given: asked.append(given) or Finding("down", "503 from it", 12.0)
    )
    app = create(open_page(actor_of("developer"), PAGE))
    app.text_input(key="new_http_url").set_value(URL)
    app.button(key="new_test").click().run()
    assert asked[0]["settings"]["url"] == URL
    assert "**Down** in 12 ms: 503 from it" in said(app)
    assert queries.directory(actor_of("developer"), queries.Filters()).frame.empty
    app.text_input(key="new_http_url").set_value(f"{URL}/other")
    app.button(key="new_submit").click().run()
    assert "503 from it" not in said(app)


def test_testing_takes_the_right_to_create_and_refuses_private_addresses(db, actor_of):
    with pytest.raises(Denied):
        testing.test(actor_of("support"), kind="http", settings={"url": URL})
    with pytest.raises(Denied):
        testing.test(actor_of("developer"), kind="tcp", settings={"host": "10.0.0.1", "port": 1}, allows_private=True)


def test_push_url_is_shown_once_with_an_example(open_page, actor_of):
    app = create(open_page(actor_of("developer"), PAGE))
    app.segmented_control(key="new_kind").set_value("push").run()
    app.text_input(key="new_name").set_value("Nightly export")
    app.button(key="new_submit").click().run()
    codes = "\n".join(one.value for one in app.code)
    assert re.search(r"http\S+/api/push/\S{20,}", codes)
    assert "curl -fsS" in codes
    app.button(key="push_taken").click().run()
    assert "/api/push/" not in "\n".join(one.value for one in app.code)


def test_pause_asks_why_and_resume_brings_it_back(open_page, actor_of, system, found, raw):
    one = make(system)
    found(one, "up")
    app = open_page(actor_of("developer"), PAGE, monitor=str(one.id))
    app.button(key="pause").click().run()
    app.text_input(key="pause_reason").set_value("moving")
    app.button(key="pause_submit").click().run()
    assert not app.exception
    assert raw("SELECT reason FROM monitor_pause")[0].reason == "moving"
    assert "**Paused**" in said(app)
    app.button(key="resume").click().run()
    assert not raw("SELECT is_paused FROM monitor")[0].is_paused


def test_edit_changes_settings_and_a_stale_edit_is_a_conflict(open_page, actor_of, system, raw):
    one = make(system)
    app = open_page(actor_of("developer"), PAGE, monitor=str(one.id))
    app.button(key="edit").click().run()
    app.text_input(key="edit_http_statuses").set_value("200, 204")
    actions.update(system, one.id, version=one.version, description="other hands")
    app.button(key="edit_submit").click().run()
    assert "was changed while you edited it" in said(app)
    assert app.text_input(key="edit_http_statuses").value == "200, 204"
    fresh = open_page(actor_of("developer"), PAGE, monitor=str(one.id))
    fresh.button(key="edit").click().run()
    fresh.text_input(key="edit_http_statuses").set_value("200, 204")
    fresh.button(key="edit_submit").click().run()
    assert raw("SELECT settings FROM monitor")[0].settings["statuses"] == "200, 204"


def test_delete_wants_the_name(open_page, actor_of, system, raw):
    one = make(system)
    app = open_page(actor_of("developer"), PAGE, monitor=str(one.id))
    app.button(key="delete").click().run()
    app.text_input(key="delete_name").set_value("Chekout")
    app.text_input(key="delete_reason").set_value("gone")
    app.button(key="delete_submit").click().run()
    assert "Type the name Checkout" in said(app)
    app.text_input(key="delete_name").set_value("Checkout")
    app.button(key="delete_submit").click().run()
    assert raw("SELECT count(*) AS n FROM monitor")[0].n == 0


def windows(open_page: Callable[..., AppTest], actor: Actor, **query: str) -> AppTest:
    return open_page(actor, PAGE, view="Maintenance", **query)


def test_window_is_created_with_a_preview_of_its_next_times(open_page, actor_of, raw):
    app = windows(open_page, actor_of("developer", time_zone="Europe/Berlin"))
    assert "No maintenance is planned." in said(app)
    app.button(key="window_create").click().run()
    app.text_input(key="new_window_title").set_value("Upgrade").run()
    app.selectbox(key="new_window_repeats").set_value("Every week").run()
    preview = app.text[-1].value.splitlines()
    assert len(preview) == 5
    app.button(key="new_window_submit").click().run()
    assert not app.exception
    row = raw("SELECT title, rule, zone FROM maintenance_window")[0]
    assert (row.title, row.zone) == ("Upgrade", "Europe/Berlin")
    assert row.rule.startswith("FREQ=WEEKLY;BYDAY=")


def test_window_is_cancelled_with_a_reason(open_page, actor_of, system, raw):
    starts = utc_now() + timedelta(hours=3)
    one = maintenance.create(system, title="Upgrade", starts_at=starts, duration_s=3600)
    app = windows(open_page, actor_of("developer"), window=str(one.id))
    app.button(key="window_cancel").click().run()
    app.text_input(key="cancel_reason").set_value("put off")
    app.button(key="cancel_submit").click().run()
    assert raw("SELECT cancelled_reason FROM maintenance_window")[0].cancelled_reason == "put off"


def test_running_window_is_told_on_the_monitor(open_page, actor_of, system, found):
    one = make(system)
    found(one, "down", "refused")
    maintenance.create(system, title="Upgrade", starts_at=utc_now() - timedelta(minutes=5), duration_s=3600)
    app = open_page(actor_of("developer"), PAGE, monitor=str(one.id))
    assert "In maintenance until" in said(app)


def test_page_is_refused_without_the_right(open_page, actor_of):
    app = open_page(actor_of("developer", grants=frozenset({"health:read"})), PAGE)
    assert "does not include the page" in app.error[0].value
