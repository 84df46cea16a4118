"""Messages through Apprise and by the portal's mail server, to real servers on loopback."""

import asyncio
import socket
import threading

import pytest

from core.health.channels.apprising import plugin_of
from core.health.channels.guarding import guarded
from core.health.channels.sending import Message, send
from core.kernel.outbound import Refused
from core.kernel.settings import settings
from tests.core.platform.webhooks.conftest import loopback_allowed  # noqa: F401
from tests.core.platform.webhooks.receiver import receiving

MESSAGE = Message("[Critical] CPU: web-1", "CPU used is 92 %.\nSince: now", "failure", "0190", "alert-1")


@pytest.fixture
def receiver(loopback_allowed):  # noqa: F811
    with receiving() as running:
        yield running


def test_json_reaches_the_receiver_whole(receiver):
    sent = send(f"json://127.0.0.1:{receiver.port}/hook", MESSAGE)
    assert sent.error is None and sent.is_success and sent.duration_ms > 0
    body = receiver.requests[0].body.decode()
    assert "[Critical] CPU: web-1" in body and "CPU used is 92 %." in body and '"failure"' in body


def test_mail_goes_by_the_portals_server_to_every_address(mailbox):
    assert send("mail://ops@example.com,lead@example.com", MESSAGE).is_success
    assert [mail.rcpt_tos for mail in mailbox.mails] == [["ops@example.com"], ["lead@example.com"]]
    assert b"Message-ID: <0190@quarterdeck>" in mailbox.mails[0].content
    assert b"CPU used is 92" in mailbox.mails[0].content


def test_mail_goes_by_a_server_of_its_own(mailbox, loopback_allowed):  # noqa: F811
    port = str(settings().smtp_url.get_secret_value()).rsplit(":", 1)[1]
    url = f"mailto://127.0.0.1:{port}?from=qd@example.com&to=ops@example.com&mode=insecure"
    assert send(url, MESSAGE).error is None
    assert mailbox.mails[0].rcpt_tos == ["ops@example.com"]


def test_a_refusal_is_told_with_its_reason_and_without_the_secret(receiver):
    receiver.answer = lambda _: 500
    sent = send(f"json://user:hunter22@127.0.0.1:{receiver.port}/secret-token", MESSAGE)
    assert not sent.is_success
    assert "500" in sent.error and "hunter22" not in sent.error and "secret-token" not in sent.error


def test_a_server_that_is_not_there_is_told(loopback_allowed, mailbox):  # noqa: F811
    sent = send("json://127.0.0.1:9/secret-token", MESSAGE)
    assert "Connection refused" in sent.error and "secret-token" not in sent.error
    mailbox.answer = "451 later"
    assert "later" in send("mail://ops@example.com", MESSAGE).error


def test_without_a_mail_server_the_sentence_says_so(monkeypatch):
    monkeypatch.delenv("SMTP_URL", raising=False)
    settings.cache_clear()
    assert "SMTP_URL" in send("mail://ops@example.com", MESSAGE).error


def test_an_answer_that_never_comes_ends_in_time(receiver, monkeypatch):
    monkeypatch.setattr("core.health.channels.apprising.ANSWER_S", 0.3)
    receiver.answer = lambda _: "hang"
    sent = send(f"json://127.0.0.1:{receiver.port}/hook", MESSAGE)
    assert not sent.is_success and sent.duration_ms < 5_000


def test_a_redirect_is_not_followed(receiver):
    with receiving() as other:
        receiver.answer = lambda _: (307, {"Location": other.url()}, "")
        assert not send(f"json://127.0.0.1:{receiver.port}/hook", MESSAGE).is_success
        assert other.requests == []


def test_private_addresses_are_refused_at_the_very_connect():
    with receiving() as running:
        sent = send(f"json://127.0.0.1:{running.port}/hook", MESSAGE)
        assert "127.0.0.1" in sent.error and "not allow-listed" in sent.error
        assert running.requests == []


def test_plain_http_needs_an_allow_listed_network_also_at_a_public_address():
    with guarded(listed_only=True), socket.socket() as plain, pytest.raises(Refused):
        plain.connect(("93.184.216.34", 80))


def test_the_guard_holds_for_its_thread_alone_and_ends(receiver, monkeypatch):
    outcomes = []

    def connect() -> None:
        with socket.create_connection(("127.0.0.1", receiver.port), timeout=5):
            outcomes.append("connected")

    monkeypatch.setenv("OUTBOUND_ALLOW", "")
    settings.cache_clear()
    with guarded(listed_only=False):
        with pytest.raises(Refused):
            socket.create_connection(("127.0.0.1", receiver.port), timeout=5)
        other = threading.Thread(target=connect)
        other.start()
        other.join()
    connect()
    assert outcomes == ["connected", "connected"]
    assert asyncio.run(asyncio.sleep(0, "loops work")) == "loops work"


def test_an_alert_is_one_incident_where_services_know_incidents():
    pager = plugin_of("pagerduty://IntegrationKey1234567890@ApiKey1234567890", "alert-1")
    assert (pager.dedup, pager.action) == ("alert-1", "map")
    ops = plugin_of("opsgenie://0123456789-0123456789", "alert-1")
    assert (ops.alias, ops.action) == ("alert-1", "map")


@pytest.mark.parametrize("url", ["slack://", "pagerduty://", "mailtos://", "tgram://abc"])
def test_a_url_that_the_service_cannot_read_is_told(url):
    assert "not what this service takes" in send(url, MESSAGE).error
