"""The users page and the tenant's tab: find, choose, deactivate, invite; masked for those who may not see names."""

import pandas as pd
import pytest

from core.access.operators import actions as operators
from core.access.operators import rules as operator_rules
from core.access.views import actions as views
from core.customers.users.models import TenantUser
from core.customers.users.queries import Filters
from core.kernel.writes import write
from tests.core.customers.test_tenants import make

KEY = "customers/users"


@pytest.fixture
def acme(db, system):
    tenant = make(system, "Acme", seats=3)
    people = [("Ann Admin", True), ("Zoé Quinn", False), ("Bo Berg", False)]
    with write(system, "users.create") as tx:
        for place, (name, is_admin) in enumerate(people):
            tx.add(TenantUser(tenant_id=tenant.id, email=f"p{place}@acme.example", name=name, is_admin=is_admin))
    return tenant


def shown(app) -> pd.DataFrame:
    return app.dataframe[0].value


def test_page_lists_filters_and_says_when_nobody_matches(open_page, actor_of, acme):
    app = open_page(actor_of("support"), KEY)
    assert set(shown(app)["name"]) == {"Ann Admin", "Zoé Quinn", "Bo Berg"}
    app.text_input(key="text").set_value("quinn").run()
    assert list(shown(app)["name"]) == ["Zoé Quinn"]
    app.text_input(key="text").set_value("nobody").run()
    assert "Nobody matches" in app.info[0].value
    app = open_page(actor_of("support"), KEY, admins="true")
    assert list(shown(app)["role"]) == ["Administrator"]
    assert not app.exception


def test_list_is_sorted_by_who_was_seen_last_and_those_never_seen_come_last(open_page, actor_of, acme, raw):
    raw("UPDATE tenant_user SET last_seen_at = now() - interval '1 day' WHERE email = 'p1@acme.example'")
    raw("UPDATE tenant_user SET last_seen_at = now() WHERE email = 'p2@acme.example'")
    assert list(shown(open_page(actor_of("support"), KEY, sort="Seen last"))["name"]) == [
        "Bo Berg", "Zoé Quinn", "Ann Admin"
    ]  # fmt: skip
    raw("UPDATE tenant_user SET created_at = now() - interval '1 year' WHERE name = 'Ann Admin'")
    oldest = shown(open_page(actor_of("support"), KEY, sort="Oldest"))
    assert oldest["name"].iloc[0] == "Ann Admin"


def test_empty_page_says_so(open_page, actor_of):
    assert open_page(actor_of("support"), KEY).info[0].value == "There are no people yet."


def test_names_are_masked_without_the_right(open_page, actor_of, acme):
    app = open_page(actor_of("support_tier_1"), KEY)
    text = shown(app).to_string()
    assert not any(part in text for part in ("Zoé", "Quinn", "p1@"))
    assert shown(app)["name"].nunique() == 3
    assert any("masked" in one.value for one in app.caption)
    app.text_input(key="text").set_value("quinn").run()
    assert "Nobody matches" in app.info[0].value
    app.text_input(key="text").set_value("P1@acme.example").run()
    assert len(shown(app)) == 1


def choose(app, *names: str):
    """Chooses people of the grid, as clicks would."""
    rows = [place for place, name in enumerate(shown(app)["name"]) if name in names]
    app.session_state[f"users_0_0_{hash((Filters(), 'newest'))}"] = {
        "selection": {"rows": rows, "columns": [], "cells": []}
    }
    return app.run()


def test_several_are_deactivated_each_on_its_own(open_page, actor_of, acme, raw):
    app = choose(open_page(actor_of("admin"), KEY), "Ann Admin", "Bo Berg")
    app.button(key="users_deactivate").click().run()
    assert "Ann Admin" in app.markdown[-1].value
    app.button(key="deactivate_submit").click().run()
    assert app.error[0].value == "Say why in a few words."
    app.text_area(key="deactivate_reason").set_value("Left")
    app.button(key="deactivate_submit").click().run()
    assert [one.value for one in app.error] == []
    assert [row.name for row in raw("SELECT name FROM tenant_user WHERE deactivated_at IS NOT NULL")] == ["Bo Berg"]
    refusals = app.dataframe[-1].value
    assert list(refusals["Name"]) == ["Ann Admin"]
    assert "last active administrator" in refusals["Why"].iloc[0]
    app.button(key="users_dismiss").click().run()
    assert not app.exception
    assert len(app.dataframe) == 1


def test_people_without_the_right_to_change_have_nothing_to_choose(open_page, actor_of, acme):
    app = open_page(actor_of("support"), KEY)
    assert not [one for one in app.button if one.label in ("Deactivate", "Activate", "Reset invitation")]
    assert not any("Select people" in one.value for one in app.caption)


def test_export_without_the_right_is_a_sentence_and_a_trace(open_page, actor_of, acme, raw):
    app = open_page(actor_of("support_tier_2"), KEY)
    app.button(key="users_export_refused").click().run()
    assert "it takes exports:create" in app.error[0].value
    assert raw("SELECT outcome FROM audit_entry WHERE action = 'exports.create'")[0].outcome == "denied"


def test_tab_of_a_tenant_shows_its_people_and_seats(open_page, actor_of, acme, system):
    other = make(system, "Other")
    with write(system, "users.create") as tx:
        tx.add(TenantUser(tenant_id=other.id, email="x@other.example", name="Somebody Else"))
    app = open_page(actor_of("admin"), "customers/tenants", tenant=str(acme.id), tab="users")
    assert not app.exception
    assert {one.label: one.value for one in app.metric}["Seats used"] == "3 of 3"
    assert "All seats are taken" in app.info[0].value
    assert set(shown(app)["name"]) == {"Ann Admin", "Zoé Quinn", "Bo Berg"}
    assert "tenant" not in shown(app)


@pytest.fixture
def ann(system, actor_of, monkeypatch):
    monkeypatch.setattr(operator_rules, "COST", 4)
    made = operators.create(system, email="ann@a.example", name="Ann", role="admin", password="correct horse battery")
    return actor_of("admin", operator_id=made.id)


def test_the_view_that_opens_by_itself_narrows_the_page_until_it_is_left(open_page, ann, acme):
    view = views.create(ann, page=KEY, name="Quinns", query={"text": ["quinn"]})
    views.make_default(ann, view.id)
    app = open_page(ann, KEY)
    assert list(shown(app)["name"]) == ["Zoé Quinn"]
    assert app.text_input(key="text").value == "quinn"
    app = open_page(ann, KEY, saved="none")
    assert len(shown(app)) == 3
