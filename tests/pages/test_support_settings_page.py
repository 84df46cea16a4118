"""The SLA settings, and the clock panel of a ticket."""

from datetime import date, timedelta

import pytest

from core.support.sla import actions, queries
from core.support.teams import actions as team_actions
from pages.support._settings.replay import last_quarter
from tests.core.support.sla.conftest import NOW, _opening, ticket_of  # noqa: F401  (fixtures)
from tests.pages.test_support_queue_page import signed  # noqa: F401  (a fixture)

PAGE = "support/settings"


@pytest.fixture
def admin(actor_of):
    return actor_of("support_admin")


def standard(admin):
    return queries.policies(admin)["id"].iloc[0]


def test_a_calendar_is_shown_as_its_week_and_edited_after_a_preview(open_page, admin, raw):
    calendar = actions.create_calendar(
        admin, name="Berlin *", time_zone="Europe/Berlin", periods=[[0, 540, 720]], holidays={"2026-12-25": "Fair"}
    )
    page = open_page(admin, PAGE, calendar="Berlin *")
    assert not page.exception
    assert page.dataframe[0].value["name"].tolist() == ["Fair"]
    page.button(key="edit_calendar").click().run()
    assert page.button(key="calendar_submit").disabled
    page.text_input(key="calendar_day_0").set_value("nine").run()
    assert "Monday: write hours as" in page.error[0].value
    page.text_input(key="calendar_day_0").set_value("09:00-12:00, 13:00-17:00").run()
    page.button(key="calendar_preview").click().run()
    assert not page.button(key="calendar_submit").disabled
    page.text_input(key="calendar_name").set_value("Berlin").run()
    assert page.button(key="calendar_submit").disabled
    page.button(key="calendar_preview").click().run()
    page.button(key="calendar_submit").click().run()
    assert not page.exception
    (row,) = raw("SELECT name, periods FROM sla_calendar WHERE id = :id", id=calendar.id)
    assert (row.name, row.periods) == ("Berlin", [[0, 540, 720], [0, 780, 1020]])


def test_a_calendar_is_created_and_archived(open_page, admin, raw):
    page = open_page(admin, PAGE)
    page.button(key="create_calendar").click().run()
    page.text_input(key="new_calendar_name").set_value("Night").run()
    page.button(key="new_calendar_submit").click().run()
    (night,) = raw("SELECT id, periods FROM sla_calendar WHERE name = 'Night'")
    assert len(night.periods) == 5
    page = open_page(admin, PAGE, calendar="Night")
    page.button(key="archive_calendar").click().run()
    page.button(key="archive_calendar_submit").click().run()
    assert raw("SELECT archived_at FROM sla_calendar WHERE id = :id", id=night.id)[0].archived_at is not None


def test_an_edit_of_a_policy_shows_the_tickets_that_it_would_breach(open_page, admin, raw, ticket_of):  # noqa: F811
    ticket_of((0.1, "reply"), hours_ago=3, subject="**Slow**")
    page = open_page(admin, PAGE, part="Policies", policy=standard(admin))
    assert page.dataframe[0].value.loc["Urgent", "Resolution"] == "4 h"
    page.button(key="edit_policy").click().run()
    page.number_input(key="policy_medium_resolution").set_value(2.5).run()
    page.button(key="policy_preview").click().run()
    assert "**1** newly breached" in " ".join(one.value for one in page.markdown)
    breached = next(one.value for one in page.dataframe if "number" in one.value)
    assert breached[["number", "subject", "before", "after"]].values.tolist() == [
        ["QD-000001", "**Slow**", "On time", "Overdue"]
    ]
    page.button(key="policy_submit").click().run()
    assert not page.exception
    targets = raw("SELECT targets FROM sla_policy")[0].targets
    assert (targets["medium"]["resolution"], targets["low"]["resolution"]) == (9000, 48 * 3600)
    assert raw("SELECT sla_state FROM ticket")[0].sla_state == "ok"


def test_a_policy_is_created_and_reapplied(open_page, admin, raw, ticket_of):  # noqa: F811
    ticket_of(hours_ago=3, channel="email")
    page = open_page(admin, PAGE, part="Policies")
    assert page.dataframe[0].value["holds_for"].tolist() == ["every ticket"]
    page.button(key="create_policy").click().run()
    page.text_input(key="new_policy_name").set_value("Mail")
    page.multiselect(key="new_policy_channel").set_value(["email"])
    page.number_input(key="new_policy_medium_first_response").set_value(1).run()
    page.button(key="new_policy_preview").click().run()
    page.button(key="new_policy_submit").click().run()
    assert raw("SELECT conditions FROM sla_policy WHERE name = 'Mail'")[0].conditions == {"channel": ["email"]}
    page.button(key="reapply").click().run()
    page.button(key="reapply_submit").click().run()
    assert "Say why" in page.error[0].value
    page.text_area(key="reapply_reason").set_value("Contract").run()
    page.button(key="reapply_submit").click().run()
    assert raw("SELECT sla_state FROM ticket")[0].sla_state == "breached"


def test_a_replay_tells_the_shares(open_page, admin, ticket_of):  # noqa: F811
    today = NOW.date()
    page = open_page(admin, PAGE, part="Replay")
    page.button(key="replay_submit").click().run()
    assert "No ticket of this period" in page.info[0].value
    ticket_of((3, "status", "resolved", "open"), hours_ago=5, priority="urgent")
    key = standard(admin)
    page.date_input(key="replay_period").set_value((today - timedelta(days=2), today))
    page.number_input(key=f"replay_{key}_urgent_resolution").set_value(2)
    page.button(key="replay_submit").click().run()
    (row,) = [one for one in page.dataframe[0].value.to_dict("records") if one["target"] == "Resolution"]
    assert row == {
        "priority": "Urgent",
        "target": "Resolution",
        "tickets": 1,
        "before": 1.0,
        "after": 0.0,
        "change": "-100.0",
    }


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 1, 1), date(2025, 10, 1), date(2025, 12, 31)),
        (date(2026, 11, 21), date(2026, 7, 1), date(2026, 9, 30)),
    ],
)
def test_the_last_quarter_is_a_whole_one(today, first, last):
    assert last_quarter(today) == (first, last)


def test_teams_are_created_and_shown(open_page, admin, raw):
    page = open_page(admin, PAGE, part="Teams and agents")
    assert [one.value for one in page.info] == [
        "There is no team yet. Create the first one.", "Nobody is an agent yet. Add the first one.",
    ]  # fmt: skip
    page.button(key="create_team").click().run()
    page.text_input(key="new_team_name").set_value("First line")
    page.button(key="new_team_submit").click().run()
    assert [row.name for row in raw("SELECT name FROM support_team")] == ["First line"]
    assert page.dataframe[0].value["name"].tolist() == ["First line"]


def test_who_only_reads_sees_no_buttons_and_others_nothing(open_page, actor_of, admin):
    team_actions.create_team(admin, name="First line")
    for part in ("Calendars", "Policies", "Teams and agents"):
        page = open_page(actor_of("support"), PAGE, part=part)
        assert not page.exception
        labels = {one.label for one in page.button}
        assert not labels & {"Create calendar", "Edit", "Archive", "Create policy", "Create team", "Add agent"}
    page = open_page(actor_of("hotline_operator"), PAGE)
    assert "support_settings:read" in page.error[0].value


def test_the_clock_of_a_ticket_is_explained(open_page, signed, ticket_of):  # noqa: F811
    ticket = ticket_of((1, "status", "waiting", "open"), (3, "status", "in_progress", "waiting"), hours_ago=5)
    page = open_page(signed(), "support/ticket", id=str(ticket.id), tab="clock")
    assert not page.exception
    table = next(one.value for one in page.dataframe if "rule" in one.value)
    assert table["what"].tolist() == ["Ran", "Paused", "Ran"]
    assert table["cause"].tolist()[1] == "From here on it waits for the customer"
    assert table["counted"].tolist()[:2] == ["1 h", "–"]
