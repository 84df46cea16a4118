"""Providers: the table, one of them, switching with what fails over to whom, and the order."""

import pytest

from core.health.providers import actions, queries
from core.kernel.actor import Actor
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.traffic import ago, messages

KEY = "health/providers"
SYSTEM = Actor.system("test")


def make(name="twilio", channel="sms", **values):
    return actions.create(SYSTEM, name=name, channel=channel, **values)


def words(app) -> str:
    shown = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(element.value for element in shown)


def keys(app) -> set:
    return {button.key for button in app.button}


@pytest.fixture
def traffic(raw, system):
    """Twilio degraded with one tenant hit; somebody unknown is seen, too."""
    acme = make_tenant(system, "Acme")
    messages(raw, [
        *({"at": ago(minutes=5), "cost": 0.01, "currency": "USD"} for _ in range(9)), {"at": ago(minutes=5)},
        {"at": ago(minutes=5), "status": "failed", "tenant_id": acme.id, "error": "30003 unreachable"},
        *({"at": ago(minutes=4), "status": "delivered", "duration_ms": 700} for _ in range(8)),
        {"at": ago(minutes=4), "provider": "mailgun", "channel": "email"},
    ])  # fmt: skip


def test_without_providers_it_says_what_to_do(open_page, actor_of):
    app = open_page(actor_of("developer"), KEY)
    assert not app.exception
    assert app.info[0].value.startswith("No provider is configured")
    assert "add" in keys(app)


def test_it_lists_configured_and_seen_with_their_figures(open_page, actor_of, traffic):
    make()
    make("telnyx")
    app = open_page(actor_of("developer"), KEY, range="1h")
    assert not app.exception
    rows = app.dataframe[0].value.set_index("provider")
    assert dict(rows["use"]) == {"twilio": "In use", "telnyx": "Standby", "mailgun": "Not configured"}
    assert dict(rows["status_title"]) == {"twilio": "Degraded", "telnyx": "Unknown", "mailgun": "Healthy"}
    assert rows.loc["twilio", "error_ratio"] == pytest.approx(0.1)
    assert rows.loc["twilio", "delivery_ratio"] == pytest.approx(0.8)
    assert (rows.loc["twilio", "cost"], rows.loc["telnyx", "cost"]) == ("0.09 USD + 1 unpriced", "–")
    assert rows.loc["mailgun", "cost"] == "1 unpriced"


def test_one_provider_shows_whom_it_hits_and_what_failed(open_page, actor_of, traffic):
    make(note="Main route")
    app = open_page(actor_of("super_admin"), KEY, range="1h", provider="twilio", channel="sms")
    assert not app.exception
    told = {metric.label: metric.value for metric in app.metric}
    assert (told["Messages"], told["Delivered"], told["Error rate"]) == ("10", "80.0%", "10.00%")
    hit, failed = (table.value for table in app.dataframe)
    assert list(hit["title"]) == ["Acme", "No tenant"]
    assert list(failed["error"]) == ["30003 unreachable"]
    assert {"edit", "disable", "back"} <= keys(app) and "enable" not in keys(app)


def test_unknown_provider_is_a_sentence(open_page, actor_of):
    app = open_page(actor_of("developer"), KEY, provider="nobody", channel="sms")
    assert not app.exception
    assert "not configured, and carried no message" in app.warning[0].value


def test_disable_says_who_follows_and_needs_a_reason(open_page, actor_of, raw):
    make()
    make("telnyx")
    app = open_page(actor_of("developer"), KEY, provider="twilio", channel="sms")
    app.button(key="disable").click().run()
    assert "SMS fails over from **twilio** to **telnyx** at once." in words(app)
    app.button(key="disable_submit").click().run()
    assert "Say why" in words(app)
    assert queries.route(SYSTEM, "sms").active == "twilio"
    app.text_area(key="disable_reason").set_value("Outage")
    app.button(key="disable_submit").click().run()
    assert not app.exception
    assert queries.route(SYSTEM, "sms").active == "telnyx"
    assert "Disabled by Developer: Outage" in words(app)
    assert "enable" in keys(app)


def test_the_last_one_is_disabled_on_purpose_only(open_page, actor_of):
    make()
    app = open_page(actor_of("developer"), KEY, provider="twilio", channel="sms")
    app.button(key="disable").click().run()
    assert "nothing would be sent" in words(app)
    app.text_area(key="disable_reason").set_value("Outage")
    app.button(key="disable_submit").click().run()
    assert "Nothing would be left to carry sms" in words(app)
    assert app.text_area(key="disable_reason").value == "Outage"
    app.checkbox(key="disable_last").check()
    app.button(key="disable_submit").click().run()
    assert queries.route(SYSTEM, "sms").active is None
    app.button(key="back").click().run()
    assert "Nobody is enabled for SMS" in words(app)


def test_enable_says_what_it_takes_over(open_page, actor_of):
    row = make()
    make("telnyx")
    actions.disable(SYSTEM, row.id, reason="Outage")
    app = open_page(actor_of("developer"), KEY, provider="twilio", channel="sms")
    app.button(key="enable").click().run()
    assert "SMS goes back from **telnyx** to **twilio** at once." in words(app)
    app.button(key="enable_submit").click().run()
    assert queries.route(SYSTEM, "sms").active == "twilio"


def test_order_is_moved_up_and_down(open_page, actor_of):
    make()
    second = make("telnyx")
    app = open_page(actor_of("developer"), KEY)
    assert app.button(key=f"down_{second.id}").disabled
    app.button(key=f"up_{second.id}").click().run()
    assert not app.exception
    assert queries.route(SYSTEM, "sms").order == ("telnyx", "twilio")


def test_provider_seen_in_traffic_is_added_with_its_name(open_page, actor_of, traffic):
    app = open_page(actor_of("developer"), KEY, range="1h", provider="mailgun", channel="email")
    app.button(key="add").click().run()
    assert (app.text_input(key="new_name").value, app.selectbox(key="new_channel").value) == ("mailgun", "email")
    app.button(key="new_submit").click().run()
    assert not app.exception
    assert queries.route(SYSTEM, "email").active == "mailgun"
    assert "edit" in keys(app)


def test_a_wrong_name_keeps_the_form_open(open_page, actor_of):
    app = open_page(actor_of("developer"), KEY)
    app.button(key="add").click().run()
    app.text_area(key="new_note").set_value("spare")
    app.button(key="new_submit").click().run()
    assert "Give the provider's name" in words(app) and "A channel is one word" in words(app)
    assert app.text_area(key="new_note").value == "spare"


def test_edit_renames_and_stays_open(open_page, actor_of):
    make()
    app = open_page(actor_of("developer"), KEY, provider="twilio", channel="sms")
    app.button(key="edit").click().run()
    app.text_input(key="edit_name").set_value("twilio-eu")
    app.button(key="edit_submit").click().run()
    assert not app.exception
    assert queries.route(SYSTEM, "sms").active == "twilio-eu"
    assert "edit" in keys(app)


def test_a_reader_sees_no_buttons_and_a_stranger_no_page(open_page, actor_of):
    make()
    make("telnyx")
    app = open_page(actor_of("support"), KEY)
    assert not app.exception
    assert not [key for key in keys(app) if key and key.startswith(("add", "up_", "down_"))]
    app = open_page(actor_of("support", grants=frozenset({"health:read"})), KEY)
    assert "providers:read" in app.error[0].value and not app.dataframe
