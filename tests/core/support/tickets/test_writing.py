"""What agents write with: macros, drafts, files, watchers, links."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.health.errors.models import ErrorGroup
from core.kernel.errors import Conflict, Denied, Invalid, NotFound
from core.kernel.settings import settings
from core.support.tickets import actions, attachments, drafts, links, macros, queries, watchers
from tests.core.kernel.test_writes import make_tenant
from tests.core.support.tickets.given import add_operator, add_person, kinds, open_ticket, row_of


@pytest.fixture
def ann(db, raw, actor_of):
    return actor_of("support", operator_id=add_operator(raw, "Ann"), name="Ann")


@pytest.fixture
def ben(db, raw, actor_of):
    return actor_of("support", operator_id=add_operator(raw, "Ben"), name="Ben")


def test_a_macro_is_filled_edited_and_sent_with_all_that_it_sets(db, raw, system, ann, actor_of):
    tenant = make_tenant(system)
    person = add_person(system, tenant.id)
    ticket = open_ticket(ann, requester_id=person.id, requester_name=None)
    text = "Dear {{requester.first_name}}, {{ ticket.number }} of {{tenant.name}} waits. {{agent.name}}"
    macro = macros.create(ann, name="Wait", body=text, status="waiting", priority="low", tags=("Later",))
    found = macros.filled(ann, macro.id, ticket.id)
    assert found.body == "Dear Zoé, QD-000001 of Acme waits. Ann"
    assert macros.filled(actor_of("support_tier_1", name="Tim"), macro.id, ticket.id).body.startswith("Dear customer,")
    macros.apply(ann, ticket.id, macro_id=macro.id, body=found.body + " Bye.")
    row = row_of(raw, ticket.id)
    assert (row.status, row.priority, row.tags) == ("waiting", "low", ["later"])
    assert list(queries.messages(ann, ticket.id)["body"]) == [found.body + " Bye."]
    assert list(macros.directory(ann)["name"]) == ["Wait"]
    macros.archive(ann, macro.id)
    assert macros.directory(ann).empty
    with pytest.raises(NotFound):
        macros.apply(ann, ticket.id, macro_id=macro.id)


def test_a_macro_with_an_unknown_placeholder_a_taken_name_or_an_impossible_state_is_refused(db, raw, ann, actor_of):
    macro = macros.create(ann, name="One", body="Hello")
    with pytest.raises(Invalid) as caught:
        macros.create(ann, name="", body="{{customer}}", status="closed")
    assert set(caught.value.fields) == {"name", "body", "status"}
    with pytest.raises(Invalid, match="is, or was"):
        macros.create(ann, name="ONE", body="Hello")
    with pytest.raises(Invalid, match="cannot resolve"):
        macros.create(ann, name="Two", body="x", is_internal=True, status="resolved")
    macros.update(ann, macro.id, version=1, body="Hello again")
    with pytest.raises(Conflict, match="Ann changed body"):
        macros.update(ann, macro.id, version=1, body="Mine")
    with pytest.raises(Denied):
        macros.create(actor_of("hotline_operator"), name="Three", body="x")
    assert raw("SELECT count(*) AS n FROM ticket_macro")[0].n == 1


def test_a_draft_is_kept_for_its_writer_alone_and_goes_with_the_answer(db, raw, ann, ben):
    ticket = open_ticket(ann)
    drafts.save(ann, ticket.id, body="Dear", is_internal=True)
    drafts.save(ann, ticket.id, body="Dear \x00 Zoé")
    kept = drafts.of(ann, ticket.id)
    assert (kept["body"], kept["is_internal"]) == ("Dear � Zoé", False)
    assert drafts.of(ben, ticket.id) is None
    actions.reply(ben, ticket.id, body="Mine")
    assert drafts.of(ann, ticket.id) is not None
    actions.reply(ann, ticket.id, body="Dear Zoé")
    assert drafts.of(ann, ticket.id) is None
    drafts.save(ann, ticket.id, body="x")
    drafts.save(ann, ticket.id, body="  ")
    drafts.save(ann, uuid4(), body="of no ticket")
    assert raw("SELECT count(*) AS n FROM ticket_draft")[0].n == 0


def test_a_file_goes_with_one_message_and_lies_under_its_digest(db, raw, ann, ben):
    content = b"%PDF-1.7 hello"
    first = attachments.store(ann, name="../bill.pdf", content=content)
    second = attachments.store(ann, name="copy.pdf", content=content)
    lying = list((settings().data_folder / "attachments").rglob("*"))
    assert [path.name for path in lying if path.is_file()] == [
        raw("SELECT digest FROM ticket_attachment")[0].digest.hex()
    ]
    ticket = open_ticket(ann, attachments=[first])
    with pytest.raises(Invalid, match="Attach it again"):
        actions.reply(ben, ticket.id, body="x", attachments=[second])
    message = actions.reply(ann, ticket.id, body="Here.", attachments=[second])
    with pytest.raises(Invalid, match="Attach it again"):
        actions.reply(ann, ticket.id, body="Again.", attachments=[second])
    assert tuple(attachments.open(ben, second)) == ("copy.pdf", "application/pdf", content)
    files = queries.files(ben, ticket.id)
    assert list(files["message_id"].fillna("")) == ["", str(message.id)]
    assert ("attached", None, "copy.pdf") in kinds(raw, ticket.id)


def test_a_file_is_hidden_with_its_ticket_and_refused_without_the_right(db, system, ann, actor_of):
    tenant = make_tenant(system)
    file_id = attachments.store(ann, name="a.txt", content=b"a")
    open_ticket(ann, tenant_id=tenant.id, attachments=[file_id])
    outside = actor_of("support", scope="tenant", tenant_id=make_tenant(system).id)
    with pytest.raises(NotFound):
        attachments.open(outside, file_id)
    with pytest.raises(Denied):
        attachments.store(actor_of("developer"), name="a.txt", content=b"a")
    with pytest.raises(Invalid, match="Windows program"):
        attachments.store(ann, name="a.pdf", content=b"MZ")
    next((settings().data_folder / "attachments").rglob("*/*")).unlink()
    with pytest.raises(NotFound, match="backup"):
        attachments.open(ann, file_id)


def test_files_that_nothing_took_are_dropped_and_their_content_with_the_last_of_them(db, raw, system, ann):
    kept, loose = (attachments.store(ann, name="a.txt", content=b"same") for _ in range(2))
    alone = attachments.store(ann, name="b.txt", content=b"other")
    fresh = attachments.store(ann, name="c.txt", content=b"new")
    open_ticket(ann, attachments=[kept])
    raw("UPDATE ticket_attachment SET created_at = now() - :age WHERE id <> :id", age=timedelta(days=2), id=fresh)
    assert attachments.drop_unused(system) == 2
    assert attachments.open(ann, kept).content == b"same"
    assert attachments.open(ann, fresh).content == b"new"
    for gone in (loose, alone):
        with pytest.raises(NotFound):
            attachments.open(ann, gone)
    assert sum(path.is_file() for path in (settings().data_folder / "attachments").rglob("*")) == 2


def test_who_is_mentioned_watches_and_can_stop(db, raw, ann, ben):
    ticket = open_ticket(ann)
    actions.reply(ann, ticket.id, body="@Ben look", is_internal=True, mentions=[ben.operator_id])
    watchers.watch(ann, ticket.id)
    watchers.watch(ann, ticket.id)
    assert [(one["name"], one["why"]) for one in watchers.of(ann, ticket.id)] == [
        ("Ann", "chosen"),
        ("Ben", "mentioned"),
    ]
    watchers.unwatch(ben, ticket.id)
    assert [one["name"] for one in watchers.of(ann, ticket.id)] == ["Ann"]
    with pytest.raises(NotFound):
        watchers.unwatch(ben, ticket.id)
    with pytest.raises(Invalid, match="cannot be given"):
        actions.reply(ann, ticket.id, body="x", mentions=[uuid4()])


def test_tickets_are_linked_both_ways_and_errors_by_what_they_are(db, raw, system, ann, actor_of):
    one, other = open_ticket(ann, correlation_id="req-9"), open_ticket(ann, correlation_id="req-9")
    assert links.link(ann, one.id, kind="ticket", target="QD-000002")
    assert not links.link(ann, other.id, kind="ticket", target=str(one.id))
    now = raw("SELECT now() AS at")[0].at
    raw("INSERT INTO error_group (fingerprint, service, type, message, route, first_seen_at, last_seen_at)"
        " VALUES ('f00', 'portal', 'KeyError', 'x', '/', :at, :at)", at=now)  # fmt: skip
    assert ErrorGroup.__tablename__ == "error_group"
    links.link(ann, one.id, kind="error", target="f00")
    found = links.of(ann, one.id)
    assert list(found["title"]) == ["QD-000002 Printer on fire", "KeyError"]
    unseeing = actor_of("support_tier_1")
    assert list(links.of(unseeing, one.id)["title"].fillna("")) == ["QD-000002 Printer on fire", ""]
    assert list(links.related_tickets(ann, one.id)["number"]) == [2]
    assert links.related_errors(ann, one.id).empty
    links.unlink(ann, found["id"][0])
    assert links.of(ann, other.id).empty
    for kind, target in (("ticket", "QD-000001"), ("ticket", "QD-9"), ("error", "none"), ("incident", str(uuid4()))):
        with pytest.raises(Invalid, match="There is no"):
            links.link(ann, one.id, kind=kind, target=target)
    with pytest.raises(Denied):
        links.link(unseeing, one.id, kind="error", target="f00")
