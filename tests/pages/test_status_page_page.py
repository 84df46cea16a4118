"""The page Status page: empty, with rows, forbidden, and what its forms do."""

from datetime import timedelta

from core.health.maintenance import actions as maintenance
from core.kernel.times import utc_now
from core.reliability.status_page import actions, publishing, queries, subscribing
from tests.core.reliability.status_page.making import SYSTEM, component, incident, monitor, told

KEY = "reliability/status_page"


def keys(app) -> set[str]:
    return {button.key for button in app.button}


def test_empty_it_says_what_to_do(open_page, actor_of):
    app = open_page(actor_of("admin"), KEY)
    assert not app.exception and "lists no component yet" in app.info[0].value and "add" in keys(app)
    for view, said in (("Maintenance", "No maintenance is announced"), ("Subscribers", "Nobody has subscribed"),
                       ("Publishing", "not rendered in the last 7 days")):  # fmt: skip
        app = open_page(actor_of("admin"), KEY, view=view)
        assert not app.exception and said in app.info[0].value


def test_it_shows_components_as_the_page_does(open_page, actor_of):
    component("API", monitor_ids=[monitor("Gateway", state="down")], group_name="Core")
    told(incident())
    app = open_page(actor_of("support"), KEY)
    assert "Major System Outage" in app.error[0].value
    row = app.dataframe[0].value.iloc[0]
    assert (row["name"], row["shown"], list(row["monitors"]), row["uptime"]) == (
        "API",
        "Major outage",
        ["Gateway"],
        "–",
    )
    assert "add" not in keys(app), "who reads changes nothing"


def test_every_view_shows_what_there_is(open_page, actor_of):
    one = component("API")
    window = maintenance.create(SYSTEM, title="W", starts_at=utc_now() + timedelta(hours=1), duration_s=5_400)
    actions.announce(SYSTEM, window.id, title="Upgrade", component_ids=[one.id])
    subscribing.ask(SYSTEM, "ada.lovelace@example.com")
    publishing.publish(SYSTEM)
    admin = actor_of("admin")
    app = open_page(admin, KEY, view="Maintenance")
    assert app.dataframe[0].value.iloc[0][["Title", "Length"]].tolist() == ["Upgrade", "1:30"]
    app = open_page(admin, KEY, view="Subscribers")
    assert app.dataframe[0].value.iloc[0]["Address"].startswith("a…@example.com")
    assert "lovelace" not in str(app.main)
    app = open_page(admin, KEY, view="Publishing")
    assert "files, last written" in app.success[0].value and len(app.dataframe[0].value) == 1
    app = open_page(admin, KEY, view="Preview")
    assert not app.exception


def test_it_is_forbidden_without_the_right(open_page, actor_of):
    app = open_page(actor_of("hotline_operator"), KEY)
    assert "status_page:read" in app.error[0].value and not app.dataframe


def test_a_component_is_added_by_its_form(open_page, actor_of):
    gateway = monitor("Gateway")
    app = open_page(actor_of("admin"), KEY)
    app.button(key="add").click().run()
    app.button(key="new_submit").click().run()
    assert any("name has 1 to" in error.value for error in app.error), "the form stays open"
    app.text_input(key="new_name").set_value("Public API")
    app.multiselect(key="new_monitors").set_value([gateway])
    app.button(key="new_submit").click().run()
    assert not app.exception
    found = queries.components(SYSTEM).iloc[0]
    assert (found["name"], list(found["monitor_ids"])) == ("Public API", [gateway])


def test_rendering_is_asked_for(open_page, actor_of, raw):
    app = open_page(actor_of("admin"), KEY, view="Publishing")
    app.button(key="render").click().run()
    assert not app.exception
    assert raw("SELECT 1 FROM procrastinate_jobs WHERE task_name = 'status_page.render' AND status = 'todo'")
