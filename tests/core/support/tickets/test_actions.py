"""What can be done with one ticket: row, log, audit and event; refusals; who sees it."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from core.kernel.errors import AlreadyDone, Conflict, Denied, Invalid, NotFound
from core.support.tickets import actions, closing, numbers, queries, rules
from tests.core.kernel.test_writes import make_tenant
from tests.core.support.tickets.given import add_operator, add_person, kinds, open_ticket, row_of

NAUGHTY = Path("../shared/data/csv/blns")


@pytest.fixture
def ann(db, raw, actor_of):
    """An agent who exists."""
    return actor_of("support", operator_id=add_operator(raw, "Ann"), name="Ann")


def events_of(raw, action):
    return raw("SELECT tenant_id, payload FROM event WHERE type = :type ORDER BY id", type=action)


def test_a_ticket_is_opened_with_number_log_audit_and_event(db, raw, ann):
    tenant = make_tenant(ann.system("test"))
    person = add_person(ann.system("test"), tenant.id)
    ticket = open_ticket(
        ann, requester_id=person.id, requester_name=None, priority="high", category=" Billing  ISSUE ", tags=["VIP", "vip"],
        assignee_id=ann.operator_id, correlation_id="req-1", mail_id="<1@acme.example>", channel="email",
    )  # fmt: skip
    row = row_of(raw, ticket.id)
    assert (row.number, row.tenant_id, row.requester_name, row.requester_email) == (
        1,
        tenant.id,
        "Zoé Quinn",
        "zoe@acme.example",
    )
    assert (row.status, row.category, row.tags, row.mail_id) == (
        "in_progress",
        "billing issue",
        ["vip"],
        "<1@acme.example>",
    )
    assert row.terms_id is not None and row.due_at > row.created_at
    assert kinds(raw, ticket.id) == [
        ("created", None, "open"), ("assignee", None, str(ann.operator_id)), ("status", "open", "in_progress"),
    ]  # fmt: skip
    event = events_of(raw, "tickets.create")
    assert [(one.tenant_id, one.payload["ticket_id"], one.payload["number"]) for one in event] == [
        (tenant.id, str(ticket.id), "QD-000001")
    ]
    told = raw("SELECT changes::text AS told FROM audit_entry WHERE action = 'tickets.create'")[0].told
    assert "It burns." not in told


def test_who_only_opens_tickets_can_do_that_and_no_more(db, raw, actor_of):
    hotline = actor_of("hotline_operator")
    ticket = open_ticket(hotline)
    assert row_of(raw, ticket.id).due_at is not None
    for refused in (
        lambda: actions.reply(hotline, ticket.id, body="x"), lambda: actions.resolve(hotline, ticket.id, note="x"),
        lambda: actions.update(hotline, ticket.id, version=1, priority="low"),
        lambda: actions.assign(hotline, ticket.id, assignee_id=None),
        lambda: actions.receive(hotline, ticket.id, body="x", author_name="x"),
        lambda: actions.reopen(hotline, ticket.id, reason="x"),
        lambda: actions.set_status(hotline, ticket.id, status="waiting"),
    ):  # fmt: skip
        with pytest.raises(Denied):
            refused()
    with pytest.raises(Denied):
        open_ticket(actor_of("developer"))
    assert len(kinds(raw, ticket.id)) == 1


def test_a_ticket_of_another_tenant_is_not_found(db, raw, system, actor_of):
    here, there = make_tenant(system, "Here"), make_tenant(system, "There")
    key = actor_of("support", scope="tenant", tenant_id=here.id, operator_id=None, key_id=uuid4())
    mine, other = open_ticket(key), open_ticket(system, tenant_id=there.id)
    nobodys = open_ticket(system)
    assert mine.tenant_id == here.id
    for hidden in (other, nobodys):
        with pytest.raises(NotFound):
            actions.reply(key, hidden.id, body="x")
        with pytest.raises(NotFound):
            queries.one(key, hidden.id)
        assert queries.messages(key, hidden.id).empty and queries.events(key, hidden.id).empty
    assert list(queries.directory(key, queries.Filters()).frame["id"]) == [str(mine.id)]
    with pytest.raises(NotFound):
        open_ticket(key, tenant_id=there.id)


def test_the_first_public_reply_stamps_the_first_response_and_a_note_does_not(db, raw, ann):
    ticket = open_ticket(ann)
    note = actions.reply(ann, ticket.id, body="Looks odd.", is_internal=True)
    assert note.is_internal and row_of(raw, ticket.id).first_response_at is None
    reply = actions.reply(ann, ticket.id, body="Hello.", status="waiting")
    row = row_of(raw, ticket.id)
    assert row.first_response_at == row.last_agent_at == reply.created_at
    assert row.status == "waiting"
    actions.reply(ann, ticket.id, body="Still there?")
    assert row_of(raw, ticket.id).first_response_at == reply.created_at
    assert [kind for kind, *_ in kinds(raw, ticket.id)] == ["created", "note", "reply", "status", "reply"]
    payloads = [one.payload["is_internal"] for one in events_of(raw, "tickets.reply")]
    assert payloads == [True, False, False]


def test_what_was_written_is_never_changed(db, raw, ann):
    ticket = open_ticket(ann)
    actions.reply(ann, ticket.id, body="secret", is_internal=True)
    policies = raw(
        "SELECT count(*) AS n FROM pg_policies WHERE tablename = 'ticket_message' AND cmd IN ('UPDATE', 'ALL')"
    )
    assert policies[0].n == 0


def test_a_customer_wakes_a_waiting_ticket_and_reopens_a_resolved_one(db, raw, ann):
    ticket = open_ticket(ann, assignee_id=ann.operator_id)
    actions.reply(ann, ticket.id, body="Which one?", status="waiting")
    message = actions.receive(ann, ticket.id, body="The red one.", author_name="Zoé", mail_id="<2@acme.example>")
    row = row_of(raw, ticket.id)
    assert (row.status, row.last_customer_at) == ("in_progress", message.created_at)
    actions.resolve(ann, ticket.id, note="Extinguished.")
    assert row_of(raw, ticket.id).resolved_at is not None
    actions.receive(ann, ticket.id, body="No.", author_name="Zoé")
    row = row_of(raw, ticket.id)
    assert (row.status, row.resolved_at, row.reopen_count) == ("reopened", None, 1)
    with pytest.raises(Invalid, match="in use"):
        actions.receive(ann, ticket.id, body="Again.", author_name="Zoé", mail_id="<2@acme.example>")


def test_who_writes_to_a_closed_ticket_opens_a_linked_one(db, raw, ann):
    closed = open_ticket(ann, priority="urgent")
    actions.resolve(ann, closed.id, note="Done.")
    actions.set_status(ann, closed.id, status="closed")
    message = actions.receive(ann, closed.id, body="It burns again.", author_name="Zoé")
    row = row_of(raw, message.ticket_id)
    assert (row.number, row.priority, row.status) == (2, "urgent", "open")
    assert row_of(raw, closed.id).status == "closed"
    assert ("linked", None, "QD-000001") in kinds(raw, message.ticket_id)
    assert ("linked", None, "QD-000002") in kinds(raw, closed.id)


def test_resolving_takes_a_note_which_is_a_reply_and_reopening_a_reason(db, raw, ann):
    ticket = open_ticket(ann)
    with pytest.raises(Invalid, match="note"):
        actions.resolve(ann, ticket.id, note=" ")
    actions.resolve(ann, ticket.id, note="New printer.")
    row = row_of(raw, ticket.id)
    assert row.first_response_at == row.resolved_at
    assert list(queries.messages(ann, ticket.id)["body"]) == ["New printer."]
    with pytest.raises(Invalid):
        actions.reopen(ann, ticket.id, reason="")
    actions.reopen(ann, ticket.id, reason="Burns too.")
    row = row_of(raw, ticket.id)
    assert (row.status, row.resolved_at, row.reopen_count) == ("reopened", None, 1)
    detail = raw("SELECT detail FROM ticket_event WHERE after = 'reopened'")[0].detail
    assert detail["reason"] == "Burns too."


def test_a_wrong_state_changes_nothing(db, raw, ann):
    ticket = open_ticket(ann)
    actions.resolve(ann, ticket.id, note="Done.")
    before, log = row_of(raw, ticket.id), kinds(raw, ticket.id)
    for refused in (
        lambda: actions.set_status(ann, ticket.id, status="waiting"), lambda: actions.resolve(ann, ticket.id, note="x"),
        lambda: actions.set_status(ann, ticket.id, status="reopened"),
        lambda: actions.reply(ann, ticket.id, body="x", status="waiting"),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            refused()
    assert (row_of(raw, ticket.id), kinds(raw, ticket.id)) == (before, log)


def test_an_edit_logs_each_change_and_one_that_changes_nothing_leaves_nothing(db, raw, ann):
    ticket = open_ticket(ann)
    edited = actions.update(
        ann, ticket.id, version=1, subject=" New \n subject ", priority="urgent", tags=["a"], category=None
    )
    assert kinds(raw, ticket.id)[1:] == [
        ("subject", "Printer on fire", "New subject"), ("priority", "medium", "urgent"), ("tags", "", "a"),
    ]  # fmt: skip
    actions.update(ann, ticket.id, version=edited.version, priority="urgent")
    assert len(events_of(raw, "tickets.update")) == 1
    with pytest.raises(Invalid, match="cannot be edited"):
        actions.update(ann, ticket.id, version=edited.version, status="closed")
    with pytest.raises(Invalid, match="team"):
        actions.update(ann, ticket.id, version=edited.version, team_id=uuid4())


def test_a_conflict_names_who_changed_what(db, raw, ann, actor_of):
    ben = actor_of("support", name="Ben")
    ticket = open_ticket(ann)
    actions.update(ben, ticket.id, version=1, priority="urgent")
    with pytest.raises(Conflict, match="Ben changed priority"):
        actions.update(ann, ticket.id, version=1, subject="Mine")
    assert row_of(raw, ticket.id).subject == "Printer on fire"


def test_assigning_starts_progress_and_takes_only_who_answers_tickets(db, raw, ann):
    developer = add_operator(raw, "Dev", role="developer")
    ticket = open_ticket(ann)
    for nobody in (developer, uuid4()):
        with pytest.raises(Invalid, match="cannot be given tickets"):
            actions.assign(ann, ticket.id, assignee_id=nobody)
    actions.assign(ann, ticket.id, assignee_id=ann.operator_id)
    row = row_of(raw, ticket.id)
    assert (row.status, row.assignee_id) == ("in_progress", ann.operator_id)
    actions.assign(ann, ticket.id, assignee_id=None)
    assert row_of(raw, ticket.id).status == "in_progress"
    told = [(one.get("before_name"), one.get("after_name")) for one in queries.events(ann, ticket.id)["detail"]]
    assert told == [(None, None), (None, "Ann"), (None, None), ("Ann", None)]
    shown = queries.one(ann, ticket.id)
    assert (shown["assignee"], shown["reference"]) == (None, "QD-000001")


def test_a_key_opens_one_ticket_however_often_it_is_sent(db, raw, system):
    open_ticket(system, once="k")
    with pytest.raises(AlreadyDone):
        open_ticket(system, once="k")
    assert open_ticket(system).number == 2
    assert raw("SELECT last FROM ticket_counter")[0].last == 2


def test_resolved_tickets_are_closed_once_their_time_is_over(db, raw, ann, system):
    old, fresh = open_ticket(ann), open_ticket(ann)
    for ticket in (old, fresh):
        actions.resolve(ann, ticket.id, note="Done.")
    raw(
        "UPDATE ticket SET resolved_at = now() - :age WHERE id = :id",
        age=closing.patience() + timedelta(hours=1),
        id=old.id,
    )
    assert closing.close_resolved(system) == 1
    assert [row_of(raw, one.id).status for one in (old, fresh)] == ["closed", "resolved"]
    assert row_of(raw, old.id).closed_at is not None
    with pytest.raises(Denied):
        closing.close_resolved(ann)


def naughty():
    found = [json.loads(path.read_text()) for path in NAUGHTY.rglob("*.json")]
    return [text for texts in found for text in texts] or [
        row for path in NAUGHTY.rglob("*.txt") for row in path.read_text().splitlines() if row and row[0] != "#"
    ]


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the list of naughty strings is not here")
def test_naughty_strings_are_kept_as_they_are_and_found_without_an_error(db, ann):
    texts = [text for text in naughty() if text.strip()]
    assert len(texts) > 400
    ticket = open_ticket(ann, description="\n".join(texts))
    body = "\n".join(texts[::-1])
    actions.reply(ann, ticket.id, body=body)
    shown = queries.one(ann, ticket.id)["description"]
    assert shown == rules.storable("\n".join(texts)).strip()
    for text in texts[::9]:
        queries.directory(ann, queries.Filters(text=text), limit=1)


def test_nul_and_halves_of_characters_are_marked_and_a_megabyte_is_kept(db, ann):
    ticket = open_ticket(ann, subject="a\x00b", description="x\ud800y")
    shown = queries.one(ann, ticket.id)
    assert (shown["subject"], shown["description"]) == ("a�b", "x�y")
    long = "wörter " * (rules.MAX_BODY // 8)
    message = actions.reply(ann, ticket.id, body=long)
    assert queries.body(ann, message.id) == long.strip()
    row = queries.messages(ann, ticket.id).iloc[0]
    assert (len(row["body"]), row["length"]) == (20_000, len(long.strip()))


def test_every_spelling_of_a_number_is_read():
    assert [numbers.parsed(text) for text in ("QD-000042", "qd-42", " #42 ", "42", "", "QD-", "4x", "9" * 30)] == [
        42, 42, 42, 42, None, None, None, None,
    ]  # fmt: skip
