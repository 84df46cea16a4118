"""The errors page: list, filters, one cause, what can be done, the trace of a request."""

from datetime import timedelta

from core.health.errors import actions, queries
from core.kernel.times import utc_now
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.errors_given import MARK, seen
from tests.core.health.test_errors_correlation import ID, happened
from tests.core.health.test_errors_triage import person

KEY, B = "health/errors", "b" * 16


def said(app) -> str:
    parts = (app.info, app.warning, app.error, app.caption, app.text, app.subheader, app.markdown, app.code)
    return "\n".join(str(one.value) for part in parts for one in part)


def table(app, column="what"):
    return next((one.value for one in app.dataframe if column in one.value.columns), None)


def figures(app) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


def tick(app, *rows):
    app.session_state["errors_0"] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return app.run()


def state_of(system, mark=MARK) -> str:
    now = utc_now()
    return queries.one(system, mark, now - timedelta(days=1), now)["state"]


def test_without_errors_it_says_so(open_page, actor_of):
    app = open_page(actor_of("developer"), KEY)
    assert not app.exception
    assert "No unresolved error was seen in the last 24 h." in said(app)
    assert figures(app)["Errors"] == "0"


def test_causes_are_listed_with_figures(open_page, actor_of, system):
    tenant = make_tenant(system, "Acme")
    seen(times=3, tenant_id=tenant.id)
    seen(B, type="KeyError", message="'locale'")
    app = open_page(actor_of("support"), KEY)
    assert not app.exception
    frame = table(app)
    rows = dict(zip(frame["what"], frame[["errors", "tenants", "state"]].to_numpy().tolist(), strict=True))
    assert rows == {"ValueError: not a number": [3, 1, "Open"], "KeyError: 'locale'": [1, 0, "Open"]}
    assert figures(app) | {"Errors": "4", "Causes": "2", "Nobody looks at": "2"} == figures(app)
    assert all(sum(trend) == errors for trend, errors in zip(frame["trend"], frame["errors"], strict=True))


def test_filters_come_from_the_address(open_page, actor_of, system):
    seen(service="shop")
    seen(B, service="mail", type="KeyError")
    actor = actor_of("developer")
    actions.resolve(actor, [B])
    for query, marks in (
        ({}, ["ValueError"]), ({"state": "Resolved"}, ["KeyError"]), ({"state": "All states", "service": "mail"}, ["KeyError"]),
        ({"state": "All states", "type": "KeyError"}, ["KeyError"]), ({"text": "not a"}, ["ValueError"]),
    ):  # fmt: skip
        app = open_page(actor, KEY, **query)
        assert not app.exception
        assert [what.split(":")[0] for what in table(app)["what"]] == marks, query
    assert "No error matches" in said(open_page(actor, KEY, text="nothing like it"))


def test_only_mine(open_page, actor_of, system):
    ann = person(system)
    seen()
    seen(B)
    actor = actor_of("developer", operator_id=ann.id)
    actions.assign(actor, [B], assignee_id=ann.id)
    app = open_page(actor, KEY, assignee="Me")
    assert list(table(app)["assignee"]) == ["Ann"]


def test_a_click_on_a_cell_opens_the_cause(open_page, actor_of):
    seen()
    app = open_page(actor_of("developer"), KEY)
    app.session_state["errors_0"] = {"selection": {"rows": [], "columns": [], "cells": [[0, "what"]]}}
    app.run()
    assert app.query_params["fingerprint"] == MARK
    assert "fingerprint" in said(app)


def test_ticked_causes_are_acknowledged_though_newer_ones_came(open_page, actor_of, system):
    seen()
    app = tick(open_page(actor_of("developer"), KEY), 0)
    assert "1 chosen" in said(app)
    seen(B, at=utc_now() + timedelta(seconds=1))
    app.button(key="errors_acknowledge").click().run()
    assert not app.exception
    assert (state_of(system), state_of(system, B)) == ("acknowledged", "open")


def test_many_are_resolved_with_a_note(open_page, actor_of, system, raw):
    seen()
    seen(B)
    app = tick(open_page(actor_of("developer"), KEY), 0, 1)
    app.button(key="errors_resolve").click().run()
    app.text_area(key="resolve_note").input("Release 4.2")
    app.button(key="resolve_submit").click().run()
    assert not app.exception
    assert [row.note for row in raw("SELECT note FROM error_triage")] == ["Release 4.2"] * 2
    assert (state_of(system), state_of(system, B)) == ("resolved", "resolved")


def test_who_may_only_read_gets_no_buttons(open_page, actor_of):
    seen()
    app = tick(open_page(actor_of("support"), KEY), 0)
    assert not [one for one in app.button if one.key.startswith("errors_acknowledge")]
    app = open_page(actor_of("support"), KEY, fingerprint=MARK)
    assert not [one for one in app.button if one.key in ("errors_acknowledge", "errors_resolve")]


def test_the_page_is_closed_to_other_roles(open_page, actor_of):
    seen(message="secret")
    app = open_page(actor_of("hotline_operator"), KEY, fingerprint=MARK)
    assert "Your role does not include the page Errors" in said(app)
    assert "secret" not in said(app)


def test_one_cause_in_detail(open_page, actor_of, system):
    tenant = make_tenant(system, "Acme")
    seen(times=2, tenant_id=tenant.id, trace="Traceback of it", request_id="r-1")
    app = open_page(actor_of("support"), KEY, fingerprint=MARK)
    assert not app.exception
    assert "not a number" in said(app)
    assert "Traceback of it" in said(app)
    assert figures(app) | {"Errors": "2", "Tenants hit": "1"} == figures(app)
    assert list(table(app, "last_at")["tenant"]) == ["Acme"]
    app.button(key="follow").click().run()
    assert app.query_params["request"] == "r-1"


def test_an_unknown_cause_is_told(open_page, actor_of):
    app = open_page(actor_of("support"), KEY, fingerprint="nonsense")
    assert "does not exist" in said(app)
    assert not app.exception


def test_a_cause_that_was_not_seen_lately_still_opens(open_page, actor_of):
    seen(at=utc_now() - timedelta(days=3))
    app = open_page(actor_of("support"), KEY, fingerprint=MARK)
    assert "Not seen in the last 24 h." in said(app)
    assert not app.exception


def test_a_cause_that_returned_says_since_when(open_page, actor_of, system):
    seen(at=utc_now() - timedelta(hours=1))
    actions.resolve(actor_of("developer"), [MARK])
    seen(at=utc_now() + timedelta(seconds=1))
    app = open_page(actor_of("developer"), KEY, fingerprint=MARK)
    assert "and seen again since" in said(app)
    app.button(key="errors_acknowledge").click().run()
    assert state_of(system) == "acknowledged"
    app.button(key="errors_reopen").click().run()
    assert state_of(system) == "open"


def test_ignoring_without_a_reason_keeps_the_form_open(open_page, actor_of, system):
    seen()
    app = open_page(actor_of("developer"), KEY, fingerprint=MARK)
    app.button(key="errors_ignore").click().run()
    app.button(key="ignore_submit").click().run()
    assert "Say why in a few words." in said(app)
    assert state_of(system) == "open"
    app.text_area(key="ignore_reason").input("A bot")
    app.button(key="ignore_submit").click().run()
    assert state_of(system) == "ignored"


def test_assigning_offers_colleagues_and_oneself_first(open_page, actor_of, system, raw):
    ann = person(system)
    seen()
    app = open_page(actor_of("developer", operator_id=ann.id), KEY, fingerprint=MARK)
    app.button(key="errors_assign").click().run()
    assert app.selectbox(key="assign_to").options == ["Nobody", "Ann"]
    app.button(key="assign_submit").click().run()
    assert raw("SELECT assignee_id FROM error_triage")[0].assignee_id == ann.id


def test_a_change_in_between_is_told_and_not_overwritten(open_page, actor_of, system, raw):
    seen()
    app = open_page(actor_of("developer"), KEY, fingerprint=MARK)
    app.button(key="errors_resolve").click().run()
    actions.acknowledge(actor_of("developer"), [MARK], note="Mine")
    app.button(key="resolve_submit").click().run()
    assert "was changed while you edited it" in said(app)
    assert raw("SELECT state, note FROM error_triage") == [("acknowledged", "Mine")]


def test_the_trace_of_a_request(open_page, actor_of, system):
    happened(system)
    app = open_page(actor_of("super_admin"), KEY, request=ID)
    assert not app.exception
    assert set(table(app, "kind")["kind"]) == {"Request", "Error", "Audit", "Job"}
    app = open_page(actor_of("support"), KEY, request=ID)
    assert "Your role does not show: audit (audit:read), job (jobs:read)." in said(app)


def test_a_trace_asks_for_an_id_and_tells_when_nothing_is_known(open_page, actor_of):
    assert "Paste the id of a request" in said(open_page(actor_of("support"), KEY, request=""))
    assert "Nothing is known of this id" in said(open_page(actor_of("support"), KEY, request="nobody"))


def test_long_and_strange_words_are_shown_as_they_are(open_page, actor_of):
    seen(message="<b>$x_1$ " * 200, type="Err*or*", route="/a/{b}")
    for query in ({}, {"fingerprint": MARK}):
        assert not open_page(actor_of("support"), KEY, **query).exception


def test_the_history_is_for_who_may_read_the_trail(open_page, actor_of):
    seen()
    actions.ignore(actor_of("developer", name="Ann"), [MARK], reason="A bot")
    app = open_page(actor_of("support_admin"), KEY, fingerprint=MARK)
    assert not app.exception
    assert table(app, "action")[["action", "actor_name", "reason"]].to_numpy().tolist() == [
        ["errors.ignore", "Ann", "A bot"]
    ]
    assert table(open_page(actor_of("support"), KEY, fingerprint=MARK), "action") is None
