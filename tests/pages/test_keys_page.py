"""The page of API keys: empty, with rows, forbidden, and what its forms do."""

from datetime import timedelta

import pytest

from core.kernel.times import utc_now
from core.platform.keys import actions, format, queries
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.platform.test_keys import make

KEY = "platform/keys"
OWN = {"account", "sign_out"}


def buttons(app) -> set:
    return {button.key for button in app.button} - OWN


def errors(app) -> list[str]:
    return [error.value for error in app.error]


def test_without_keys_it_says_what_to_do(open_page, actor_of):
    app = open_page(actor_of("developer"), KEY)
    assert not app.exception
    assert "no API keys yet" in app.info[0].value
    assert "create" in buttons(app)


def test_it_lists_filters_and_flags(open_page, actor_of, system):
    tenant = make_tenant(system, "Acme")
    make(system, "Sync", tenant_id=tenant.id, expires_at=utc_now() + timedelta(days=50))
    make(system, "Forever", mode="test")
    app = open_page(actor_of("admin"), KEY)
    rows = app.dataframe[0].value.set_index("name")
    assert (rows.loc["Sync", "owner"], rows.loc["Forever", "owner"]) == ("Acme", "Platform")
    assert list(rows.loc["Forever", "flags"]) == ["Never expires"] and not list(rows.loc["Sync", "flags"])
    assert rows.loc["Sync", "masked"].startswith("iris_live_…")
    app = open_page(actor_of("admin"), KEY, flag="Any flag")
    assert list(app.dataframe[0].value["name"]) == ["Forever"]
    app = open_page(actor_of("admin"), KEY, text="syn")
    assert list(app.dataframe[0].value["name"]) == ["Sync"]
    app.text_input(key="text").set_value("zzz").run()
    assert "No key matches" in app.info[0].value
    assert app.query_params["text"] == "zzz"


def test_a_whole_key_is_found_and_stays_out_of_the_address(open_page, actor_of, system):
    issued = make(system, "Leaked")
    make(system, "Other")
    app = open_page(actor_of("developer"), KEY)
    app.text_input(key="text").set_value(issued.key).run()
    assert list(app.dataframe[0].value["name"]) == ["Leaked"]
    assert "revoke it" in app.warning[0].value
    assert "text" not in app.query_params


def test_the_search_box_finds_a_leaked_key(open_page, actor_of, system):
    issued = make(system, "Leaked")
    app = open_page(actor_of("developer"))
    app.text_input(key="search").set_value(issued.key).run()
    links = [link.proto.label for link in app.get("page_link")]
    assert "Leaked" in links
    assert not app.exception


def test_a_stranger_sees_no_page_and_a_reader_no_buttons(open_page, actor_of, system):
    key_id = str(make(system).row.id)
    app = open_page(actor_of("hotline_operator"), KEY)
    assert "api_keys:read" in app.error[0].value and not app.dataframe
    app = open_page(actor_of("admin"), KEY, key_id=key_id)
    assert buttons(app) == {"back"}
    assert not app.exception


def test_create_shows_the_key_once(open_page, actor_of, raw):
    app = open_page(actor_of("super_admin"), KEY)
    app.button(key="create").click().run()
    app.button(key="new_submit").click().run()
    assert any("name" in error for error in errors(app)) and any("scope" in error for error in errors(app))
    app.text_input(key="new_name").set_value("Sync")
    app.multiselect(key="new_scopes").select("tenants:read")
    app.text_area(key="new_networks").set_value("10.0.0.0/8\n\n2001:db8::1")
    app.button(key="new_submit").click().run()
    row = raw("SELECT * FROM api_key")[0]
    assert (row.name, row.scopes, row.allowed_networks) == ("Sync", ["tenants:read"], ["10.0.0.0/8", "2001:db8::1/128"])
    assert timedelta(days=89) < row.expires_at - row.created_at < timedelta(days=92)
    shown = app.code[0].value
    assert format.is_key(shown) and shown.endswith(row.hint)
    app.button(key="issued_taken").click().run()
    assert not app.code and not app.exception


def test_create_for_a_tenant_as_a_developer_and_what_is_typed_stays(open_page, actor_of, system, raw):
    tenant = make_tenant(system)
    app = open_page(actor_of("developer"), KEY)
    app.button(key="create").click().run()
    assert "tenants:read" not in app.multiselect(key="new_scopes").options
    app.text_input(key="new_name").set_value("Flags")
    app.multiselect(key="new_scopes").select("flags:evaluate")
    app.text_input(key="new_tenant").set_value("nonsense")
    app.button(key="new_submit").click().run()
    assert any("no id" in error for error in errors(app))
    assert app.text_input(key="new_name").value == "Flags"
    app.text_input(key="new_tenant").set_value(str(tenant.id))
    app.button(key="new_submit").click().run()
    assert raw("SELECT tenant_id FROM api_key")[0].tenant_id == tenant.id


def test_one_key_with_its_usage_and_history(open_page, actor_of, system, raw):
    issued = make(system, "Sync *bold*")
    app = open_page(actor_of("super_admin"), KEY, key_id=str(issued.row.id))
    assert "Sync \\*bold\\*" in [header.value for header in app.subheader]
    assert "Not called" in app.info[0].value
    raw(
        "INSERT INTO api_key_rollup_day (bucket, key_id, status_class, total, limited, duration_ms_sum)"
        " VALUES (date_trunc('day', now(), 'UTC'), :key, 2, 1234, 0, 1),"
        " (date_trunc('day', now(), 'UTC'), :key, 4, 6, 5, 1)", key=issued.row.id,
    )  # fmt: skip
    app = open_page(actor_of("super_admin"), KEY, key_id=str(issued.row.id), span="90 days")
    told = [caption.value for caption in app.caption]
    assert any("1,240 calls in 90 days: 6 refused, 5 of them over the limit, 0 failed." in one for one in told)
    assert list(app.dataframe[-1].value["action"]) == ["api_keys.create"]
    assert not app.exception


def test_rotate_and_revoke_from_the_page(open_page, actor_of, system, raw):
    issued = make(system, scopes=["health:read"])
    app = open_page(actor_of("developer"), KEY, key_id=str(issued.row.id))
    app.button(key="rotate").click().run()
    app.selectbox(key="rotate_overlap").select("7 days")
    app.button(key="rotate_submit").click().run()
    assert format.is_key(app.code[0].value) and app.code[0].value != issued.key
    app.button(key="issued_taken").click().run()
    assert any("counts until" in info.value and "Nobody has used it" in info.value for info in app.info)
    app.button(key="revoke").click().run()
    app.button(key="revoke_submit").click().run()
    assert any("Say why" in error for error in errors(app))
    app.text_area(key="revoke_reason").set_value("Leaked")
    app.button(key="revoke_submit").click().run()
    assert raw("SELECT revocation_reason FROM api_key")[0].revocation_reason == "Leaked"
    assert "Revoked: Leaked" in errors(app)
    assert buttons(app) == {"back"}
    assert not app.exception


def test_edit_keeps_an_expiry_that_was_left_alone(open_page, actor_of, system, raw):
    moment = utc_now() + timedelta(days=40)
    issued = make(system, expires_at=moment)
    app = open_page(actor_of("super_admin"), KEY, key_id=str(issued.row.id))
    app.button(key="edit").click().run()
    app.number_input(key="edit_rate").set_value(42)
    app.button(key="edit_submit").click().run()
    row = raw("SELECT * FROM api_key")[0]
    assert (row.rate_limit_per_minute, row.expires_at) == (42, moment)
    app.button(key="edit").click().run()
    app.checkbox(key="edit_endless").check()
    app.button(key="edit_submit").click().run()
    assert raw("SELECT expires_at FROM api_key")[0].expires_at is None
    assert not app.exception


def test_a_stale_edit_says_who_was_faster(open_page, actor_of, system):
    issued = make(system)
    app = open_page(actor_of("super_admin", name="Sue"), KEY, key_id=str(issued.row.id))
    app.button(key="edit").click().run()
    assert app.text_input(key="edit_name").value == "Sync"
    actions.update(actor_of("super_admin", name="Ann"), issued.row.id, name="Hers")
    app.text_input(key="edit_name").set_value("Mine")
    app.button(key="edit_submit").click().run()
    assert "Ann changed name" in app.warning[0].value
    assert queries.one(system, issued.row.id)["name"] == "Hers"
    assert not app.exception


@pytest.mark.parametrize("key", ["nonsense", "00000000-0000-7000-8000-000000000000"])
def test_an_unknown_key_is_a_sentence(open_page, actor_of, key):
    app = open_page(actor_of("developer"), KEY, key_id=key)
    assert "does not exist" in app.warning[0].value


def test_home_counts_the_keys_to_look_at(open_page, actor_of, system):
    make(system, "Forever")
    app = open_page(actor_of("developer"))
    values = {metric.label: metric.value for metric in app.metric}
    assert values["Keys to look at"] == "1"
