"""Channels and routes: what operators do with them, and what the database and the audit keep."""

from datetime import UTC, datetime, time, timedelta

import pytest

from core.health.channels import actions, queries, routes, testing
from core.kernel.errors import Conflict, Denied, Invalid, NotFound
from core.kernel.models import uuid7
from tests.core.platform.webhooks.conftest import loopback_allowed  # noqa: F401
from tests.core.platform.webhooks.receiver import receiving

MAIL = "mail://ops@example.com"


@pytest.fixture
def channel(db, system, mailbox):
    return actions.create(system, name="Ops", url=MAIL)


@pytest.fixture
def make_route(channel, system):
    def make(name: str = "All", **values: object):
        return routes.create(system, name=name, channel_ids=[channel.id], **values)

    return make


def test_create_leaves_row_audit_and_event_and_no_url_in_the_open(channel, raw):
    row = raw("SELECT * FROM alert_channel")[0]
    assert (row.name, row.kind, row.target, row.is_enabled) == ("Ops", "mail", "ops@example.com", True)
    assert b"ops@example.com" not in bytes(row.url)
    entry = raw("SELECT * FROM audit_entry WHERE action = 'alert_channels.create'")[0]
    assert entry.outcome == "done" and "mail://" not in str(entry._mapping)
    assert raw("SELECT payload FROM event WHERE type = 'alert_channels.create'")[0].payload["entity_ids"] == [
        str(channel.id)
    ]


def test_who_may_not_is_refused_and_the_refusal_is_recorded(channel, make_route, actor_of, raw):
    support, route = actor_of("support"), make_route()
    for attempt in (
        lambda: actions.create(support, name="Mine", url=MAIL),
        lambda: actions.edit(support, channel.id, name="Mine"),
        lambda: actions.disable(support, channel.id, reason="no"),
        lambda: actions.delete(support, channel.id, reason="no"),
        lambda: testing.test(support, channel.id),
        lambda: routes.create(support, name="Mine", channel_ids=[channel.id]),
        lambda: routes.move(support, route.id, to=1),
        lambda: routes.delete(support, route.id, reason="no"),
        lambda: queries.channels(support),
        lambda: queries.log(support),
    ):
        with pytest.raises(Denied):
            attempt()
    assert raw("SELECT count(*) FROM audit_entry WHERE outcome = 'denied'")[0].count == 8
    assert raw("SELECT name FROM alert_channel")[0].name == "Ops"


def test_developers_may_and_the_database_agrees(channel, actor_of):
    developer = actor_of("developer")
    made = actions.create(developer, name="Mine", url=MAIL)
    route = routes.create(developer, name="Mine", channel_ids=[made.id])
    assert set(queries.channels(developer)["name"]) == {"Mine", "Ops"}
    routes.delete(developer, route.id, reason="over")
    actions.delete(developer, made.id, reason="over")
    with pytest.raises(NotFound):
        queries.one_channel(developer, made.id)


def test_a_url_is_checked_before_it_is_kept(db, system, raw, loopback_allowed):  # noqa: F811
    for bad in (
        "slack://",
        "json://10.0.0.1/hook",
        "jsons://no-such-host.invalid/x",
        "file:///etc/passwd",
        "mail://ops",
    ):
        with pytest.raises(Invalid) as told:
            actions.create(system, name="Bad", url=bad)
        assert "url" in told.value.fields
    assert actions.create(system, name="Hook", url="json://127.0.0.1:8000/token").target == "127.0.0.1"
    assert raw("SELECT count(*) FROM alert_channel")[0].count == 1


def test_mail_without_a_mail_server_is_refused_when_it_is_made(db, system, monkeypatch):
    from core.kernel.settings import settings

    monkeypatch.delenv("SMTP_URL", raising=False)
    settings.cache_clear()
    with pytest.raises(Invalid, match="SMTP_URL"):
        actions.create(system, name="Ops", url=MAIL)


def test_edit_keeps_the_url_that_is_not_given_and_refuses_an_old_version(channel, system, raw):
    before = bytes(raw("SELECT url FROM alert_channel")[0].url)
    edited = actions.edit(system, channel.id, version=1, name="  Night   shift ")
    assert edited.name == "Night shift"
    assert bytes(raw("SELECT url FROM alert_channel")[0].url) == before
    with pytest.raises(Conflict):
        actions.edit(system, channel.id, version=1, name="Day shift")
    actions.edit(system, channel.id, url="mail://lead@example.com")
    assert queries.one_channel(system, channel.id)["target"] == "lead@example.com"
    with pytest.raises(Invalid):
        actions.create(system, name="Night shift", url=MAIL)


def test_enable_and_disable_change_once(channel, system):
    with pytest.raises(Invalid, match="already"):
        actions.enable(system, channel.id)
    actions.disable(system, channel.id, reason="The team moved")
    with pytest.raises(Invalid, match="already"):
        actions.disable(system, channel.id, reason="again")
    assert actions.enable(system, channel.id).is_enabled


def test_a_channel_in_use_is_not_deleted_and_says_which_route_uses_it(channel, make_route, system):
    route = make_route("Everything")
    with pytest.raises(Invalid, match="Everything"):
        actions.delete(system, channel.id, reason="over")
    routes.delete(system, route.id, reason="over")
    actions.delete(system, channel.id, reason="over")
    assert queries.channels(system).empty


def test_the_test_button_sends_at_once_and_the_log_keeps_it(channel, system, mailbox, raw):
    sent = testing.test(system, channel.id)
    assert sent.is_success and mailbox.mails[0].rcpt_tos == ["ops@example.com"]
    mailbox.answer = "550 no such user"
    assert "no such user" in testing.test(system, channel.id).error
    log = queries.log(system, channel_id=channel.id).frame
    assert list(log["status"]) == ["failed", "sent"] and set(log["reason"]) == {"test"}
    known = queries.one_channel(system, channel.id)
    assert (known["last_status"], known["failed_24h"], known["sent_24h"]) == ("failed", 1, 1)
    assert "no such user" in known["last_error"]
    assert raw("SELECT count(*) FROM audit_entry WHERE action = 'alert_channels.test'")[0].count == 2


def test_a_json_channel_can_be_tested_too(db, system, loopback_allowed):  # noqa: F811
    with receiving() as receiver:
        made = actions.create(system, name="Hook", url=f"json://127.0.0.1:{receiver.port}/hook")
        assert testing.test(system, made.id).error is None
    assert b"Test of the alert channel Hook" in receiver.requests[0].body


def test_routes_are_asked_in_their_order_and_can_be_moved(make_route, system):
    made = {name: make_route(name) for name in ("first", "second", "third")}
    routes.move(system, made["third"].id, to=1)
    assert list(queries.routes(system)["name"]) == ["third", "first", "second"]
    routes.move(system, made["third"].id, to=99)
    found = queries.routes(system)
    assert list(found["name"]) == ["first", "second", "third"]
    assert list(found["position"]) == [1, 2, 3] and list(found["channels"]) == [["Ops"]] * 3


def test_a_route_keeps_what_was_given_and_refuses_what_is_not_sound(channel, make_route, system, raw):
    made = make_route(
        severities=["critical"], areas=["servers"], weekdays=[0, 1], starts_at=time(22), ends_at=time(6),
        time_zone="Europe/Berlin", continues=True, escalate_after_minutes=15, escalation_channel_ids=[channel.id],
        repeat_every_minutes=30,
    )  # fmt: skip
    stored = queries.one_route(system, made.id)
    assert (stored["starts_at"], stored["weekdays"], stored["repeat_every_minutes"]) == (time(22), [0, 1], 30)
    for bad in (
        {"ends_at": None},
        {"escalate_after_minutes": None},
        {"channel_ids": [uuid7()]},
        {"severities": ["grave"]},
    ):
        with pytest.raises(Invalid):
            routes.edit(system, made.id, **bad)
    assert queries.one_route(system, made.id) == stored
    with pytest.raises(Conflict):
        routes.edit(system, made.id, version=made.version + 1, name="Other")
    assert routes.edit(system, made.id, version=made.version, name="Other").name == "Other"


def test_switching_a_route_off_and_on(make_route, system):
    made = make_route()
    assert not routes.disable(system, made.id).is_enabled
    with pytest.raises(Invalid, match="already"):
        routes.disable(system, made.id)
    assert routes.enable(system, made.id).is_enabled


def test_who_would_be_told_names_channels_in_order_with_their_escalation(channel, make_route, system):
    lead = actions.create(system, name="Lead", url="mail://lead@example.com")
    make_route("Nights", starts_at=time(22), ends_at=time(6), severities=["critical"], continues=True,
               escalate_after_minutes=15, escalation_channel_ids=[lead.id], repeat_every_minutes=30)  # fmt: skip
    make_route("Rest", areas=["servers"])
    night, noon = datetime(2026, 11, 20, 23, tzinfo=UTC), datetime(2026, 11, 20, 12, tzinfo=UTC)
    found = queries.who_would_be_told(system, severity="critical", area="servers", at=night)
    assert found[["route", "channel"]].values.tolist() == [["Nights", "Ops"], ["Nights", "Lead"]]
    assert list(found["after"]) == [timedelta(), timedelta(minutes=15)]
    later = queries.who_would_be_told(system, severity="critical", area="servers", at=noon)
    assert later[["route", "channel"]].values.tolist() == [["Rest", "Ops"]]
    assert queries.who_would_be_told(system, severity="info", area="errors", at=noon).empty
