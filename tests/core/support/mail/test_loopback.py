"""The whole way round: a ticket, its mails by a real SMTP server, and answers out of a real IMAP mailbox."""

from email import message_from_bytes, policy

from core.support.mail import addresses, tasks
from core.support.tickets import actions, queries


def _sent(mailbox):
    return [(one.rcpt_tos[0], message_from_bytes(one.content, policy=policy.default)) for one in mailbox.mails]


def test_a_reply_by_mail_lands_in_the_thread_and_the_answer_to_it_goes_out_in_it(
    mailbox, inbox, zoe, agent, system, deliver_all, mail_of, raw
):
    inbox.deliver(mail_of("The report is empty since Monday.", message_id="<first@acme.example>"))
    tasks.poll(system)
    deliver_all()
    ticket = queries.by_number(agent, raw("SELECT number FROM ticket")[0].number)
    assert (ticket["tenant_id"], ticket["requester_id"], ticket["channel"]) == (zoe.tenant_id, zoe.id, "email")
    [(to, confirmation)] = _sent(mailbox)
    assert to == "zoe@acme.example"
    assert ticket["reference"] in confirmation["Subject"] and confirmation["In-Reply-To"] == "<first@acme.example>"

    actions.reply(agent, ticket["id"], body="Which month do you look at?")
    deliver_all()
    to, reply = _sent(mailbox)[-1]
    assert "Which month do you look at?" in reply.get_content() and "Ada Agent" in reply.get_content()
    assert addresses.number_in([reply["Reply-To"]]) == ticket["number"]

    quoted = "".join(f"> {line}\n" for line in reply.get_content().splitlines())
    inbox.deliver(mail_of(
        f"It is March.\n\nOn Mon, 3 Nov 2026 at 10:00, Support <support@deck.example>\nwrote:\n\n{quoted}",
        to=reply["Reply-To"], subject=f"AW: {reply['Subject']}", In_Reply_To=reply["Message-ID"],
        message_id="<second@acme.example>",
    ))  # fmt: skip
    tasks.poll(system)
    deliver_all()

    said = queries.messages(agent, ticket["id"])
    assert list(said["author_kind"]) == ["agent", "customer"]
    assert said.iloc[-1]["body"] == "It is March."
    assert said.iloc[-1]["author_name"] == "Zoé Quinn"
    assert raw("SELECT count(*) FROM ticket")[0].count == 1
    assert inbox.flags() == [{"\\Seen"}, {"\\Seen"}]

    actions.reply(agent, ticket["id"], body="Found it.")
    deliver_all()
    last = _sent(mailbox)[-1][1]
    assert last["In-Reply-To"] == "<second@acme.example>"
    assert last["References"].split()[0] == "<first@acme.example>" and reply["Message-ID"] in last["References"]
    assert {row.outcome for row in raw("SELECT outcome FROM ticket_mail")} == {"sent"}
