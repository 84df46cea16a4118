"""Mails that come in: where they land, what is ignored, and that the text is never lost."""

import base64
from email.message import EmailMessage

import pytest

from core.access.operators import actions as operators
from core.customers.users.models import TenantUser
from core.kernel.errors import Invalid
from core.kernel.settings import settings
from core.kernel.writes import write
from core.support.mail import addresses, polling, tasks
from core.support.tickets import actions, attachments, queries, receiving
from tests.core.customers.test_tenants import make

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


def take(raw_mail: bytes):
    return receiving.receive(raw_mail, via="api")


@pytest.fixture
def ticket(zoe, system):
    return actions.create(system, subject="The report", description="Empty", requester_id=zoe.id)


def with_large_file(raw_mail: bytes) -> bytes:
    """The mail with a file of 50 MiB more, for which the standard library's own generator would take half a minute."""
    end = raw_mail.rindex(b"\n--") + 1
    content = base64.encodebytes(b"x" * 50 * 1024**2)
    head = b"Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
    boundary = raw_mail[end:].split(b"\n")[0].removesuffix(b"--")
    head += b'Content-Disposition: attachment; filename="big.bin"\n\n'
    return raw_mail[:end] + boundary + b"\n" + head + content + raw_mail[end:]


def body_of(agent, arrival) -> str:
    return str(queries.messages(agent, arrival.ticket_id).iloc[-1]["body"])


def test_a_new_matter_is_the_account_s_with_the_address_and_else_nobody_s(zoe, agent, mail_of, system, raw):
    known = take(mail_of("Help", subject="=?utf-8?q?R=C3=A9sum=C3=A9?="))
    assert (known.outcome, known.number) == ("created", "QD-000001")
    row = queries.one(agent, known.ticket_id)
    told = (row["tenant_id"], row["requester_name"], row["subject"], row["description"])
    assert told == (zoe.tenant_id, "Zoé Quinn", "Résumé", "Help")
    stranger = queries.one(agent, take(mail_of("Hi", sender="X <x@else.example>")).ticket_id)
    assert (stranger["tenant_id"], stranger["requester_name"], stranger["requester_email"]) == (
        None,
        "X",
        "x@else.example",
    )
    other = make(system, "Other")
    with write(system, "users.create") as tx:
        tx.add(TenantUser(tenant_id=other.id, email="zoe@acme.example", name="Zoé of Other"))
    assert (
        queries.one(agent, take(mail_of("Which?")).ticket_id)["tenant_id"] is None
    )  # of two, nobody can say whose it is
    assert raw("SELECT count(*) FROM inbound_mail WHERE outcome = 'created'")[0].count == 3


def test_token_counts_before_references_and_both_before_a_new_ticket(ticket, zoe, agent, mail_of, system):
    other = actions.create(system, subject="Other", description="x", requester_id=zoe.id)
    opened = take(mail_of("First", message_id="<first@acme.example>"))
    by_token = take(mail_of(to=addresses.reply_to(ticket.number), References="<first@acme.example>"))
    by_reference = take(mail_of(In_Reply_To="<first@acme.example>"))
    by_copy = take(mail_of(Cc=f"Support <{addresses.reply_to(other.number)}>"))
    assert [one.ticket_id for one in (by_token, by_reference, by_copy)] == [ticket.id, opened.ticket_id, other.id]
    forged = addresses.reply_to(ticket.number).replace(f"+{ticket.number}.", f"+{other.number}.")
    assert take(mail_of(to=forged)).outcome == "created"


def test_somebody_else_with_the_address_is_told_by_name_and_address(ticket, agent, mail_of, system, acme):
    arrival = take(mail_of(sender="Kim <kim@else.example>", to=addresses.reply_to(ticket.number)))
    assert queries.messages(agent, arrival.ticket_id).iloc[-1]["author_name"] == "Kim <kim@else.example>"
    with write(system, "users.create") as tx:
        tx.add(TenantUser(tenant_id=acme.id, email="bo@acme.example", name="Bo Berg"))
    arrival = take(mail_of(sender="B <bo@acme.example>", to=addresses.reply_to(ticket.number)))
    assert queries.messages(agent, arrival.ticket_id).iloc[-1]["author_name"] == "Bo Berg"


def test_a_resolved_ticket_is_reopened_and_a_closed_one_followed_by_a_new_one(ticket, agent, mail_of, raw):
    actions.resolve(agent, ticket.id, note="Fixed")
    take(mail_of("No.", to=addresses.reply_to(ticket.number)))
    assert queries.one(agent, ticket.id)["status"] == "reopened"
    actions.resolve(agent, ticket.id, note="Fixed")
    actions.set_status(agent, ticket.id, status="closed")
    arrival = take(mail_of("Again.", to=addresses.reply_to(ticket.number)))
    assert arrival.outcome == "received" and arrival.ticket_id != ticket.id and arrival.number == "QD-000002"


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Auto_Submitted": "auto-replied (vacation)"}, "Auto-Submitted"), ({"Precedence": "auto_reply"}, "Precedence"),
        ({"Precedence": "Bulk"}, "Precedence"), ({"X_Autoreply": "yes"}, "X-Autoreply"),
        ({"Return_Path": "<>"}, "could not be delivered"), ({"sender": "Mail Delivery <MAILER-DAEMON@mx.example>"}, "delivered"),
        ({"sender": "support@deck.example"}, "one of our own"), ({"X_Quarterdeck_Mail": "created"}, "one of our own"),
        ({"sender": "Ada <ADA@deck.example>"}, "A colleague"), ({"sender": "nobody"}, "no sender"),
    ],
)  # fmt: skip
def test_what_no_customer_wrote_is_ignored_and_told(ticket, agent, mail_of, raw, headers, why):
    arrival = take(mail_of("I am away until Monday.", to=addresses.reply_to(ticket.number), **headers))
    assert arrival.outcome == "ignored" and why in arrival.reason
    assert raw("SELECT outcome, reason FROM inbound_mail")[0] == ("ignored", arrival.reason)
    assert raw("SELECT count(*) FROM ticket_message")[0].count == 0
    assert raw("SELECT count(*) FROM ticket")[0].count == 1


def test_a_person_s_mail_that_says_it_is_not_automatic_is_taken(ticket, mail_of):
    assert take(mail_of(to=addresses.reply_to(ticket.number), Auto_Submitted="no")).outcome == "received"


def test_a_bounce_marks_the_mail_that_did_not_arrive(mailbox, ticket, deliver_all, raw):
    deliver_all()
    [sent] = raw("SELECT id FROM ticket_mail")
    report = (
        "From: MAILER-DAEMON@mx.example\r\nTo: support@deck.example\r\nSubject: Undelivered\r\nMessage-ID: <b@mx.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
        "--x\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Action: failed\r\n\r\n--x\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <{sent.id}@deck.example>\r\n\r\n--x--\r\n"
    )
    assert take(report.encode()).outcome == "ignored"
    assert raw("SELECT outcome, error FROM ticket_mail")[0] == ("bounced", "undelivered".capitalize())


def test_the_same_message_id_twice_is_kept_once(ticket, mail_of, raw):
    mail = mail_of("Once", to=addresses.reply_to(ticket.number), message_id="<same@acme.example>")
    assert [take(mail).outcome, take(mail).outcome] == ["received", "duplicate"]
    raw("DELETE FROM inbound_mail")  # as when a process died between the message and this row
    assert take(mail).outcome == "duplicate"
    without = mail.replace(b"Message-ID: <same@acme.example>\n", b"")
    assert [take(without).outcome, take(without).outcome] == ["received", "duplicate"]
    assert raw("SELECT count(*) FROM ticket_message")[0].count == 2


def test_html_mail_with_script_is_kept_as_the_text_that_one_sees(ticket, agent, mail_of):
    html = (
        "<html><head><title>T</title><style>p{}</style></head><body><p>Hello &lt;b&gt;</p><script>alert('x')</script>"
        "<img src=x onerror=alert(1)><p>see <a href='https://acme.example/a'>this</a><br>and <b>that</b></p>"
        "<ul><li>one<li>two</ul><noscript>no</noscript><div class='gmail_quote'>On Mon, Ada wrote:<br>"
        "<blockquote>old text</blockquote></div></body></html>"
    )
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "zoe@acme.example", addresses.reply_to(ticket.number), "x"
    message.set_content(html, subtype="html")
    text = body_of(agent, take(message.as_bytes()))
    assert text == "Hello <b>\n\nsee this (https://acme.example/a)\nand that\n\n- one\n- two"


def test_files_are_kept_and_those_that_cannot_be_are_told_without_losing_the_text(ticket, agent, mail_of, monkeypatch):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "zoe@acme.example", addresses.reply_to(ticket.number), "x"
    message.set_content("Here are the files.")
    message.add_attachment(PNG, maintype="image", subtype="png", filename="../../etc/shot.png")
    message.add_attachment(b"MZ" + b"\x00" * 200, maintype="application", subtype="pdf", filename="invoice.pdf")
    arrival = take(with_large_file(message.as_bytes()))
    text = body_of(agent, arrival)
    assert text.startswith("Here are the files.\n\n[Not kept: ")
    assert any("big.bin (50.0 MiB)" in one for one in arrival.refused)
    kept = {row["name"]: row for row in queries.files(agent, ticket.id).to_dict("records")}
    assert "big.bin" not in kept and not any("/" in name for name in kept)
    stored = [attachments.open(agent, row["id"]) for row in kept.values()]
    assert PNG in [one.content for one in stored]
    disguised = [one for one in stored if one.content.startswith(b"MZ")]
    # A program that calls itself a PDF is refused, or kept as what it is and never as what it says.
    assert disguised or any("invoice.pdf" in one for one in arrival.refused)
    assert all(one.media_type != "application/pdf" for one in disguised)


def test_a_message_of_more_than_a_megabyte_is_attached_whole(ticket, agent, mail_of):
    text = "naïve 𝔘 " * 150_000
    arrival = take(mail_of(text, to=addresses.reply_to(ticket.number)))
    assert arrival.outcome == "received"
    [row] = queries.files(agent, ticket.id).to_dict("records")
    assert attachments.open(agent, row["id"]).content.decode().strip() == text.strip()


NAUGHTY = ["\x00NUL\x00", "\u202eevil\u202c", "𝔘𝔫𝔦 ﷽", "'; DROP TABLE ticket; --", "{{7*7}}", "\ufeffBOM", "a" * 5_000]


@pytest.mark.parametrize("text", NAUGHTY)
def test_naughty_texts_and_headers_are_kept_as_text(zoe, agent, text):
    raw_mail = (
        f"From: {text[:50]} <zoe@acme.example>\r\nSubject: {text[:200]}\r\nMessage-ID: <{abs(hash(text))}@x>\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text
    ).encode()
    arrival = take(raw_mail)
    assert arrival.outcome == "created"
    wanted = text.replace("\x00", "\N{REPLACEMENT CHARACTER}").strip()
    assert queries.one(agent, arrival.ticket_id)["description"].strip("\ufeff") == wanted.strip("\ufeff")


@pytest.mark.parametrize(
    "raw_mail",
    [b"", b"no headers at all", b"\xff" * 100, b"\n\n\n"],
)
def test_what_is_no_mail_is_refused_with_a_sentence(db, raw_mail):
    with pytest.raises(Invalid):
        take(raw_mail)


def test_broken_and_hostile_structures_end_soon(zoe, agent):
    nested = b"From: zoe@acme.example\r\nSubject: n\r\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth) for depth in range(3_000)
    )
    with pytest.raises(Invalid, match="parts inside"):
        take(nested)
    odd = (
        b"From: =?bogus?q?=FF?= <zoe@acme.example>, <<>>\r\nSubject: =?utf-8?b?!!!?=\r\nTo: ,,;:\r\nReferences: <<<>>> <a\r\n"
        b"Content-Type: text/plain; charset=no-such\r\nContent-Transfer-Encoding: base64\r\n\r\n@@@@not base64"
    )
    assert take(odd).outcome == "created"


def test_mailbox_goes_on_behind_a_mail_that_cannot_be_read(zoe, inbox, mail_of, system, raw, monkeypatch):
    inbox.deliver(b"From: a@b.example\r\nSubject: n\r\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth) for depth in range(300)
    ), mail_of("I am fine"))  # fmt: skip
    assert polling.poll(inbox.url) == 2
    assert inbox.flags() == [{"\\Seen", "\\Flagged"}, {"\\Seen"}]
    assert sorted(row.outcome for row in raw("SELECT outcome FROM inbound_mail")) == ["created", "failed"]
    tasks.poll(system)
    assert raw("SELECT count(*) FROM ticket")[0].count == 1


def test_of_a_mail_beyond_all_measure_the_text_is_fetched(zoe, inbox, agent, raw, monkeypatch):
    monkeypatch.setattr(polling, "LARGEST", 100_000)
    monkeypatch.setattr(polling, "BEGINNING", 20_000)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "zoe@acme.example", "support@deck.example", "Large"
    message.set_content("The text comes first.")
    message.add_attachment(b"x" * 200_000, maintype="application", subtype="octet-stream", filename="big.bin")
    inbox.deliver(message.as_bytes())
    polling.poll(inbox.url)
    description = raw("SELECT description FROM ticket")[0].description
    assert description.startswith("The text comes first.") and "too large to be fetched whole" in description


def test_no_mailbox_set_means_no_look_and_a_silent_server_is_told(system, monkeypatch, db):
    monkeypatch.delenv("INBOUND_IMAP_URL", raising=False)
    settings.cache_clear()
    tasks.poll(system)
    with pytest.raises(Exception, match="does not answer"):
        polling.poll("imap://u:p@127.0.0.1:9/INBOX")


def test_an_operator_out_of_service_is_no_colleague(zoe, agent, mail_of, system):
    operators.disable(system, agent.operator_id, reason="Left")
    assert take(mail_of(sender="ada@deck.example")).outcome == "created"
