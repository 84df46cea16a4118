"""The feature flags page: its views empty, with rows and forbidden, and what its forms and dialogs do."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.access.operators import actions as operators
from core.access.operators import rules
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.times import utc_now
from core.platform.flags import actions, audience, evaluating, queries
from pages._parts import session
from pages.platform._flags import (
    create,
    differences,
    draft,
    evaluate,
    override,
    proposal,
    saving,
    segment,
    settings,
    stopping,
)
from pages.platform._flags import stale as stale_view
from pages.platform._flags.words import Here
from tests.core.customers.test_tenants import make as make_tenant

KEY = "platform/flags"
UTC = Here(ZoneInfo("UTC"), {})


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    audience.forget()
    evaluating.of.cache_clear()
    yield
    evaluating.of.cache_clear()


@pytest.fixture
def make_flag(db, system) -> Callable[..., Any]:
    def make(key: str = "new-grid", **values: Any) -> Any:
        return actions.create(system, key=key, name=values.pop("name", key.replace("-", " ").capitalize()), **values)

    return make


@pytest.fixture
def production(db, system) -> Callable[..., Any]:
    """The production environment of a flag, changed before when values are given."""

    def of(flag: Any, **values: Any) -> dict[str, Any]:
        here = queries.environments(system, flag.id)["production"]
        if values:
            actions.configure(system, flag.id, "production", version=here["version"], **values)
        return queries.environments(system, flag.id)["production"]

    return of


def _called(function, given):
    function(*given)


@pytest.fixture
def open_dialog(db, monkeypatch) -> Callable[..., AppTest]:
    """Runs one part of a page by itself, at every run again: a dialog stays open so."""

    def opened(function: Any, actor: Any, *given: Any) -> AppTest:
        def look_up() -> Any:
            st.session_state["_actor"] = actor
            return actor

        monkeypatch.setattr(session, "look_up", look_up)
        return AppTest.from_function(_called, args=(function, (actor, *given)), default_timeout=20).run()

    return opened


def told(elements: Any) -> str:
    return " ".join(str(element.value) for element in elements)


EMPTY = {
    "Flags": "There are no flags yet. Create the first one.", "Review": "Nothing waits for review.",
    "Segments": "There are no segments yet.", "Adoption": "There are no flags yet.", "Stale": "No flag is stale",
    "Evaluate": "There are no flags yet.",
}  # fmt: skip


@pytest.mark.parametrize("view", EMPTY)
def test_empty_view_says_so(open_page, actor_of, view):
    app = open_page(actor_of("developer"), KEY, view=view)
    assert not app.exception
    assert EMPTY[view] in told(app.info)


def test_page_refuses_without_the_right(open_page, actor_of):
    app = open_page(actor_of("support_tier_1"), KEY)
    assert "Your role does not include the page Feature flags" in told(app.error)
    assert not app.dataframe


def test_list_shows_state_and_narrows_by_the_address(open_page, actor_of, make_flag, production):
    production(make_flag("alpha"), is_enabled=True, rollout_percentage=30)
    make_flag("beta", kind="multivariate", variants={"a": "1", "b": "2"}, off_variant="a")
    developer = actor_of("developer")
    rows = open_page(developer, KEY).dataframe[0].value.set_index("key")
    assert rows["state"].to_dict() == {"alpha": "Partly on", "beta": "Off"}
    assert rows.loc["alpha", "rollout_percentage"] == 30
    assert list(open_page(developer, KEY, kind="Multivariate").dataframe[0].value["key"]) == ["beta"]
    assert list(open_page(developer, KEY, state="Partly on").dataframe[0].value["key"]) == ["alpha"]
    assert list(open_page(developer, KEY, env="Staging").dataframe[0].value["state"]) == ["Off", "Off"]
    assert "No flag matches" in told(open_page(developer, KEY, q="gamma").info)


def test_long_list_is_paged(open_page, actor_of, make_flag):
    for place in range(51):
        make_flag(f"flag-{place}")
    app = open_page(actor_of("developer"), KEY)
    assert (len(app.dataframe[0].value), "1 to 50 of 51" in told(app.caption)) == (50, True)
    app.button(key="flags_next").click().run()
    assert list(app.dataframe[0].value["key"]) == ["flag-0"]


def test_reader_sees_the_targeting_and_can_change_nothing(open_page, actor_of, make_flag, production):
    flag = make_flag()
    rule = {"conditions": [{"attribute": "plan", "operator": "in", "values": ["pro"]}], "serve": {"variant": "on"}}
    production(flag, is_enabled=True, rules=[rule])
    app = open_page(actor_of("support"), KEY, flag=str(flag.id))
    assert not app.exception
    assert "plan is one of pro → on" in str(app.table[0].value.to_dict())
    labels = {button.label for button in app.button}
    assert labels.isdisjoint({"Create flag", "Settings", "Archive", "Pause", ":red[Kill]", "Add rule"})


@pytest.mark.parametrize("key", ["nonsense", "01990000-0000-7000-8000-000000000000"])
def test_unknown_flag_is_a_sentence(open_page, actor_of, key):
    app = open_page(actor_of("developer"), KEY, flag=key)
    assert "This flag does not exist." in told(app.warning)
    assert not app.exception


def test_what_was_edited_stays_through_another_part_and_is_named(open_page, actor_of, make_flag, production):
    flag = make_flag()
    app = open_page(actor_of("developer"), KEY, flag=str(flag.id))
    app.toggle[0].set_value(True).run()
    app.number_input[0].set_value(30.0).run()
    assert "**Not saved in production:** flag, rollout" in told(app.markdown)
    app.segmented_control(key="part").set_value("History").run()
    app.segmented_control(key="part").set_value("Targeting").run()
    assert app.toggle[0].value is True
    assert app.slider[0].value == 30.0
    app.button(key="discard").click().run()
    assert app.toggle[0].value is False
    assert "Not saved" not in told(app.markdown)
    assert production(flag)["version"] == 1


def test_rules_are_added_moved_and_removed(open_page, actor_of, make_flag):
    app = open_page(actor_of("developer"), KEY, flag=str(make_flag().id))
    for name in ("First", "Second"):
        next(button for button in app.button if button.label == "Add rule").click().run()
        [field for field in app.text_input if field.label == "Description"][-1].set_value(name).run()
    assert [field.value for field in app.text_input if field.label == "Description"] == ["First", "Second"]
    [button for button in app.button if button.help == "Move this rule up"][1].click().run()
    assert [field.value for field in app.text_input if field.label == "Description"] == ["Second", "First"]
    next(button for button in app.button if button.help == "Remove this rule").click().run()
    assert [field.value for field in app.text_input if field.label == "Description"] == ["First"]
    assert not app.exception


def _edited(environment: dict[str, Any], **values: Any) -> draft.Draft:
    base = draft._content(environment)
    return draft.Draft("edited", environment["version"], base, draft.with_uids(base) | values)


def test_preview_shows_before_and_after_and_saves(open_dialog, actor_of, make_flag, production):
    flag = make_flag()
    actor, edited = actor_of("developer"), _edited(production(flag), is_enabled=True, rollout_percentage=25.0)
    app = open_dialog(saving.preview, actor, queries.one(actor, flag.id), production(flag), edited)
    assert app.table[0].value.to_dict("records") == [
        {"Field": "Flag", "Before": "off", "After": "on"}, {"Field": "Rollout", "Before": "0 %", "After": "25 %"}
    ]  # fmt: skip
    app.button(key="save").click().run()
    assert not app.exception
    assert (production(flag)["is_enabled"], production(flag)["rollout_percentage"]) == (True, 25.0)


def test_conflict_says_who_changed_what_and_keeps_mine(open_dialog, actor_of, make_flag, production):
    flag = make_flag()
    actor, edited = actor_of("developer"), _edited(production(flag), rollout_percentage=25.0)
    stored = production(flag)
    production(flag, is_enabled=True)
    app = open_dialog(saving.preview, actor, queries.one(actor, flag.id), stored, edited)
    app.button(key="save").click().run()
    assert "changed" in told(app.warning)
    app.button(key="rebase").click().run()
    assert edited.changes() == {"rollout_percentage": 25.0}
    app.button(key="save").click().run()
    assert (production(flag)["is_enabled"], production(flag)["rollout_percentage"]) == (True, 25.0)


def test_bad_rule_is_a_sentence_and_nothing_is_stored(open_dialog, actor_of, make_flag, production):
    flag = make_flag()
    rule = draft.row(id="r1", description="", segment=None, conditions=[], serve={"variant": "on"}, percentage=100.0)
    actor, edited = actor_of("developer"), _edited(production(flag), rules=[rule])
    app = open_dialog(saving.preview, actor, queries.one(actor, flag.id), production(flag), edited)
    app.button(key="save").click().run()
    assert "Rule 1 matches everybody" in told(app.error)
    assert edited.values["rules"] == [rule]
    assert production(flag)["rules"] == []


def test_protected_flag_is_proposed_and_approved_by_somebody_else(
    open_page, open_dialog, actor_of, make_flag, production
):
    flag = make_flag(is_protected=True)
    ann, bob = actor_of("developer", name="Ann"), actor_of("developer", name="Bob")
    edited = _edited(production(flag), is_enabled=True, rollout_percentage=5.0)
    app = open_dialog(saving.preview, ann, queries.one(ann, flag.id), production(flag), edited)
    app.text_area(key="explanation").set_value("Five percent first").run()
    app.button(key="propose").click().run()
    change_id = str(queries.changes(ann)["id"].iloc[0])
    own = open_page(ann, KEY, view="Review", change=change_id)
    assert "You proposed this, so somebody else decides." in told(own.info)
    assert "approve" not in {button.key for button in own.button}
    other = open_page(bob, KEY, view="Review", change=change_id)
    assert {"Field": "Rollout", "Before": "0 %", "After": "5 %"} in other.table[0].value.to_dict("records")
    open_dialog(proposal.approve, bob, queries.change(bob, UUID(change_id))).button(key="approve_submit").click().run()
    assert (production(flag)["is_enabled"], production(flag)["rollout_percentage"]) == (True, 5.0)


def test_reject_asks_why_and_keeps_the_proposal_without(open_dialog, actor_of, make_flag):
    flag, ann, bob = make_flag(is_protected=True), actor_of("developer"), actor_of("developer")
    made = actions.propose(ann, flag.id, "production", content={"environment": {"is_enabled": True}}, explanation="Now")
    app = open_dialog(proposal.reject, bob, queries.change(bob, made.id))
    app.button(key="reject_submit").click().run()
    assert queries.change(bob, made.id)["outcome"] == "waiting"
    app.text_area(key="reject_reason").set_value("Not before Monday")
    app.button(key="reject_submit").click().run()
    assert queries.change(bob, made.id)["decision_reason"] == "Not before Monday"


def test_review_lists_what_waits_with_a_badge_for_the_other_one(open_page, actor_of, make_flag):
    flag, ann, bob = make_flag(is_protected=True), actor_of("developer"), actor_of("developer")
    actions.propose(ann, flag.id, "production", content={"environment": {"is_enabled": True}}, explanation="Now")
    app = open_page(bob, KEY, view="Review")
    assert list(app.dataframe[0].value["explanation"]) == ["Now"]
    assert "1 to review" in told(app.markdown)


def test_kill_wants_the_key_and_a_reason_in_production(open_dialog, actor_of, make_flag, production):
    flag = make_flag(is_enabled=True)
    actor = actor_of("developer")
    app = open_dialog(stopping.kill, actor, queries.one(actor, flag.id), "production")
    app.text_area(key="kill_reason").set_value("It hurts")
    app.text_input(key="kill_key").set_value("another")
    app.button(key="kill_submit").click().run()
    assert "This is not the key of the flag." in told(app.error)
    assert app.text_area(key="kill_reason").value == "It hurts"
    app.text_input(key="kill_key").set_value(flag.key)
    app.button(key="kill_submit").click().run()
    assert production(flag)["kill_reason"] == "It hurts"


def test_killed_and_paused_are_told_with_reason(open_page, actor_of, make_flag):
    flag, actor = make_flag(is_enabled=True), actor_of("developer", name="Ann")
    actions.pause(actor, flag.id, "staging", reason="Being checked")
    actions.kill(actor, flag.id, "production", reason="It hurts")
    app = open_page(actor, KEY, flag=str(flag.id))
    assert "It hurts" in told(app.error)
    assert {"revive"} <= {button.key for button in app.button}
    assert "Being checked" in told(open_page(actor, KEY, flag=str(flag.id), env="Staging").warning)


def test_revive_and_pause_and_resume_ask_why(open_dialog, actor_of, make_flag, production):
    flag, actor = make_flag(is_enabled=True), actor_of("developer")
    told_flag = queries.one(actor, flag.id)
    actions.kill(actor, flag.id, "production", reason="It hurts")
    for act, verb in ((stopping.revive, "revive"), (stopping.pause, "pause"), (stopping.resume, "resume")):
        app = open_dialog(act, actor, told_flag, "production")
        app.text_area(key=f"{verb}_reason").set_value("Because")
        app.button(key=f"{verb}_submit").click().run()
        assert not app.error
    here = production(flag)
    assert (here["killed_at"], here["paused_at"]) == (None, None)


@pytest.fixture
def ann(system, actor_of, monkeypatch) -> Actor:
    """A developer with an account: who creates a flag owns it."""
    monkeypatch.setattr(rules, "COST", 4)
    given = {"email": "ann@example.com", "name": "Ann", "role": "developer", "password": "a long enough one"}
    return actor_of("developer", operator_id=operators.create(system, **given).id, name="Ann")


def test_create_checks_the_key_at_once_and_keeps_what_was_typed(open_dialog, ann, make_flag):
    make_flag("taken", name="The first")
    app = open_dialog(create.form, ann)
    app.text_input(key="new_key").set_value("No Key").run()
    assert "Write the key in small letters" in told(app.caption)
    app.text_input(key="new_key").set_value("taken").run()
    assert "belongs to The first" in told(app.caption)
    app.text_input(key="new_key").set_value("free-one").run()
    app.button(key="new_submit").click().run()
    assert "Give a name" in told(app.error)
    assert app.text_input(key="new_key").value == "free-one"
    app.text_input(key="new_name").set_value("Free").run()
    app.button(key="new_submit").click().run()
    assert queries.one(ann, queries.by_key(ann, "free-one"))["owner"] == "Ann"


def test_create_takes_variants_as_numbers_where_all_are(open_dialog, ann):
    app = open_dialog(create.form, ann)
    app.segmented_control(key="new_kind").set_value("multivariate").run()
    app.text_input(key="new_key").set_value("limit").run()
    app.text_input(key="new_name").set_value("Limit").run()
    for field, value in zip([one for one in app.text_input if one.label == "Value"], ("10", "20"), strict=True):
        field.set_value(value)
    app.run().button(key="new_submit").click().run()
    assert queries.one(ann, queries.by_key(ann, "limit"))["variants"] == {"control": 10, "treatment": 20}


def test_settings_save_and_say_what_is_no_json(open_dialog, actor_of, make_flag):
    flag, actor = make_flag(), actor_of("developer")
    app = open_dialog(settings.form, actor, queries.one(actor, flag.id))
    app.text_area(key="edit_config").set_value("{limit").run()
    app.button(key="edit_submit").click().run()
    assert "What you wrote as settings is no JSON" in told(app.error)
    app.text_area(key="edit_config").set_value('{"limit": 5}').run()
    app.button(key="edit_submit").click().run()
    assert queries.one(actor, flag.id)["config"] == {"limit": 5}


def test_settings_of_a_protected_flag_are_proposed(open_dialog, actor_of, make_flag):
    flag, actor = make_flag(is_protected=True), actor_of("developer")
    app = open_dialog(settings.form, actor, queries.one(actor, flag.id))
    app.text_area(key="edit_config").set_value('{"limit": 5}').run()
    app.text_input(key="edit_explanation").set_value("More of it").run()
    app.button(key="edit_submit").click().run()
    assert queries.one(actor, flag.id)["config"] == {}
    assert list(queries.changes(actor)["explanation"]) == ["More of it"]


def test_override_is_set_shown_and_cleared(open_page, open_dialog, actor_of, system, make_flag):
    tenant, flag, actor = make_tenant(system, "Alpha"), make_flag(), actor_of("super_admin")
    app = open_dialog(override.form, actor, queries.one(actor, flag.id), "production")
    app.button(key="override_submit").click().run()
    assert "Choose a tenant" in told(app.error)
    app.selectbox(key="override_tenant").set_value(str(tenant.id)).run()
    app.text_input(key="override_reason").set_value("Asked for it").run()
    app.button(key="override_submit").click().run()
    assert not app.exception
    listed = open_page(actor, KEY, flag=str(flag.id), part="Overrides").dataframe[0].value
    assert (listed["tenant"].iloc[0], listed["variant"].iloc[0]) == ("Alpha", "on")
    there = open_page(actor, "customers/tenants", tenant=str(tenant.id), tab="features")
    assert "Feature flags" in [header.value for header in there.subheader]
    assert list(there.dataframe[0].value["own"]) == ["Override"]
    cleared = open_dialog(override.clear, actor, queries.one(actor, flag.id), "production", str(tenant.id), "Alpha")
    cleared.button(key="clear_submit").click().run()
    assert queries.overrides(actor, flag_id=flag.id).empty


def test_who_has_it_names_tenants_for_those_who_may_see_them(open_page, actor_of, system, make_flag, production):
    make_tenant(system, "Alpha", tier="pro")
    make_tenant(system, "Beta", tier="basic")
    flag = make_flag()
    rule = {"conditions": [{"attribute": "plan", "operator": "in", "values": ["pro"]}], "serve": {"variant": "on"}}
    production(flag, is_enabled=True, rules=[rule])
    admin = actor_of("super_admin")
    rows = open_page(admin, KEY, flag=str(flag.id), part="Who has it").dataframe[0].value.set_index("tenant")
    assert rows["variant"].to_dict() == {"Alpha": "on", "Beta": "off"}
    found = open_page(admin, KEY, flag=str(flag.id), part="Who has it", gets="on").dataframe[0].value
    assert list(found["tenant"]) == ["Alpha"]
    figures = open_page(actor_of("developer"), KEY, flag=str(flag.id), part="Who has it")
    assert not figures.dataframe
    assert "how many tenants have it" in told(figures.info)


def test_segments_are_listed_and_made(open_page, open_dialog, actor_of):
    actor = actor_of("developer")
    app = open_dialog(segment.form, actor, None)
    app.text_input(key="segment_key").set_value("pros").run()
    app.text_input(key="segment_name").set_value("Pros").run()
    next(button for button in app.button if button.label == "Add condition").click().run()
    app.button(key="segment_submit").click().run()
    assert "Give 1 to" in told(app.error)
    app.multiselect[0].set_value(["pro"]).run()
    app.button(key="segment_submit").click().run()
    assert list(open_page(actor, KEY, view="Segments").dataframe[0].value["told"]) == ["plan is one of pro"]


def test_evaluate_says_what_and_why(open_page, actor_of, system, make_flag, production):
    tenant, flag = make_tenant(system, "Alpha"), make_flag()
    production(flag, is_enabled=True, rollout_percentage=100)
    app = open_page(actor_of("super_admin"), KEY, view="Evaluate", evaluate=flag.key)
    app.selectbox(key="evaluate_tenant").set_value(str(tenant.id)).run()
    assert "On for everybody." in told(app.markdown)
    assert "on" in [header.value for header in app.subheader]
    assert "inside of the rollout to 100 %" in app.progress[0].text
    app.text_area(key="evaluate_attributes").set_value("no sign").run()
    assert "Line 1 is not like key=value." in told(app.error)
    assert not app.exception


def test_attributes_are_read_as_what_they_look_like():
    assert evaluate.attributes("a=1\n\nb = 2.5\nc=true\nd=1.2.3") == {"a": 1, "b": 2.5, "c": True, "d": "1.2.3"}
    with pytest.raises(Invalid, match="Line 2"):
        evaluate.attributes("a=1\n=2")


def test_adoption_lists_flags_and_draws_a_day(open_page, actor_of, make_flag, raw):
    flag = make_flag()
    raw(
        "INSERT INTO flag_exposure (flag_id, environment, day, variant, evaluations, last_at)"
        " VALUES (:flag, 'production', current_date, 'on', 7, now())",
        flag=flag.id,
    )
    app = open_page(actor_of("developer"), KEY, view="Adoption")
    assert int(app.dataframe[0].value["evaluations_7d"].iloc[0]) == 7
    assert len(app.get("plotly_chart")) == 1
    own = open_page(actor_of("developer"), KEY, flag=str(flag.id), part="Adoption")
    assert [metric.value for metric in own.metric] == ["7"]
    none = open_page(actor_of("developer"), KEY, flag=str(flag.id), part="Adoption", env="Staging")
    assert "Nobody asked for this flag" in told(none.info)


def test_stale_flags_are_archived_together(open_page, open_dialog, actor_of, make_flag):
    actor = actor_of("developer")
    for key in ("old-one", "old-two"):
        make_flag(key, expires_on=utc_now().date() - timedelta(days=3))
    app = open_page(actor, KEY, view="Stale")
    assert set(app.dataframe[0].value["key"]) == {"old-one", "old-two"}
    dialog = open_dialog(stale_view.archive_many, actor, queries.stale(actor))
    dialog.button(key="archive_many_submit").click().run()
    assert "Say why" in told(dialog.error)
    dialog.text_area(key="archive_many_reason").set_value("Gone from the code")
    dialog.button(key="archive_many_submit").click().run()
    assert queries.count(actor, queries.Filters()) == 0
    assert queries.count(actor, queries.Filters(is_archived=True)) == 2


def test_history_tells_before_and_after(open_page, actor_of, make_flag, production):
    flag = make_flag()
    production(flag, is_enabled=True, rollout_percentage=40)
    rows = open_page(actor_of("developer"), KEY, flag=str(flag.id), part="History").dataframe[0].value
    assert list(rows["action"]) == ["Configure", "Create"]
    assert "Rollout: 0 % → 40 %" in rows["told"].iloc[0]


def test_differences_name_rules_that_came_went_moved_and_changed():
    def rule(key: str, percentage: float = 100.0) -> dict[str, Any]:
        given = {"id": key, "description": key, "segment": "eu", "conditions": []}
        return given | {"serve": {"variant": "on"}, "percentage": percentage}

    before, after = [rule("a"), rule("b"), rule("c")], [rule("c"), rule("b", 50.0), rule("d")]
    found = differences.of_fields([("rules", before, after)], UTC)
    assert [one.field for one in found] == ["Rule 1 removed", "Rule 3 added", "Rule 2", "Order of the rules"]
    assert found[2].after == "b: segment eu → on for 50 % of them"
    assert (found[3].before, found[3].after) == ("2, 3", "3, 2")


def test_draft_is_unchanged_by_what_widgets_add():
    rows = draft.with_uids([{"at": "2030-01-01T01:00:00+01:00", "percentage": 5.0, "applied_at": None}])
    assert draft.stored(rows) == [{"at": "2030-01-01T00:00:00+00:00", "percentage": 5.0, "applied_at": None}]
    assert rows[0]["uid"]


def test_search_and_home_lead_to_flags(open_page, actor_of, make_flag):
    flag, ann, bob = make_flag("alpha", is_protected=True), actor_of("developer"), actor_of("developer")
    make_flag("old", expires_on=utc_now().date() - timedelta(days=3))
    actions.propose(ann, flag.id, "production", content={"environment": {"is_enabled": True}}, explanation="Now")
    app = open_page(bob)
    assert {"Flag changes to review": "1", "Stale flags": "1"}.items() <= {
        one.label: one.value for one in app.metric
    }.items()
    app.text_input(key="search").set_value("alph").run()
    assert "Alpha" in [link.label for link in app.page_link]


def test_archived_flag_shows_what_it_was_and_can_be_restored(open_page, actor_of, make_flag):
    flag, actor = make_flag(), actor_of("developer")
    actions.archive(actor, flag.id, reason="Gone")
    app = open_page(actor, KEY, flag=str(flag.id))
    assert app.segmented_control(key="part").options == ["Targeting", "History"]
    assert not app.exception
    app.button(key="restore").click().run()
    assert queries.one(actor, flag.id)["archived_at"] is None
