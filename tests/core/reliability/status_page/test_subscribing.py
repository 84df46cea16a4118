"""Mails: asked for, confirmed, told once, ended; and nobody learns who is subscribed."""

import email
import re
from datetime import timedelta
from email.policy import default

import pytest

from core.health.maintenance import actions as maintenance
from core.kernel.errors import Invalid, NotFound
from core.kernel.times import utc_now
from core.reliability.status_page import actions, mailing, places, subscribing, tasks
from tests.core.reliability.status_page.making import SYSTEM, component, incident, told


@pytest.fixture(autouse=True)
def _addresses(monkeypatch):
    monkeypatch.setenv("STATUS_PAGE_FORMS_URL", "https://deck.example.com/status")
    monkeypatch.setenv("STATUS_PAGE_URL", "https://status.example.com")
    places.settings.cache_clear()
    yield
    places.settings.cache_clear()


def mails(box) -> list:
    return [email.message_from_bytes(one.content, policy=default) for one in box.mails]


def token(message, purpose: str) -> str:
    return re.search(rf"https://deck\.example\.com/status/{purpose}/(\S+)", message.get_content()).group(1)


def subscribed(box, address: str = "ada@example.com", components=()) -> str:
    """Subscribes and confirms; returns the token of the mail that came."""
    subscribing.ask(SYSTEM, address, components)
    mailing.send(SYSTEM)
    key = token(mails(box)[-1], "confirm")
    subscribing.confirm(SYSTEM, key)
    return key


def test_nothing_comes_before_the_link_was_confirmed(db, mailbox):
    subscribing.ask(SYSTEM, "Ada@Example.com")
    mailing.send(SYSTEM)
    [first] = mails(mailbox)
    assert first["To"] == "Ada@example.com" and "confirm" in first["Subject"].lower()
    assert first["List-Unsubscribe"] is None
    told(incident())
    tasks.tell(SYSTEM)
    assert len(mailbox.mails) == 1
    key = token(first, "confirm")
    assert subscribing.look(SYSTEM, "confirm", key).state == "open"
    subscribing.confirm(SYSTEM, key)
    subscribing.confirm(SYSTEM, key)
    assert subscribing.look(SYSTEM, "confirm", key).state == "done"
    tasks.tell(SYSTEM)
    assert len(mailbox.mails) == 1, "what was told before is no news"


def test_an_update_is_told_once_with_a_way_out(db, raw, mailbox):
    subscribed(mailbox)
    told(incident(public_title="Slow\r\nanswers"), "We look into it.")
    tasks.tell(SYSTEM)
    tasks.tell(SYSTEM)
    _, mail = mails(mailbox)
    assert mail["Subject"] == "[Quarterdeck] Investigating: Slow answers"
    assert "We look into it." in mail.get_content() and "secret" not in mail.as_string().lower()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    key = token(mail, "unsubscribe")
    assert mail["List-Unsubscribe"] == f"<https://deck.example.com/status/unsubscribe/{key}>"
    subscribing.unsubscribe(SYSTEM, key)
    subscribing.unsubscribe(SYSTEM, key)
    assert subscribing.look(SYSTEM, "unsubscribe", key).state == "done"
    told(incident())
    tasks.tell(SYSTEM)
    assert len(mailbox.mails) == 2
    assert [row.outcome for row in raw("SELECT outcome FROM status_mail")] == ["sent", "sent"]


def test_only_those_are_told_whose_components_it_names(db, mailbox):
    api, web = component("API").id, component("Web").id
    subscribed(mailbox, "api@example.com", [api])
    subscribed(mailbox, "web@example.com", [web])
    subscribed(mailbox, "all@example.com")
    mailbox.mails.clear()
    key = incident()
    told(key, components={str(api): "partial_outage"})
    told(key, "No component in this one.")
    tasks.tell(SYSTEM)
    assert sorted(one["To"] for one in mails(mailbox)) == [
        "all@example.com",
        "all@example.com",
        "api@example.com",
        "api@example.com",
    ]
    mailbox.mails.clear()
    told(incident())
    tasks.tell(SYSTEM)
    assert len(mailbox.mails) == 3, "one that names no component concerns all"


def test_maintenance_is_told_and_taken_back_to_those_who_know_of_it(db, mailbox):
    subscribed(mailbox)
    mailbox.mails.clear()
    window = maintenance.create(SYSTEM, title="Secret", starts_at=utc_now() + timedelta(days=60), duration_s=3_600)
    made = actions.announce(SYSTEM, window.id, title="Upgrade")
    tasks.tell(SYSTEM)
    subscribed(mailbox, "late@example.com")
    actions.withdraw(SYSTEM, made.id)
    tasks.tell(SYSTEM)
    subjects = [(one["To"], one["Subject"]) for one in mails(mailbox) if "onfirm" not in one["Subject"]]
    assert subjects == [
        ("ada@example.com", "[Quarterdeck] Maintenance: Upgrade"),
        ("ada@example.com", "[Quarterdeck] Maintenance cancelled: Upgrade"),
    ]


def test_asking_again_tells_only_the_mailbox(db, mailbox):
    for address in ("ada@example.com", "ADA@example.com", "new@example.com"):
        assert subscribing.ask(SYSTEM, address) is None
    mailing.send(SYSTEM)
    assert [one["To"] for one in mails(mailbox)] == ["ada@example.com", "new@example.com"], "not twice within minutes"
    subscribing.confirm(SYSTEM, token(mails(mailbox)[0], "confirm"))
    for _ in range(3):
        assert subscribing.ask(SYSTEM, "ada@example.com") is None
    mailing.send(SYSTEM)
    assert [one["Subject"] for one in mails(mailbox)[2:]] == ["You are subscribed to Quarterdeck status"]


def test_a_link_expires_and_strange_ones_are_not_known(db, raw, mailbox):
    subscribing.ask(SYSTEM, "ada@example.com")
    mailing.send(SYSTEM)
    key = token(mails(mailbox)[0], "confirm")
    raw("UPDATE status_subscriber SET confirm_until = now() - interval '1 second'")
    with pytest.raises(Invalid, match="expired"):
        subscribing.confirm(SYSTEM, key)
    for purpose in ("confirm", "unsubscribe"):
        with pytest.raises(NotFound):
            subscribing.look(SYSTEM, purpose, "nonsense")
    with pytest.raises(NotFound):
        subscribing.unsubscribe(SYSTEM, key)


def test_an_old_confirmation_does_not_subscribe_again(db, mailbox):
    key = subscribed(mailbox)
    told(incident())
    tasks.tell(SYSTEM)
    subscribing.unsubscribe(SYSTEM, token(mails(mailbox)[-1], "unsubscribe"))
    subscribing.confirm(SYSTEM, key)
    told(incident())
    tasks.tell(SYSTEM)
    assert len(mailbox.mails) == 2


def test_tokens_are_kept_as_digests(db, raw, mailbox):
    key = subscribed(mailbox)
    [row] = raw("SELECT status_subscriber::text AS held FROM status_subscriber")
    assert key not in row.held


def test_a_server_that_is_away_is_tried_again_and_a_bad_address_is_given_up(db, raw, mailbox):
    subscribing.ask(SYSTEM, "ada@example.com")
    mailbox.answer = "451 later"
    assert mailing.send(SYSTEM) == 0
    [row] = raw("SELECT outcome, attempts, at > now() AS is_later FROM status_mail")
    assert (row.outcome, row.attempts, row.is_later) == ("queued", 1, True)
    raw("UPDATE status_mail SET at = now()")
    mailbox.answer = "550 no such mailbox"
    mailing.send(SYSTEM)
    assert raw("SELECT outcome FROM status_mail")[0].outcome == "failed"


def test_without_a_mail_server_it_is_said(db, raw):
    subscribing.ask(SYSTEM, "ada@example.com")
    mailing.send(SYSTEM)
    assert raw("SELECT outcome FROM status_mail")[0].outcome == "no mail server"


@pytest.mark.parametrize(
    "text",
    ["", "x", "a@b", "a b@example.com", "a@example.com\r\nBcc: b@example.com", "a@@example.com", "<a@example.com>",
     "a..b@example.com", "é@example.com", "x" * 300 + "@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(db, raw, text):
    with pytest.raises(Invalid, match="no e-mail address"):
        subscribing.ask(SYSTEM, text)
    assert not raw("SELECT 1 FROM status_subscriber")


def test_what_is_over_is_forgotten(db, raw, mailbox):
    subscribed(mailbox, "stays@example.com")
    subscribing.ask(SYSTEM, "never@example.com")
    subscribed(mailbox, "ended@example.com")
    raw("UPDATE status_subscriber SET unsubscribed_at = now() - interval '8 days' WHERE email LIKE 'ended%'")
    raw("UPDATE status_subscriber SET confirm_until = now() - interval '8 days'")
    tasks.tidy(SYSTEM)
    assert [row.email for row in raw("SELECT email FROM status_subscriber")] == ["stays@example.com"]
