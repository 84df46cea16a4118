"""The API explorer: the list, the form of an operation, the examples, sending."""

import json
import shlex
import types

import httpx
import pytest

from api import api
from core.kernel.errors import Invalid
from core.platform.explorer.operations import example, matching, operations
from core.platform.explorer.requests import as_curl, as_python, build
from pages.platform._explorer import document
from pages.platform._explorer.document import Answer

KEY = "platform/explorer"
FOUND = operations(api.openapi())
BY_ID = {one.id: one for one in FOUND}
ID = "0199e1f0-0000-7000-8000-000000000000"


@pytest.fixture
def sent(monkeypatch):
    """The API answers its document; calls are kept and answered with 200."""
    calls = []

    def send(call, key):
        calls.append((call, key))
        return Answer(200, "OK", (("content-type", "application/json"), ("etag", '"1"')), '{"name":"Acme"}', 12.0)

    monkeypatch.setattr(document, "load", api.openapi)
    monkeypatch.setattr(document, "send", send)
    return calls


def test_without_an_answer_of_the_api_the_page_says_so(open_page, actor_of, monkeypatch):
    monkeypatch.setattr(document, "own_address", lambda: "http://127.0.0.1:9")
    app = open_page(actor_of("developer"), KEY)
    assert "does not answer" in app.error[0].value
    assert not app.exception


@pytest.mark.parametrize("role", ["developer", "admin", "support", "super_admin"])
def test_those_who_work_with_the_api_see_every_operation(open_page, actor_of, sent, role):
    app = open_page(actor_of(role), KEY)
    assert len(app.dataframe[0].value) == len(FOUND)


def test_others_are_refused(open_page, actor_of, sent):
    app = open_page(actor_of("hotline_operator"), KEY)
    assert "Your role does not include" in app.error[0].value


def test_search_comes_from_the_address_and_may_find_nothing(open_page, actor_of, sent):
    app = open_page(actor_of("developer"), KEY, text="patch tenant")
    assert "/api/v1/superadmin/tenants/{tenant_id}" in list(app.dataframe[0].value["path"])
    assert all("tenant" in path for path in app.dataframe[0].value["path"])
    app.text_input(key="text").set_value("no such thing").run()
    assert "No operation matches" in app.info[0].value


def test_read_is_sent_with_what_was_filled_in(open_page, actor_of, sent):
    app = open_page(actor_of("developer"), KEY, operation="list_tenants")
    app.multiselect(key="field_list_tenants_query_status").select("trial").run()
    app.number_input(key="field_list_tenants_query_limit").set_value(5).run()
    app.button(key="send").click().run()
    (call, key) = sent[0]
    assert (call.method, call.target) == ("GET", "/api/v1/superadmin/tenants?status=trial&limit=5")
    assert key is None
    assert any('"name": "Acme"' in block.value for block in app.code)
    assert not app.exception


def test_what_is_missing_is_told_before_anything_is_sent(open_page, actor_of, sent):
    app = open_page(actor_of("developer"), KEY, operation="get_tenant")
    assert app.info[0].value == "Fill in tenant_id."
    assert app.button(key="send").disabled
    app.text_input(key="field_get_tenant_path_tenant_id").set_value(ID).run()
    assert not app.button(key="send").disabled


def test_change_asks_first_and_begins_with_an_example(open_page, actor_of, sent):
    app = open_page(actor_of("developer"), KEY, operation="create_tenant")
    given = json.loads(app.text_area(key="body_create_tenant").value)
    assert given["name"] == "Acme" and given["owner"] == {"name": "Ann Berg", "email": "ann@acme.example"}
    assert app.button(key="send").disabled
    app.checkbox(key="meant_create_tenant").check().run()
    app.text_area(key="body_create_tenant").set_value("{").run()
    assert "not JSON" in app.info[0].value
    assert app.button(key="send").disabled
    app.text_area(key="body_create_tenant").set_value('{"name": "B"}').run()
    app.button(key="send").click().run()
    assert sent[0][0].body == {"name": "B"}


def test_call_with_a_key_needs_the_key(open_page, actor_of, sent):
    app = open_page(actor_of("developer"), KEY, operation="list_roles")
    app.segmented_control(key="send_as").set_value("An API key").run()
    assert app.button(key="send").disabled
    app.text_input(key="api_key").set_value("secret-key").run()
    app.button(key="send").click().run()
    assert sent[0][1] == "secret-key"
    assert not any("secret-key" in block.value for block in app.code)


def test_unknown_operation_is_a_sentence(open_page, actor_of, sent):
    app = open_page(actor_of("developer"), KEY, operation="nothing")
    assert "no such operation" in app.warning[0].value


def test_operations_of_every_area_and_method_open(open_page, actor_of, sent):
    app = open_page(actor_of("super_admin"), KEY)
    for one in {(one.area, one.method): one for one in FOUND}.values():
        app.query_params["operation"] = one.id
        app.run()
        assert not app.exception, one.id


def test_curl_survives_a_shell():
    values = {("path", "tenant_id"): ID, ("header", "If-Match"): '"3"'}
    call = build(BY_ID["suspend_tenant"], values, '{"reason": "It\'s \\"late\\" $HOME"}')
    words = shlex.split(as_curl(call, "https://portal.example").replace("\\\n", ""))
    assert words[:4] == ["curl", "-X", "POST", f"https://portal.example/api/v1/superadmin/tenants/{ID}/suspend"]
    assert 'If-Match: "3"' in words
    assert "Authorization: Bearer $QUARTERDECK_KEY" in words
    assert json.loads(words[-1]) == {"reason": 'It\'s "late" $HOME'}


def test_python_runs_as_it_stands(monkeypatch, capsys):
    asked = []

    def request(*given, **named):
        asked.append((given, named))
        return types.SimpleNamespace(raise_for_status=lambda: None, text="done")

    monkeypatch.setattr(httpx, "request", request)
    monkeypatch.setenv("QUARTERDECK_KEY", "k")
    values = {("query", "status"): ["trial", "active"], ("query", "search"): "a'b\"&c"}
    exec(as_python(build(BY_ID["list_tenants"], values), "https://portal.example"), {})
    given, named = asked[0]
    assert given == ("GET", "https://portal.example/api/v1/superadmin/tenants")
    assert named["params"] == [("search", "a'b\"&c"), ("status", "trial"), ("status", "active")]
    assert named["headers"] == {"Authorization": "Bearer k"}
    exec(as_python(build(BY_ID["create_tenant"], {}, '{"name": "Ü", "seats": null}'), "https://portal.example"), {})
    assert asked[1][1]["json"] == {"name": "Ü", "seats": None}
    assert capsys.readouterr().out == "done\ndone\n"


def test_parts_of_the_path_are_escaped_and_needed():
    call = build(BY_ID["pause_schedule"], {("path", "name"): "a/../b c"})
    assert call.path == "/api/v1/superadmin/schedules/a%2F..%2Fb%20c/pause"
    with pytest.raises(Invalid, match="Fill in name"):
        build(BY_ID["pause_schedule"], {})


def test_examples_of_schemas_end_and_fit():
    endless = {
        "components": {"schemas": {"A": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}}}}}
    }
    assert "a" in example(endless, {"$ref": "#/components/schemas/A"})
    assert example({}, {"anyOf": [{"type": "integer", "minimum": 3}, {"type": "null"}]}) == 3
    assert example({}, {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}) is None
    assert matching(FOUND, "POST suspend") == [BY_ID["suspend_tenant"]]
