"""On-call: who is there, what is planned, and what is edited with a preview."""

import pytest

from core.reliability.on_call import escalating, pages
from tests.core.reliability.on_call.given import SYSTEM, colleague, incident, policy, schedule

PAGE = "reliability/on_call"


@pytest.fixture
def admin(actor_of):
    return actor_of("admin")


def said(page):
    return " ".join(one.value for one in (*page.markdown, *page.caption, *page.info, *page.error, *page.warning))


@pytest.mark.parametrize("view", ["Now", "Timeline", "Schedules", "Policies", "Pages"])
def test_without_anything_each_view_says_what_to_do(open_page, actor_of, view):
    page = open_page(actor_of("support"), PAGE, view=view)
    assert not page.exception
    assert "There is no schedule yet" in said(page) or "no policy yet" in said(page) or "Nobody was paged" in said(page)
    assert not [one for one in page.button if one.key in ("create_schedule", "create_policy", "override")]


def test_who_may_not_see_it_is_refused(open_page, actor_of):
    assert "does not include" in open_page(actor_of("hotline_operator"), PAGE).error[0].value


def test_now_shows_who_is_there_and_takes_a_page(open_page, actor_of, raw):
    ann, me = colleague("Ann *"), colleague("Me")
    viewer = actor_of("support", operator_id=me)
    schedule("Primary", [ann, me], unit="day")
    schedule("Empty")
    row = pages.page(SYSTEM, incident().id, policy_id=policy((0, [], [ann], [])).id)
    page = open_page(viewer, PAGE)
    assert not page.exception
    assert "**Ann \\***" in said(page)
    assert "Nobody is on call" in said(page)
    assert page.dataframe[0].value["schedule"].unique().tolist() == ["Primary"]
    page.button(key=f"acknowledge_{row.id}").click().run()
    assert not page.exception
    assert raw("SELECT status FROM on_call_page")[0].status == "acknowledged"
    assert not [one for one in page.button if one.key.startswith("acknowledge_")]
    reader = open_page(actor_of("support_tier_1"), PAGE)
    assert not reader.exception


def test_the_timeline_shows_gaps_and_plans_overrides(open_page, admin, raw):
    ann, ben = colleague("Ann"), colleague("Ben")
    made = schedule("Primary", [ann, ben], unit="day")
    page = open_page(admin, PAGE, view="Timeline", span="Month")
    assert not page.exception
    assert "Nobody is on call for" in said(page)
    assert "Nobody stands in" in said(page)
    page.button(key="override").click().run()
    page.button(key="override_submit").click().run()
    assert "Choose who stands in" in page.error[0].value
    page.selectbox(key="override_person").set_value(str(ben)).run()
    page.button(key="override_submit").click().run()
    assert not page.exception
    assert raw("SELECT operator_id FROM on_call_override")[0].operator_id == ben
    page.button(key="swap").click().run()
    page.selectbox(key="swap_first").set_value(2).run()
    page.selectbox(key="swap_second").set_value(3).run()
    page.button(key="swap_submit").click().run()
    assert not page.exception
    assert raw("SELECT count(*) FROM on_call_override")[0][0] == 3
    assert open_page(admin, PAGE, view="Timeline", schedules="Primary", **{"from": "nonsense"}).exception == []
    assert made.id


def test_rotations_are_edited_with_a_preview(open_page, admin, raw):
    ann, ben = colleague("Ann"), colleague("Ben")
    made = schedule("Primary", [ann])
    page = open_page(admin, PAGE, view="Schedules")
    assert page.dataframe[0].value["people"].tolist() == [["Ann"]]
    page.button(key="edit_rotations").click().run()
    assert "Somebody is on call all the time" in said(page)
    (people,) = [one for one in page.multiselect if one.key.endswith("_people")]
    key = people.key.removesuffix("_people")
    people.set_value([]).run()
    assert "at least one colleague" in page.error[0].value
    assert page.button(key="rotations_submit").disabled
    page.multiselect(key=f"{key}_people").set_value([str(ben), str(ann)]).run()
    page.toggle(key=f"{key}_limited").set_value(True).run()
    assert "at least one day's hours" in page.error[0].value.replace("\\\\", "")
    page.text_input(key=f"{key}_day_0").set_value("09:00-17:00").run()
    assert not page.exception
    assert "Nobody is on call for" in said(page)
    page.button(key="rotations_submit").click().run()
    assert not page.exception
    rows = raw("SELECT operator_ids, periods, ends_at FROM on_call_rotation WHERE ends_at IS NULL")
    assert [(row.operator_ids, row.periods) for row in rows] == [([ben, ann], [[0, 540, 1020]])]
    assert made.id


def test_a_schedule_is_created_and_gives_out_a_calendar_once(open_page, admin, raw):
    page = open_page(admin, PAGE, view="Schedules")
    page.button(key="create_schedule").click().run()
    page.text_input(key="new_schedule_name").set_value("Primary")
    page.button(key="new_schedule_submit").click().run()
    assert "Nobody takes turns" in said(page)
    page.button(key="feed").click().run()
    page.button(key="feed_new").click().run()
    assert "/api/on-call/feed/" in page.code[0].value
    page.button(key="feed_taken").click().run()
    assert not page.code
    page.button(key="feed").click().run()
    page.button(key="feed_revoke").click().run()
    assert raw("SELECT feed_digest FROM on_call_schedule")[0].feed_digest is None


def test_a_policy_is_created_edited_and_archived(open_page, admin, raw):
    ann, made = colleague("Ann"), schedule("Primary")
    page = open_page(admin, PAGE, view="Policies")
    page.button(key="create_policy").click().run()
    page.text_input(key="new_policy_name").set_value("SEV1").run()
    page.button(key="new_policy_submit").click().run()
    assert "Step 1 calls nobody" in page.error[0].value
    (chosen,) = [one for one in page.multiselect if one.key.endswith("_schedules")]
    chosen.set_value([str(made.id)]).run()
    page.button(key="add_step").click().run()
    page.multiselect(key=[one.key for one in page.multiselect if one.key.endswith("_operators")][-1]).set_value(
        [str(ann)]
    ).run()
    page.button(key="new_policy_submit").click().run()
    assert not page.exception
    (row,) = raw("SELECT id, steps FROM escalation_policy")
    assert [step["after_minutes"] for step in row.steps] == [0, 10]
    assert "who is on call in Primary" in said(page)
    page.button(key=f"edit_{row.id}").click().run()
    page.number_input(key=f"policy_{row.id}_repeats").set_value(2).run()
    page.button(key="policy_submit").click().run()
    assert raw("SELECT repeats FROM escalation_policy")[0].repeats == 2
    page.button(key=f"archive_{row.id}").click().run()
    page.button(key="archive_policy_submit").click().run()
    assert "no policy yet" in said(page)


def test_the_log_shows_whom_a_page_called(open_page, admin):
    ann = colleague("Ann")
    made = policy((0, [schedule("Empty").id], [ann], []))
    pages.page(SYSTEM, incident().id, policy_id=made.id)
    escalating.escalate(SYSTEM)
    page = open_page(admin, PAGE, view="Pages")
    assert page.dataframe[0].value["status"].tolist() == ["Open"]
    assert not page.exception
