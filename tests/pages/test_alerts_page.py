"""The page Alerts: inbox, one alert, rules with their dry run, silences, channels and routes."""
# ruff: noqa: F811  (a test that takes a fixture names it again)

from dataclasses import replace

import pytest

from core.health.alerts import queries as alerts
from core.health.alerts import silence_actions
from core.health.alerts.findings import Finding
from core.health.alerts.lifecycle import open_many
from core.health.alerts.models import AlertRule
from core.health.channels import actions as channels
from core.health.channels import queries, routes
from core.kernel.actor import Actor
from core.kernel.reads import read
from core.kernel.times import utc_now
from pages.health._alerts import words
from tests.core.conftest import mailbox  # noqa: F401  (a fixture)

KEY, SYSTEM = "health/alerts", Actor.system("tests")
LONG = "a-very-long-name-of-a-host-" * 6 + "_with_*marks*_<b>"


def fire(*subjects: str) -> list[str]:
    with read(SYSTEM) as rx:
        from sqlalchemy import select

        rule = rx.session.scalars(select(AlertRule).where(AlertRule.key == "server-cpu")).one()
    found = [
        Finding(rule, one, 0.92, subject=one, summary=f"CPU used is 92 % ({one}).", unit="ratio") for one in subjects
    ]
    open_many(SYSTEM, found)
    frame = alerts.inbox(SYSTEM).frame
    return [frame.loc[frame["subject"] == one, "id"].iloc[0] for one in subjects]


def status_of(alert_id) -> str:
    from uuid import UUID

    return alerts.one(SYSTEM, UUID(str(alert_id))).status


def texts(app) -> str:
    kinds = (app.info, app.warning, app.error, app.success, app.caption, app.markdown, app.header, app.subheader)
    return " ".join(str(one.value) for kind in kinds for one in kind)


@pytest.fixture
def developer(actor_of):
    return actor_of("developer")


@pytest.fixture
def ops(db, mailbox):
    return channels.create(SYSTEM, name="Ops", url="mail://ops@example.com")


def test_who_may_not_read_alerts_is_refused(open_page, actor_of):
    app = open_page(actor_of("hotline_operator"), KEY)
    assert "alerts:read" in app.error[0].value and not app.dataframe


def test_an_empty_inbox_says_so(open_page, developer):
    app = open_page(developer, KEY)
    assert "No alert is open" in app.success[0].value and not app.exception
    assert "Clear a filter" in open_page(developer, KEY, q="nothing like that").info[0].value


def test_the_inbox_shows_value_against_bound(db, open_page, developer):
    fire("web-1", LONG)
    app = open_page(developer, KEY)
    shown = app.dataframe[0].value
    assert list(shown["value"]) == ["92 %", "92 %"] and list(shown["bound"]) == ["80 %", "80 %"]
    assert set(shown["subject"]) == {"web-1", LONG} and list(shown["status"]) == ["Open", "Open"]
    assert len(open_page(developer, KEY, severity="Critical").dataframe) == 0
    assert len(open_page(developer, KEY, q="web-1").dataframe[0].value) == 1


def test_one_alert_is_acknowledged_with_a_note(db, open_page, developer):
    [alert_id] = fire(LONG)
    app = open_page(developer, KEY, alert=str(alert_id))
    assert not app.exception and "Nobody so far" in texts(app)
    app.button(key="acknowledge").click().run()
    app.text_area(key="acknowledge_text").input("On it")
    app.button(key="acknowledge_submit").click().run()
    assert not app.exception and status_of(alert_id) == "acknowledged"
    assert "On it" in set(app.dataframe[-1].value["note"])


def test_dismissing_asks_for_a_reason_and_keeps_what_was_typed(db, open_page, developer):
    [alert_id] = fire("web-1")
    app = open_page(developer, KEY, alert=str(alert_id))
    app.button(key="dismiss").click().run()
    app.button(key="dismiss_submit").click().run()
    assert "Say why" in app.error[0].value and status_of(alert_id) == "open"
    app.text_area(key="dismiss_text").input("A load test")
    app.button(key="dismiss_submit").click().run()
    assert status_of(alert_id) == "dismissed"


def test_a_comment_is_kept(db, open_page, developer):
    [alert_id] = fire("web-1")
    app = open_page(developer, KEY, alert=str(alert_id))
    app.text_input(key="comment").input("It is the backup")
    app.button(key="comment_submit").click().run()
    assert "It is the backup" in set(app.dataframe[-1].value["note"])


def test_who_only_reads_sees_no_buttons(db, open_page, actor_of):
    [alert_id] = fire("web-1")
    app = open_page(actor_of("support"), KEY, alert=str(alert_id))
    assert not app.exception and "acknowledge" not in {one.key for one in app.button}
    assert "alert_channels:read" in open_page(actor_of("support"), KEY, tab="Channels").info[0].value


@pytest.mark.parametrize("key", ["x", "01a1fd9f-0dae-7615-bd48-85d57c9e47f1"])
def test_an_alert_or_rule_or_channel_that_is_not_there_is_told(open_page, developer, key):
    for query in ({"alert": key}, {"rule": key}, {"tab": "Channels", "channel": key}):
        app = open_page(developer, KEY, **query)
        assert not app.exception and "does not exist" in app.warning[0].value


def test_silence_this_from_the_alert(db, open_page, developer):
    [alert_id] = fire("web-1")
    app = open_page(developer, KEY, alert=str(alert_id))
    app.button(key="silence").click().run()
    assert app.text_input(key="silence_subject").value == "web-1"
    app.text_area(key="silence_reason").input("We move house")
    app.button(key="silence_submit").click().run()
    assert not app.exception
    found = alerts.silences(SYSTEM)
    assert (found["subject_pattern"].iloc[0], found["matching"].iloc[0], found["reason"].iloc[0]) == (
        "web-1",
        1,
        "We move house",
    )


def test_silences_are_listed_in_words(db, open_page, developer):
    assert "Nothing is silenced" in open_page(developer, KEY, tab="Silences").info[0].value
    from datetime import timedelta

    silence_actions.create(
        SYSTEM,
        ends_at=utc_now() + timedelta(hours=1),
        reason="Moving",
        areas=["servers"],
        severities=["critical"],
        subject_pattern="web-*",
    )
    app = open_page(developer, KEY, tab="Silences")
    assert app.dataframe[0].value["matchers"].iloc[0] == "Servers · Critical · subject web-*"


def test_the_rules_that_came_with_the_portal_are_listed(db, open_page, developer, actor_of):
    app = open_page(developer, KEY, tab="Rules")
    shown = app.dataframe[0].value
    assert "CPU of a server is high" in set(shown["name"]) and shown["is_enabled"].all()
    assert "No rule matches" in open_page(developer, KEY, tab="Rules", rules_q="zzz").info[0].value
    reader = replace(actor_of("support"), grants=frozenset({"alerts:read"}))
    assert "alert_rules:read" in open_page(reader, KEY, tab="Rules").info[0].value


def test_a_new_rule_is_tried_before_it_is_saved(db, open_page, developer):
    app = open_page(developer, KEY, rule="new")
    assert not app.exception
    app.number_input(key="new_rule_threshold_server.cpu_bound").set_value(75).run()
    app.button(key="dry_run").click().run()
    assert not app.exception and "Would not have fired" in texts(app)
    app.number_input(key="new_rule_threshold_server.cpu_bound").set_value(70).run()
    assert "Run it again" in texts(app)
    app.button(key="rule_submit").click().run()
    assert "name" in app.error[0].value and app.number_input(key="new_rule_threshold_server.cpu_bound").value == 70
    app.text_input(key="new_rule_name").input("CPU is busy").run()
    app.button(key="rule_submit").click().run()
    assert not app.exception
    made = alerts.rules(SYSTEM, text="CPU is busy").iloc[0]
    assert (made["bound"], made["for_s"], made["per"]) == (0.7, 300, "server_id")


@pytest.mark.parametrize("kind", list(words.KINDS.values()))
def test_every_kind_has_a_form_whose_rule_can_be_made(db, open_page, developer, kind):
    app = open_page(developer, KEY, rule="new")
    app.selectbox(key="new_rule_kind").select(kind).run()
    app.text_input(key="new_rule_name").input(f"A rule of {kind}").run()
    for one in app.number_input:
        if "_bound" in one.key and one.value is None:
            one.set_value(5).run()
    app.button(key="rule_submit").click().run()
    assert not app.exception and not app.error, [one.value for one in app.error]
    assert len(alerts.rules(SYSTEM, text=f"A rule of {kind}")) == 1


def test_every_shipped_rule_opens_for_editing_and_saves_unchanged(db, open_page, developer):
    for row in alerts.rules(SYSTEM).to_dict("records"):
        app = open_page(developer, KEY, rule=str(row["id"]))
        assert not app.exception, row["name"]
        app.button(key="rule_submit").click().run()
        assert not app.exception and not app.error, (row["name"], [one.value for one in app.error])
        after = alerts.rules(SYSTEM).set_index("id").loc[row["id"]]
        assert {name: set(some) for name, some in after["filters"].items()} == {
            name: set(some) for name, some in row["filters"].items()
        }
        for name in ("for_s", "window_s", "per", "settings", "severity", "area", "bound", "clear_bound"):
            kept = after[name] == row[name] or (words.is_unknown(after[name]) and words.is_unknown(row[name]))
            assert kept, (row["name"], name, after[name], row[name])


def test_disabling_a_rule_asks_why(db, open_page, developer):
    row = alerts.rules(SYSTEM).iloc[0]
    app = open_page(developer, KEY, rule=str(row["id"]))
    app.button(key="disable_rule").click().run()
    app.text_area(key="disable_rule_reason").input("Too noisy")
    app.button(key="disable_rule_submit").click().run()
    assert not alerts.rules(SYSTEM, text=row["name"]).iloc[0]["is_enabled"]


def test_a_channel_is_made_tested_and_its_url_is_nowhere(db, open_page, developer, mailbox):
    app = open_page(developer, KEY, tab="Channels")
    assert "nobody is told" in app.info[0].value
    app.button(key="create_channel").click().run()
    app.text_input(key="channel_name").input("On-call")
    app.text_input(key="channel_url_mail").input("ops@example.com")
    app.button(key="channel_submit").click().run()
    assert not app.exception
    made = queries.channels(SYSTEM).iloc[0]
    assert app.query_params["channel"] in (made["id"], [made["id"]])
    app.button(key="test_channel").click().run()
    assert "was taken" in app.success[0].value and len(mailbox.mails) == 1
    mailbox.answer = "550 no such user"
    app.button(key="test_channel").click().run()
    assert "no such user" in texts(app) and "mail://" not in texts(app)
    assert list(app.dataframe[0].value["status"]) == ["Failed", "Sent"]


def test_a_bad_url_keeps_the_form_open(db, open_page, developer, mailbox):
    app = open_page(developer, KEY, tab="Channels")
    app.button(key="create_channel").click().run()
    app.text_input(key="channel_name").input("On-call")
    app.text_input(key="channel_url_mail").input("ops")
    app.button(key="channel_submit").click().run()
    assert "not an e-mail address" in app.error[0].value
    assert app.text_input(key="channel_name").value == "On-call"


def test_routes_are_made_moved_switched_and_tried(db, open_page, developer, ops):
    app = open_page(developer, KEY, tab="Channels")
    assert "no route, so nobody is told" in texts(app) and "Nobody: no route matches" in texts(app)
    app.button(key="create_route").click().run()
    app.text_input(key="new_route_name").input("All")
    app.multiselect(key="new_route_channels").select("Ops")
    app.button(key="new_route_submit").click().run()
    assert not app.exception
    assert [list(one.value["channel"]) for one in app.dataframe if "after" in one.value] == [["Ops"]]
    routes.create(SYSTEM, name=LONG[:100], channel_ids=[ops.id])
    first, second = queries.routes(SYSTEM)["id"]
    app.run()
    app.button(key=f"move_1_{second}").click().run()
    assert list(queries.routes(SYSTEM)["id"]) == [second, first]
    app.button(key=f"switch_{first}").click().run()
    assert list(queries.routes(SYSTEM)["is_enabled"]) == [True, False]
    app.button(key=f"delete_route_{first}").click().run()
    app.text_area(key="delete_route_reason").input("Replaced")
    app.button(key="delete_route_submit").click().run()
    assert len(queries.routes(SYSTEM)) == 1


def test_a_channel_in_use_cannot_be_deleted_and_says_why(db, open_page, developer, ops):
    routes.create(SYSTEM, name="All", channel_ids=[ops.id])
    app = open_page(developer, KEY, tab="Channels", channel=str(ops.id))
    app.button(key="delete_channel").click().run()
    app.text_area(key="delete_channel_reason").input("Nobody reads it")
    app.button(key="delete_channel_submit").click().run()
    assert "All" in app.error[0].value and len(queries.channels(SYSTEM)) == 1
