"""The webhooks page: empty, with rows, forbidden, and what its forms do."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from streamlit.testing.v1 import AppTest

from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.times import utc_now
from core.platform.webhooks import actions, catalogue, signatures, testing
from core.platform.webhooks.sending import Attempt
from tests.core.customers.test_tenants import make as make_tenant

KEY = "platform/webhooks"
URL = "https://93.184.215.14/hook"
BODY = '{"type": "tenants.suspend", "version": 1, "data": {}}'


def make(actor: Actor, name: str = "Billing", **values: Any) -> Any:
    given = {"url": URL, "events": ["tenants.*"]} | values
    return actions.create(actor, name=name, **given).webhook


@pytest.fixture
def deliver(raw) -> Callable[..., UUID]:
    """A delivery as the deliverers leave it, with one attempt unless it waits."""

    def store(
        webhook: Any, status: str = "delivered", code: int | None = 200, error: str | None = None, **values: Any
    ) -> UUID:
        given = {"id": uuid7(), "at": utc_now(), "type": "tenants.suspend"} | values
        raw(
            "INSERT INTO webhook_delivery (id, webhook_id, tenant_id, event_id, event_type, body, status, attempts,"
            " next_attempt_at, last_status, last_error, created_at, finished_at) VALUES (:id, :webhook, :tenant, :event, :type,"
            " :body, :status, 1, :at, :code, :error, :at, :at)",
            webhook=webhook.id, tenant=webhook.tenant_id, event=uuid4(), body=BODY, status=status, code=code, error=error,
            **given,
        )  # fmt: skip
        raw(
            "INSERT INTO webhook_attempt (at, id, delivery_id, webhook_id, tenant_id, event_type, number, url, request_headers,"
            " is_success, status, response_headers, response_body, duration_ms, error, sent_by) VALUES (:at, :own, :id, :webhook,"
            " :tenant, :type, 1, :url, '{\"webhook-id\": \"msg_1\"}', :fine, :code, '{\"server\": \"nginx\"}', 'hello', 12.5,"
            " :error, 'worker')",
            own=uuid4(), webhook=webhook.id, tenant=webhook.tenant_id, url=webhook.url, fine=error is None, code=code,
            error=error, **given,
        )  # fmt: skip
        return given["id"]

    return store


@pytest.fixture
def answering(monkeypatch) -> SimpleNamespace:
    """What the receiver answers to tests; `called` holds what it was sent."""
    answer = SimpleNamespace(status=200, error=None, called=[])

    def test(actor: Actor, webhook_id: UUID, *, event_type: str = catalogue.PING, body: str | None = None) -> Attempt:
        answer.called.append((webhook_id, event_type, body))
        headers = {"webhook-id": "msg_7", "webhook-signature": "v1,abc"}
        return Attempt(utc_now(), headers, answer.status, {"server": "nginx"}, "thanks", 12.0, answer.error)

    monkeypatch.setattr(testing, "test", test)
    return answer


def said(app: AppTest) -> str:
    return "\n".join(str(one.value) for kind in (app.error, app.warning, app.info, app.success) for one in kind)


def codes(app: AppTest) -> str:
    return "\n".join(one.value for one in app.code)


def open_create(open_page: Callable[..., AppTest], actor: Actor) -> AppTest:
    app = open_page(actor, KEY)
    app.button(key="create").click().run()
    app.text_input(key="new_name").set_value("Billing")
    app.text_input(key="new_url").set_value(URL)
    return app


def test_empty_list_says_what_to_do_and_readers_cannot_create(open_page, actor_of):
    app = open_page(actor_of("developer"), KEY)
    assert said(app) == "There are no webhooks yet. Create the first one."
    app = open_page(actor_of("support"), KEY)
    assert said(app) == "There are no webhooks in your sight yet."
    assert not [button for button in app.button if button.label == "Create webhook"]


def test_forbidden(open_page, actor_of):
    app = open_page(actor_of("hotline_operator"), KEY)
    assert "does not include the page Webhooks" in app.error[0].value
    assert not app.dataframe


def test_list_shows_state_and_owner_and_keeps_the_unknown_unknown(open_page, actor_of, system):
    tenant = make_tenant(system, "Alpha")
    make(system, "Of a tenant", tenant_id=tenant.id, events=["*"])
    actions.disable(system, make(system, "Disabled").id, reason="Moves house")
    app = open_page(actor_of("admin"), KEY)
    shown = app.dataframe[0].value.set_index("name")
    assert shown.loc["Of a tenant", ["state", "owner", "events"]].to_list() == ["Active", "Alpha", "All events"]
    assert shown["success_ratio"].isna().all()
    assert shown["last_attempt_at"].isna().all()
    assert shown.loc["Disabled", "owner"] == "Platform"


def test_filters_come_from_the_address(open_page, actor_of, system):
    make(system, "Alpha")
    actions.disable(system, make(system, "Beta", events=["users.*"]).id, reason="Moves house")
    app = open_page(actor_of("admin"), KEY, state="Disabled")
    assert list(app.dataframe[0].value["name"]) == ["Beta"]
    app = open_page(actor_of("admin"), KEY, hears="tenants.suspend")
    assert list(app.dataframe[0].value["name"]) == ["Alpha"]
    app.text_input(key="text").set_value("zzz").run()
    assert "No webhook matches" in said(app)


def test_create_shows_the_secret_until_it_was_taken(open_page, actor_of, raw):
    app = open_create(open_page, actor_of("super_admin"))
    app.multiselect(key="new_events").set_value(["tenants.*"])
    app.text_input(key="new_schedule").set_value("0, 5s, 2m")
    app.button(key="new_submit").click().run()
    assert not app.exception
    row = raw("SELECT id, name, events, retry_after_s, tenant_id FROM webhook")[0]
    assert (row.name, row.events, row.retry_after_s, row.tenant_id) == ("Billing", ["tenants.*"], [0, 5, 120], None)
    assert app.query_params["webhook"] == str(row.id)
    for _ in range(2):
        assert "whsec_" in codes(app)
        app.run()
    app.button(key="secret_taken").click().run()
    assert "whsec_" not in codes(app)


def test_create_with_a_key_pair_shows_the_public_key(open_page, actor_of):
    app = open_create(open_page, actor_of("super_admin"))
    app.multiselect(key="new_events").set_value(["*"])
    app.radio(key="new_signing").set_value("v1a")
    app.button(key="new_submit").click().run()
    assert "whpk_" in codes(app)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("new_url", "https://127.0.0.1/", "cannot be called"),
        ("new_name", "", "Give the webhook a name"),
        ("new_schedule", "soon", "is not a pause"),
        ("new_secret", "whsec_short", "not base64"),
    ],
)
def test_refused_create_keeps_what_was_typed(open_page, actor_of, raw, field, value, sentence):
    app = open_create(open_page, actor_of("super_admin"))
    app.multiselect(key="new_events").set_value(["tenants.*"])
    app.text_input(key=field).set_value(value)
    app.button(key="new_submit").click().run()
    assert sentence in said(app)
    assert app.text_input(key=field).value == value
    assert app.multiselect(key="new_events").value == ["tenants.*"]
    assert raw("SELECT count(*) FROM webhook")[0].count == 0


def test_webhook_of_a_tenant_is_offered_only_what_tenants_may_hear(open_page, actor_of, system, raw):
    tenant = make_tenant(system, "Alpha")
    app = open_page(actor_of("super_admin"), KEY)
    app.button(key="create").click().run()
    assert "jobs.cancel" in app.multiselect(key="new_events").options
    app.segmented_control(key="new_owner").set_value("One tenant").run()
    assert "jobs.cancel" not in app.multiselect(key="new_events").options
    app.text_input(key="new_tenant_text").set_value("alp").run()
    app.text_input(key="new_name").set_value("Theirs")
    app.text_input(key="new_url").set_value(URL)
    app.multiselect(key="new_events").set_value(["tenants.suspend"])
    app.button(key="new_submit").click().run()
    assert raw("SELECT tenant_id FROM webhook") == [(tenant.id,)]


def test_tenant_must_be_chosen(open_page, actor_of, raw):
    app = open_page(actor_of("super_admin"), KEY)
    app.button(key="create").click().run()
    app.segmented_control(key="new_owner").set_value("One tenant").run()
    app.button(key="new_submit").click().run()
    assert "Choose the tenant" in said(app)
    assert raw("SELECT count(*) FROM webhook")[0].count == 0


def test_unknown_webhook_or_delivery_is_a_sentence(open_page, actor_of):
    for query in (
        {"webhook": "nonsense"},
        {"webhook": str(uuid4())},
        {"delivery": "nonsense"},
        {"delivery": str(uuid4())},
    ):
        app = open_page(actor_of("admin"), KEY, **query)
        assert "does not exist, or is not among those you may see" in said(app)
        assert not app.exception


def test_detail_with_everything_for_a_reader_and_without_buttons(open_page, actor_of, system, deliver):
    webhook = make(system, "Odd *name* [here](x) :smile:")
    deliver(webhook)
    app = open_page(actor_of("support"), KEY, webhook=str(webhook.id))
    assert not app.exception
    assert list(app.dataframe[0].value["status"]) == ["Delivered"]
    assert {button.label for button in app.button} & {"Edit", "Test", "Disable", "Delete", "Reveal secret"} == set()


def test_edit_saves_and_a_refused_one_keeps_what_was_typed(open_page, actor_of, system, raw):
    webhook = make(system)
    app = open_page(actor_of("developer"), KEY, webhook=str(webhook.id))
    app.button(key="edit").click().run()
    app.text_input(key="edit_name").set_value("Renamed")
    app.text_input(key="edit_url").set_value("ftp://nowhere")
    app.button(key="edit_submit").click().run()
    assert "must begin with https" in said(app)
    assert app.text_input(key="edit_name").value == "Renamed"
    app.text_input(key="edit_url").set_value(URL + "/2")
    app.button(key="edit_submit").click().run()
    assert raw("SELECT name, url, version FROM webhook") == [("Renamed", URL + "/2", 2)]
    assert "Renamed" in [header.value for header in app.header]
    assert not [one for one in app.text_input if one.key == "edit_name"]


def test_edit_of_what_somebody_changed_meanwhile_is_a_conflict(open_page, actor_of, system, raw):
    webhook = make(system)
    app = open_page(actor_of("developer"), KEY, webhook=str(webhook.id))
    app.button(key="edit").click().run()
    app.text_input(key="edit_name").set_value("Mine")
    monkey = actions.edit
    done = []

    def late(actor, webhook_id, **values):
        if not done:
            done.append(monkey(system, webhook_id, version=1, name="Theirs"))
        return monkey(actor, webhook_id, **values)

    actions.edit = late
    try:
        app.button(key="edit_submit").click().run()
    finally:
        actions.edit = monkey
    assert "was changed while you edited it" in said(app)
    assert raw("SELECT name FROM webhook") == [("Theirs",)]


def test_rotate_shows_the_new_secret_and_says_that_both_count(open_page, actor_of, system, raw):
    webhook = make(system)
    app = open_page(actor_of("developer"), KEY, webhook=str(webhook.id))
    app.button(key="rotate").click().run()
    app.radio(key="rotate_signing").set_value("v1a")
    app.button(key="rotate_submit").click().run()
    assert "whpk_" in codes(app)
    app.button(key="secret_taken").click().run()
    assert "signed with the previous secret as well" in said(app)
    assert raw("SELECT signing FROM webhook") == [("v1a",)]


def test_reveal_shows_the_secret(open_page, actor_of, system):
    made = actions.create(system, name="Billing", url=URL, events=["*"])
    app = open_page(actor_of("developer"), KEY, webhook=str(made.webhook.id))
    app.button(key="reveal").click().run()
    assert made.secret in codes(app)
    app.button(key="secret_closed").click().run()
    assert made.secret not in codes(app)


def test_disable_takes_a_reason(open_page, actor_of, system, raw):
    webhook = make(system)
    app = open_page(actor_of("developer"), KEY, webhook=str(webhook.id))
    app.button(key="disable").click().run()
    app.button(key="disable_submit").click().run()
    assert "Say why" in said(app)
    app.text_area(key="disable_reason").set_value("Moves house")
    app.button(key="disable_submit").click().run()
    assert raw("SELECT disabled_reason FROM webhook") == [("Moves house",)]
    assert "Moves house" in app.warning[0].value


def test_delete_takes_name_and_reason(open_page, actor_of, system, raw):
    webhook = make(system)
    app = open_page(actor_of("developer"), KEY, webhook=str(webhook.id))
    app.button(key="delete").click().run()
    app.text_input(key="delete_name").set_value("Bill")
    app.text_area(key="delete_reason").set_value("Left")
    app.button(key="delete_submit").click().run()
    assert "Type the name Billing" in said(app)
    assert raw("SELECT count(*) FROM webhook")[0].count == 1
    app.text_input(key="delete_name").set_value("Billing")
    app.button(key="delete_submit").click().run()
    assert raw("SELECT count(*) FROM webhook")[0].count == 0
    assert "There are no webhooks yet" in said(app)


def test_disabled_by_the_portal_is_loud_and_enabled_after_a_good_test(
    open_page, actor_of, system, raw, deliver, answering
):
    webhook = make(system)
    deliver(webhook, "waiting", 500, "answered 500")
    actions.disable_failing(system, webhook.id, error="answered 500")
    app = open_page(actor_of("developer"), KEY, webhook=str(webhook.id))
    assert "The portal disabled this webhook, since" in app.error[0].value
    assert "1 message waits" in app.error[0].value
    app.button(key="enable").click().run()
    assert [one[0] for one in answering.called] == [webhook.id]
    assert raw("SELECT disabled_at FROM webhook") == [(None,)]
    assert not app.error


def test_failed_probe_enables_nothing_until_somebody_says_so(open_page, actor_of, system, raw, answering):
    webhook = make(system)
    actions.disable(system, webhook.id, reason="Moves house")
    answering.status, answering.error = 503, "answered 503"
    app = open_page(actor_of("developer"), KEY, webhook=str(webhook.id))
    assert not [button for button in app.button if button.key == "enable_anyway"]
    app.button(key="enable").click().run()
    assert "stays disabled" in said(app)
    assert "answered 503" in said(app)
    assert raw("SELECT disabled_at IS NULL AS fine FROM webhook") == [(False,)]
    app.button(key="enable_anyway").click().run()
    assert raw("SELECT disabled_at FROM webhook") == [(None,)]


def test_resting_endpoint_says_until_when(open_page, actor_of, system, raw):
    webhook = make(system)
    raw(
        "INSERT INTO webhook_lane (webhook_id, failures, failing_since, open_until, last_error)"
        " VALUES (:id, 7, now() - interval '1 hour', now() + interval '5 minutes', 'answered 500')",
        id=webhook.id,
    )
    app = open_page(actor_of("support"), KEY, webhook=str(webhook.id))
    assert "7 attempts failed in a row, so it rests until" in app.warning[0].value
    assert [badge.value for badge in app.markdown if "Resting" in badge.value]


def test_deliveries_filter_and_say_when_nothing_matches(open_page, actor_of, system, deliver):
    first, second = make(system, "First"), make(system, "Second")
    kept = deliver(first, "failed", 500, "answered 500")
    deliver(second)
    admin = actor_of("admin")
    app = open_page(admin, KEY, view="Deliveries")
    assert set(app.dataframe[0].value["webhook"]) == {"First", "Second"}
    app = open_page(admin, KEY, view="Deliveries", endpoint=str(second.id))
    assert list(app.dataframe[0].value["webhook"]) == ["Second"]
    app = open_page(admin, KEY, view="Deliveries", status="Failed")
    assert list(app.dataframe[0].value["answer"]) == ["answered 500"]
    app = open_page(admin, KEY, view="Deliveries", id=str(kept))
    assert list(app.dataframe[0].value["webhook"]) == ["First"]
    app.text_input(key="id").set_value("nonsense").run()
    assert "Look for a whole id" in said(app)
    app = open_page(admin, KEY, view="Deliveries", status="Waiting")
    assert "No delivery matches" in said(app)


def test_no_delivery_at_all(open_page, actor_of):
    assert "Nothing was sent yet" in said(open_page(actor_of("admin"), KEY, view="Deliveries"))


def test_selected_rows_are_sent_again_or_given_up_though_newer_ones_came(open_page, actor_of, system, raw, deliver):
    webhook = make(system)
    waits, failed = deliver(webhook, "waiting", None), deliver(webhook, "failed", 500, "answered 500")
    app = open_page(actor_of("developer"), KEY, view="Deliveries")
    app.session_state["deliveries_0"] = {"selection": {"rows": [0, 1], "columns": [], "cells": []}}
    app.run()
    assert app.button(key="retry").label == "Retry 2"
    deliver(webhook, "waiting", None)
    app.button(key="retry").click().run()
    assert not app.exception
    assert raw("SELECT id FROM webhook_delivery WHERE replayed_at IS NOT NULL ORDER BY created_at") == [
        (waits,),
        (failed,),
    ]
    assert app.button(key="retry").disabled


def test_one_delivery_with_its_attempts_is_retried_and_cancelled(open_page, actor_of, system, raw, deliver):
    webhook = make(system)
    delivery = deliver(webhook, "failed", 500, "answered 500")
    app = open_page(actor_of("developer"), KEY, delivery=str(delivery))
    assert '"type": "tenants.suspend"' in codes(app)
    assert "webhook-id: msg_1" in codes(app)
    assert "hello" in codes(app)
    assert "answered 500" in app.expander[1].label
    app.button(key="retry_one").click().run()
    assert raw("SELECT status, attempts FROM webhook_delivery") == [("waiting", 0)]
    app.button(key="cancel_one").click().run()
    assert raw("SELECT status FROM webhook_delivery") == [("cancelled",)]
    assert "cancel_one" not in [button.key for button in app.button]


def test_replay_shows_what_it_will_send(open_page, actor_of, system, raw, deliver):
    webhook = make(system)
    for status in ("failed", "failed", "delivered"):
        deliver(webhook, status, at=utc_now() - timedelta(minutes=5))
    deliver(webhook, "failed", at=utc_now() - timedelta(days=3))
    app = open_page(actor_of("developer"), KEY, webhook=str(webhook.id))
    app.button(key="replay").click().run()
    assert app.button(key="replay_submit").label == "Replay 2 deliveries"
    app.segmented_control(key="replay_kind").set_value("All that are finished").run()
    assert app.button(key="replay_submit").label == "Replay 3 deliveries"
    app.button(key="replay_submit").click().run()
    assert raw("SELECT count(*) FROM webhook_delivery WHERE status = 'waiting'")[0].count == 3
    assert not [button for button in app.button if button.key == "replay_submit"]


def test_replay_of_an_empty_window(open_page, actor_of, system):
    webhook = make(system)
    app = open_page(actor_of("developer"), KEY, webhook=str(webhook.id))
    app.button(key="replay").click().run()
    assert "No such delivery lies in this window" in said(app)
    assert not [button for button in app.button if button.key == "replay_submit"]


def test_catalogue_searches(open_page, actor_of):
    app = open_page(actor_of("admin"), KEY, view="Events")
    assert len(app.dataframe[0].value) == len(catalogue.catalogue())
    app = open_page(actor_of("admin"), KEY, view="Events", event_text="tenants.susp")
    assert list(app.dataframe[0].value["name"]) == ["tenants.suspend"]
    app = open_page(actor_of("admin"), KEY, view="Events", event_text="nothing such")
    assert "No event matches" in said(app)


def test_tester_shows_request_and_answer_and_refuses_what_is_no_json(open_page, actor_of, system, answering):
    webhook = make(system)
    app = open_page(actor_of("developer"), KEY, view="Tester")
    assert "Choose the webhook to test" in said(app)
    app = open_page(actor_of("developer"), KEY, view="Tester", endpoint=str(webhook.id))
    body = next(one for one in app.text_area if one.label == "Body")
    body.set_value("{not json")
    app.button(key="test_submit").click().run()
    assert "The body is not JSON" in said(app)
    assert not answering.called
    body = next(one for one in app.text_area if one.label == "Body")
    assert body.value == "{not json"
    body.set_value('{"a": 1}')
    app.button(key="test_submit").click().run()
    assert answering.called == [(webhook.id, catalogue.PING, '{"a": 1}')]
    assert "Answered 200 in 12 ms." in said(app)
    for part in (f"POST {URL}", "webhook-signature: v1,abc", '"a": 1', "thanks", f"curl -X POST {URL}"):
        assert part in codes(app)


def test_tester_is_closed_to_readers(open_page, actor_of, system, answering):
    app = open_page(actor_of("support"), KEY, view="Tester", endpoint=str(make(system).id))
    assert "takes webhooks:update" in said(app)
    assert not [button for button in app.button if button.key == "test_submit"]


def test_playground_verifies_its_example_and_finds_the_fault(open_page, actor_of):
    app = open_page(actor_of("support"), KEY, view="Signatures")
    app.button(key="play_example").click().run()
    app.button(key="play_verify").click().run()
    assert any("was made with this secret" in one.value for one in app.markdown)
    app.text_area(key="play_body").set_value(app.text_area(key="play_body").value + " ")
    app.button(key="play_verify").click().run()
    found = "\n".join(one.value for one in app.markdown)
    assert "No signature of the header fits" in found
    assert "without white space around it" in found


def test_playground_signs(open_page, actor_of):
    secret = signatures.new_secret("v1")
    app = open_page(actor_of("support"), KEY, view="Signatures")
    app.segmented_control(key="mode").set_value("Sign a body").run()
    app.text_input(key="play_secret").set_value(secret)
    app.text_area(key="play_body").set_value("{}")
    app.text_input(key="play_id").set_value("msg_1")
    app.text_input(key="play_stamp").set_value("1767225600")
    app.button(key="play_sign").click().run()
    assert signatures.sign(secret, "msg_1", 1767225600, b"{}") in codes(app)
    app.text_input(key="play_secret").set_value("nonsense")
    app.button(key="play_sign").click().run()
    assert "must begin with whsec_" in said(app)


def test_playground_takes_the_secret_of_a_webhook_from_those_who_may(open_page, actor_of, system):
    made = actions.create(system, name="Billing", url=URL, events=["*"])
    app = open_page(actor_of("developer"), KEY, view="Signatures", endpoint=str(made.webhook.id))
    app.button(key="play_use").click().run()
    assert app.text_input(key="play_secret").value == made.secret
    app = open_page(actor_of("support"), KEY, view="Signatures")
    assert "play_use" not in [button.key for button in app.button]


def test_links_from_elsewhere_leave_no_old_filter_set(open_page, actor_of, system, deliver):
    webhook = make(system)
    actions.disable_failing(system, make(system, "Broken").id, error="answered 500")
    deliver(webhook)
    app = open_page(actor_of("admin"), KEY, view="Deliveries", status="Failed")
    assert "No delivery matches" in said(app)
    app.query_params["webhook"] = str(webhook.id)
    app.run()
    app.button(key="all_deliveries").click().run()
    assert list(app.dataframe[0].value["webhook"]) == ["Billing"]
    app.query_params["show"] = "trouble"
    app.run()
    assert list(app.dataframe[0].value["name"]) == ["Broken"]
