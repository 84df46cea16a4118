"""The directory page: empty, with rows, forbidden, filters and order in the address, many at once, edits that are kept."""

from core.customers.summaries.recomputing import recompute
from core.customers.tenants import queries
from core.customers.tenants.bulk import tag_many
from pages.customers._directory.columns import COLUMNS, FIRST, shown
from tests.core.customers.test_directory import emma  # noqa: F401  (a fixture)
from tests.core.customers.test_tenants import make
from tests.core.kernel.test_writes import make_tenant

KEY = "customers/tenants"


def grid(app):
    return next(one.value for one in app.dataframe if "name" in one.value)


def test_empty_directory_says_what_to_do(open_page, actor_of):
    app = open_page(actor_of("admin"), KEY)
    assert [info.value for info in app.info] == ["There are no tenants yet. Create the first one."]
    app = open_page(actor_of("client_success"), KEY)
    assert [info.value for info in app.info] == ["There are no tenants in your sight yet."]


def test_directory_is_not_for_everybody(open_page, actor_of):
    app = open_page(actor_of("developer"), KEY)
    assert "tenants:read" in app.error[0].value
    assert "text" not in {one.key for one in app.text_input}


def test_directory_shows_figures_filters_and_says_when_nothing_matches(open_page, actor_of, system):
    make_tenant(system, "Alpha", region="EU", seats=2)
    make_tenant(system, "Beta", region="US")
    admin = actor_of("admin")
    app = open_page(admin, KEY)
    assert any("has not run yet" in one.value for one in app.caption)
    recompute(system)
    app.run()
    frame = grid(app)
    assert list(frame.columns) == list(FIRST)
    assert set(frame["name"]) == {"Alpha", "Beta"}
    assert set(frame["seats_used"]) == {"0 of 2", "0 of 10"}
    assert any(one.value.startswith("Figures of") for one in app.caption)
    app.text_input(key="text").set_value("lph").run()
    assert list(grid(app)["name"]) == ["Alpha"]
    app.text_input(key="text").set_value("zzz").run()
    assert "No tenant matches" in app.info[0].value
    assert not app.exception


def test_filters_columns_and_order_come_from_the_address(open_page, actor_of, system, emma):  # noqa: F811  (the fixture)
    for place, name in enumerate(("beta", "Alpha", "gamma", "delta")):
        make_tenant(
            system, name, region="US" if place < 3 else "EU", csm_id=emma if place else None, tags=["vip"] * (place > 0)
        )
    app = open_page(actor_of("admin"), KEY, region="US", csm="Emma", tag="vip", sort="Name", order="Ascending")
    assert list(grid(app)["name"]) == ["Alpha", "gamma"]
    app.multiselect(key="columns").set_value(["mrr", "tags"]).run()
    assert list(grid(app).columns) == ["name", "mrr", "tags"]
    app.multiselect(key="csm").set_value(["Nobody"]).run()
    app.multiselect(key="tag").set_value([]).run()
    assert list(grid(app)["name"]) == ["beta"]
    assert not app.exception


def test_what_a_role_may_not_see_is_no_column(open_page, actor_of, system):
    make_tenant(system)
    offers = {
        role: set(open_page(actor_of(role), KEY).multiselect(key="columns").options)
        for role in ("admin", "hotline_operator")
    }
    assert {"MRR", "Revenue", "Seats used"} <= offers["admin"]
    assert offers["admin"] - offers["hotline_operator"] >= {"MRR", "Revenue", "Seats used", "Open alerts", "Errors"}


def test_reader_can_neither_edit_nor_change_many(open_page, actor_of, system):
    make_tenant(system)
    app = open_page(actor_of("support"), KEY)
    keys = {button.key for button in app.button}
    assert not keys & {"create", "many_tag", "many_csm", "many_plan"}
    assert "mode" not in {one.key for one in app.segmented_control}


def test_pages_follow_each_other_in_any_order(open_page, actor_of, system, monkeypatch):
    monkeypatch.setattr("pages._parts.paging.SIZE", 2)
    for name in ("c", "a", "e", "b", "d"):
        make_tenant(system, name)
    app = open_page(actor_of("admin"), KEY, sort="MRR", order="Descending")
    seen = list(grid(app)["name"])
    for _ in range(2):
        app.button(key="tenants_next").click().run()
        seen += list(grid(app)["name"])
    assert sorted(seen) == ["a", "b", "c", "d", "e"]
    assert "5 to 5 of 5" in [one.value for one in app.caption]
    app.selectbox(key="sort").set_value("name").run()
    assert app.button(key="tenants_previous").disabled


def test_chosen_rows_are_counted_and_those_of_other_filters_are_not(open_page, actor_of, system):
    for name in ("Alpha", "Beta"):
        make_tenant(system, name)
    app = open_page(actor_of("admin"), KEY, sort="Name", order="Ascending")
    assert app.button(key="many_tag").disabled
    key = "tenants_" + app.dataframe[0].proto.id.rsplit("-tenants_", 1)[1]
    app.session_state[key] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()
    assert "1 chosen" in [one.value for one in app.caption]
    app.button(key="many_tag").click().run()
    assert list(app.dataframe[1].value["Tenant"]) == ["Beta"]
    app.text_input(key="text").set_value("alp").run()
    assert app.button(key="many_tag").disabled
    assert not app.exception


def test_all_that_match_are_tagged_and_each_has_its_result(open_page, actor_of, system, raw):
    for place in range(3):
        make_tenant(system, f"T{place}", tags=[f"t{n}" for n in range(20)] if place == 1 else [])
    make_tenant(system, "Other")
    app = open_page(actor_of("admin"), KEY, text="t")
    app.text_input(key="text").set_value("T").run()
    app.toggle(key="tenants_all").set_value(True).run()
    app.button(key="many_tag").click().run()
    assert app.button(key="tag_submit").disabled
    app.multiselect(key="tag_remove").set_value(["t0"]).run()
    assert "1 of 4 change." in [one.value for one in app.caption]
    app.button(key="tag_submit").click().run()
    assert raw("SELECT cardinality(tags) FROM tenant WHERE name = 'T1'")[0].cardinality == 19
    assert any("Done for 4 of 4" in one.value for one in app.markdown)
    app.button(key="many_results_close").click().run()
    assert not app.exception


def test_csm_of_many_is_assigned_and_who_may_not_is_told(open_page, actor_of, system, raw, emma):  # noqa: F811
    for place in range(2):
        make_tenant(system, f"T{place}")
    app = open_page(actor_of("admin"), KEY)
    app.toggle(key="tenants_all").set_value(True).run()
    app.button(key="many_csm").click().run()
    assert app.button(key="csm_submit").disabled
    app.selectbox(key="csm_choice").set_value("Emma").run()
    app.button(key="csm_submit").click().run()
    assert {row.csm_id for row in raw("SELECT csm_id FROM tenant")} == {emma}
    assert set(grid(app)["csm"]) == {"Emma"}
    assert not app.exception


def test_every_column_can_be_shown(db, system):
    tenant = make_tenant(system)
    tag_many(system, [tenant.id], add=["vip"])
    frame = shown(queries.directory(system, queries.Filters()).frame, COLUMNS)
    assert list(frame.columns) == list(COLUMNS)
    assert frame["status"][0] == ["Active"]


def test_plan_of_many_is_shown_beforehand_and_changed(open_page, actor_of, system, raw):
    make(system, "Paying", tier="basic")
    make_tenant(system, "Without a subscription")
    app = open_page(actor_of("admin"), KEY)
    app.toggle(key="tenants_all").set_value(True).run()
    app.button(key="many_plan").click().run()
    app.selectbox(key="plan_key").set_value("pro").run()
    assert [one.value for one in app.caption if one.value.startswith("1 of 2 change: +")]
    assert list(app.dataframe[1].value["problem"].notna()) == [False, True]
    app.button(key="plan_submit").click().run()
    assert raw("SELECT tier FROM tenant WHERE name = 'Paying'")[0].tier == "pro"
    assert any("Done for 1 of 1" in one.value for one in app.markdown)
    assert not app.exception
