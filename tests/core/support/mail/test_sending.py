"""Mails that go out: to whom, with what, and what never leaves."""

from email import message_from_bytes, policy
from email.utils import parseaddr

import pytest

from core.kernel import crypto
from core.kernel.errors import Unavailable
from core.kernel.settings import settings
from core.support.mail import addresses, composing, tasks
from core.support.tickets import actions, attachments
from core.support.tickets.watchers import watch


def _sent(mailbox):
    return [message_from_bytes(one.content, policy=policy.default) for one in mailbox.mails]


@pytest.fixture
def ticket(zoe, system):
    return actions.create(
        system, subject="The report\r\nBcc: all@acme.example", description="Empty", requester_id=zoe.id
    )


def _outcomes(raw):
    return [tuple(row) for row in raw("SELECT kind, recipient, outcome FROM ticket_mail ORDER BY id")]


def test_an_internal_note_never_leaves(mailbox, ticket, agent, deliver_all, raw, system):
    deliver_all()
    secret = {"body": "She is wrong, but do not say so.", "is_internal": True, "mentions": [agent.operator_id]}
    note = actions.reply(agent, ticket.id, **secret)
    deliver_all()
    assert [mail["To"] for mail in _sent(mailbox)] == ["zoe@acme.example"]  # the confirmation, and nothing after it
    assert [kind for kind, _, _ in _outcomes(raw)] == ["created"]
    # Even where a mail was queued for it, by whatever mistake, it is not sent.
    raw(
        "INSERT INTO ticket_mail (id, event_id, ticket_id, tenant_id, message_id, kind, recipient, outcome, queued_at) VALUES"
        " (gen_random_uuid(), gen_random_uuid(), :ticket, :tenant, :message, 'reply', 'zoe@acme.example', 'queued', now())",
        ticket=ticket.id, tenant=ticket.tenant_id, message=note.id,
    )  # fmt: skip
    tasks.send(system, mail_id=str(raw("SELECT id FROM ticket_mail WHERE kind = 'reply'")[0].id))
    assert len(mailbox.mails) == 1
    assert ("reply", "zoe@acme.example", "dropped") in _outcomes(raw)
    assert all(b"do not say so" not in mail.content for mail in mailbox.mails)


def test_a_colleague_who_is_mentioned_in_a_note_gets_a_link_and_not_its_text(
    mailbox, ticket, agent, deliver_all, system
):
    actions.reply(system, ticket.id, body="Secret diagnosis", is_internal=True, mentions=[agent.operator_id])
    deliver_all()
    mail = next(mail for mail in _sent(mailbox) if mail["To"] == "ada@deck.example")
    assert f"/ticket?id={ticket.id}" in mail.get_content() and "Secret" not in mail.as_string()
    assert mail["Reply-To"] is None and mail["Auto-Submitted"] == "auto-generated"


def test_reply_carries_its_files_and_a_subject_begins_no_header(mailbox, ticket, agent, deliver_all):
    file = attachments.store(agent, name="näme.txt", content=b"figures")
    actions.reply(agent, ticket.id, body="See the file.\n.\nQUIT", attachments=[file])
    deliver_all()
    mail = _sent(mailbox)[-1]
    assert mail["Bcc"] is None and "Bcc: all@acme.example" in mail["Subject"]
    assert mailbox.mails[-1].rcpt_tos == ["zoe@acme.example"]
    assert "See the file.\n.\nQUIT" in mail.get_body().get_content().replace("\r", "")
    [attached] = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("näme.txt", "figures")


def test_assignee_and_watchers_are_told_of_what_the_customer_writes(
    mailbox, ticket, agent, zoe, deliver_all, system, raw
):
    actions.assign(system, ticket.id, assignee_id=agent.operator_id)
    watch(agent, ticket.id)
    actions.receive(system, ticket.id, body="Anything new?", author_name="Zoé")
    deliver_all()
    assert [kind for kind, to, _ in _outcomes(raw) if to == "ada@deck.example"] == ["assigned", "received"]
    assert "Anything new?" in _sent(mailbox)[-1].get_content()


def test_outcome_is_kept_when_the_server_refuses_and_each_mail_goes_out_once(mailbox, ticket, raw, system, deliver_all):
    mailbox.answer = "451 later"
    with pytest.raises(Unavailable):
        deliver_all()
    [mail] = raw("SELECT id, outcome, error FROM ticket_mail")
    assert mail.outcome == "failed" and "later" in mail.error
    mailbox.answer = "250 OK"
    tasks.send(system, mail_id=str(mail.id))
    tasks.send(system, mail_id=str(mail.id))
    assert [one["Message-ID"] for one in _sent(mailbox)] == [f"<{mail.id}@deck.example>"]
    assert raw("SELECT outcome, error FROM ticket_mail")[0] == ("sent", None)


def test_a_final_refusal_is_not_tried_again_and_no_server_is_told(
    mailbox, ticket, raw, deliver_all, monkeypatch, system
):
    mailbox.answer = "550 no such mailbox"
    deliver_all()
    assert raw("SELECT outcome FROM ticket_mail")[0].outcome == "failed"
    monkeypatch.delenv("SMTP_URL")
    settings.cache_clear()
    actions.create(system, subject="Another", description="x", requester_id=ticket.requester_id)
    deliver_all()
    assert _outcomes(raw)[-1][2] == "no mail server"


def test_the_confirmation_goes_to_nobody_whom_nobody_knows(mailbox, deliver_all, system, raw):
    forged = {"requester_name": "X", "requester_email": "victim@example.org", "channel": "email"}
    actions.create(system, subject="Spam", description="x", **forged)
    deliver_all()
    assert raw("SELECT count(*) FROM ticket_mail")[0].count == 0


def test_reply_address_is_signed_and_survives_a_rotation_of_keys(ticket, monkeypatch):
    address = addresses.reply_to(ticket.number)
    assert len(address.partition("@")[0]) <= 64
    assert addresses.number_in(["other@deck.example", address.upper()]) == ticket.number
    local, _, host = address.partition("@")
    forged = f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{host}"
    assert addresses.number_in([forged]) is None
    assert addresses.number_in([address.replace(f"+{ticket.number}.", f"+{ticket.number + 1}.")]) is None
    monkeypatch.setenv("ENCRYPTION_KEYS", f"{crypto.new_key()},test:{'A' * 43}=")
    settings.cache_clear()
    crypto.keys.cache_clear()
    assert addresses.number_in([address]) == ticket.number
    assert addresses.reply_to(ticket.number) != address
    monkeypatch.undo()
    settings.cache_clear()
    crypto.keys.cache_clear()


def test_the_sender_is_a_whole_address(ticket, deliver_all, mailbox):
    deliver_all()
    mail = _sent(mailbox)[0]
    assert parseaddr(mail["From"]) == ("Support", "support@deck.example")
    assert composing.known is not None and mail["X-Quarterdeck-Mail"] == "created"
