"""The ticket: what was said as plain text, notes apart from replies, files, macros, drafts, states, conflicts, the way on."""

from uuid import uuid4

import pytest

from core.access.sessions.actions import Visitor
from core.kernel.errors import Denied
from core.support.tickets import actions, attachments, drafts, links, macros, queries
from core.support.tickets.models import KINDS
from pages._parts import downloading, session
from pages.support._ticket import files, history
from tests.core.kernel.test_writes import make_tenant
from tests.pages.test_support_queue_page import signed, ticket, told  # noqa: F401  (signed is a fixture)

KEY = "support/ticket"
NAUGHTY = "<script>alert(1)</script> **bold** $x$ :material/home: [a](javascript:b)"


def show(open_page, actor, row, **query):
    return open_page(actor, KEY, id=str(row.id), **query)


def box(app, what):
    return next(one for one in app.text_area if one.key.startswith(f"{what}_"))


def stored(raw, row):
    return raw("SELECT * FROM ticket WHERE id = :id", id=row.id)[0]


def test_without_a_ticket_it_asks_for_a_number(open_page, signed, actor_of):  # noqa: F811
    actor = signed()
    row = ticket(actor, "No mail")
    app = open_page(actor, KEY)
    app.text_input(key="find_number").set_value("QD-999999")
    app.button(key="find_submit").click().run()
    assert "no ticket of this number" in app.warning[0].value
    app.text_input(key="find_number").set_value(f"#{row.number}")
    app.button(key="find_submit").click().run()
    assert app.subheader[0].value.endswith("No mail")
    for key in ("nonsense", str(uuid4())):
        assert "does not exist" in open_page(actor, KEY, id=key).warning[0].value
    assert "tickets:read" in open_page(actor_of("admin", grants=frozenset()), KEY, id=str(row.id)).error[0].value


@pytest.mark.parametrize("tab", ["conversation", "history", "links", "customer"])
def test_every_part_shows_text_as_text(open_page, signed, system, tab):  # noqa: F811
    actor, tenant = signed(), make_tenant(system, "A [b](c) *d*")
    about = {"tenant_id": tenant.id, "correlation_id": "req-1"}
    row = ticket(actor, NAUGHTY, description=NAUGHTY, requester_name=NAUGHTY, tags=["a*b"], **about)
    other = ticket(actor, NAUGHTY, **about)
    links.link(actor, row.id, kind="ticket", target=str(other.id))
    actions.reply(actor, row.id, body=NAUGHTY)
    app = show(open_page, actor, row, tab=tab)
    assert not app.exception
    assert not [one.value for one in app.markdown if "<script>" in one.value or "[a](" in one.value]
    if tab == "conversation":
        assert [one.value for one in app.text].count(NAUGHTY) == 2


def test_customer_reply_and_note_are_told_apart(open_page, signed, system, raw):  # noqa: F811
    actor = signed()
    row = ticket(actor)
    actions.receive(system, row.id, body="Hello?", author_name="Zoe")
    app = show(open_page, actor, row)
    box(app, "note").set_value("He is angry").run()
    app.button(key="add_note").click().run()
    box(app, "reply").set_value("We look at it").run()
    app.button(key="send_reply").click().run()
    said = raw("SELECT body, is_internal, author_kind FROM ticket_message ORDER BY created_at, id")
    assert [tuple(one) for one in said] == [
        ("Hello?", False, "customer"), ("He is angry", True, "agent"), ("We look at it", False, "agent"),
    ]  # fmt: skip
    assert box(app, "reply").value == box(app, "note").value == ""
    badges = [one.value for one in app.markdown if "badge" in one.value]
    assert sum("Internal note: only colleagues see this" in one for one in badges) == 1
    assert not app.exception


def test_empty_reply_is_refused_and_one_key_sends_once(open_page, signed, raw):  # noqa: F811
    actor = signed()
    app = show(open_page, actor, ticket(actor))
    app.button(key="send_reply").click().run()
    assert any("empty" in one.value for one in app.error)
    assert raw("SELECT count(*) FROM ticket_message")[0][0] == 0


def test_change_of_a_colleague_is_told_before_a_reply_and_the_text_stays(open_page, signed, raw):  # noqa: F811
    actor, emma = signed(), signed(name="Emma")
    row = ticket(actor)
    app = show(open_page, actor, row)
    box(app, "reply").set_value("My answer").run()
    actions.update(emma, row.id, version=stored(raw, row).version, priority="urgent")
    app.run()
    app.button(key="send_reply").click().run()
    assert "Emma changed priority" in app.warning[0].value
    assert box(app, "reply").value == "My answer"
    assert raw("SELECT count(*) FROM ticket_message")[0][0] == 0
    app.button(key="send_reply").click().run()
    assert raw("SELECT body FROM ticket_message")[0].body == "My answer"
    assert stored(raw, row).priority == "urgent"
    assert not app.exception


def test_edit_saves_only_what_was_typed_over_a_change_of_a_colleague(open_page, signed, raw):  # noqa: F811
    actor, emma = signed(), signed(name="Emma")
    row = ticket(actor)
    app = show(open_page, actor, row)
    app.button(key="edit").click().run()
    app.text_input(key="edit_subject").set_value("Mine").run()
    actions.update(emma, row.id, version=row.version, priority="urgent", tags=["vip"])
    app.button(key="edit_submit").click().run()
    assert "Emma changed" in app.warning[0].value
    assert app.text_input(key="edit_subject").value == "Mine"
    assert "Priority is now: Urgent" in told(app)
    app.button(key="edit_submit").click().run()
    now = stored(raw, row)
    assert (now.subject, now.priority, now.tags) == ("Mine", "urgent", ["vip"])
    assert not app.exception


def test_states_follow_the_buttons(open_page, signed, raw):  # noqa: F811
    actor = signed()
    row = ticket(actor)
    app = show(open_page, actor, row)
    app.button(key="assign_me").click().run()
    assert (stored(raw, row).status, stored(raw, row).assignee_id) == ("in_progress", actor.operator_id)
    app.button(key="to_waiting").click().run()
    app.button(key="resolve").click().run()
    app.button(key="resolve_submit").click().run()
    assert any("empty" in one.value for one in app.error)
    app.text_area(key="resolve_note").set_value("Fixed").run()
    app.button(key="resolve_submit").click().run()
    app.button(key="to_closed").click().run()
    assert stored(raw, row).status == "closed"
    assert not [one for one in app.text_area if one.key.startswith("reply_")]
    app.button(key="reopen").click().run()
    app.text_area(key="reopen_reason").set_value("It is back").run()
    app.button(key="reopen_submit").click().run()
    assert stored(raw, row).status == "reopened"
    app = show(open_page, actor, row, tab="history")
    what = list(app.dataframe[0].value["what"])
    assert what[0] == "Status: Closed → Reopened"
    assert "Assigned to Ada" in what
    assert what[-1] == "Opened"
    assert "It is back" in list(app.dataframe[0].value["why"])


def test_reader_sees_and_changes_nothing(open_page, signed):  # noqa: F811
    row = ticket(signed())
    app = show(open_page, signed("hotline_operator"), row)
    assert not {"assign", "resolve", "edit", "send_reply", "add_note"} & {one.key for one in app.button}
    assert not app.text_area


def test_draft_outlives_the_session_and_ends_with_sending(open_page, signed):  # noqa: F811
    actor = signed()
    row = ticket(actor)
    box(show(open_page, actor, row), "reply").set_value("Half a sent").run()
    app = show(open_page, actor, row)
    assert box(app, "reply").value == "Half a sent"
    assert box(show(open_page, signed(name="Bob"), row), "reply").value == ""
    app = show(open_page, actor, row)
    app.button(key="send_reply").click().run()
    assert not drafts.of(actor, row.id)
    assert box(show(open_page, actor, row), "reply").value == ""


def test_macro_is_put_into_the_reply_and_not_sent(open_page, signed, system, raw):  # noqa: F811
    actor = signed()
    row = ticket(actor)
    macro = macros.create(system, name="Thanks", body="Dear {{requester.name}}", priority="high", tags=("vip",))
    app = show(open_page, actor, row)
    box(app, "reply").set_value("Hello.").run()
    app.session_state["macros"] = True
    app.run()
    app.selectbox(key="macro").set_value(str(macro.id)).run()
    app.button(key="macro_insert").click().run()
    assert box(app, "reply").value == "Hello.\n\nDear Zoe Quinn"
    assert raw("SELECT count(*) FROM ticket_message")[0][0] == 0
    app.button(key="macro_apply").click().run()
    assert (stored(raw, row).priority, stored(raw, row).tags) == ("high", ["vip"])
    assert box(app, "reply").value == "Hello.\n\nDear Zoe Quinn"
    assert not app.exception


def test_file_is_given_out_with_the_rights_of_the_click(open_page, signed, system, monkeypatch):  # noqa: F811
    actor = signed()
    row = ticket(actor)
    stored_id = attachments.store(actor, name="trace <b>.txt", content=b"line")
    actions.reply(actor, row.id, body="See the file", attachments=[stored_id])
    app = show(open_page, actor, row)
    assert any("trace" in str(one.proto.label) for one in app.get("download_button"))
    monkeypatch.setattr(session, "token", lambda: "held")
    monkeypatch.setattr(session, "visitor", lambda: Visitor("browser"))
    monkeypatch.setattr(downloading, "resolve", lambda *_, **__: actor)
    read = files._content(actor, stored_id)
    assert read() == b"line"
    monkeypatch.setattr(downloading, "resolve", lambda *_, **__: None)
    with pytest.raises(Denied):
        read()


def test_long_message_is_shown_in_part_until_it_is_asked_for(open_page, signed):  # noqa: F811
    actor = signed()
    row = ticket(actor)
    message = actions.reply(actor, row.id, body="x" * 30_000 + "end")
    app = show(open_page, actor, row)
    assert max(len(one.value) for one in app.text) < 5_000
    app.button(key=f"whole_{message.id}").click().run()
    assert any(one.value.endswith("xend") for one in app.text)


def test_links_watchers_and_who_is_here(open_page, signed, raw):  # noqa: F811
    actor, emma = signed(), signed(name="Emma")
    row, other = ticket(actor, "one"), ticket(actor, "two")
    queries.mark_seen(emma, row.id)
    app = show(open_page, actor, row, tab="links")
    assert any("Also here: Emma" in one.value for one in app.markdown)
    app.text_input(key="link_target").set_value("QD-99999999")
    app.button(key="link_submit").click().run()
    assert any("no other ticket" in one.value for one in app.error)
    app.text_input(key="link_target").set_value(str(other.number))
    app.button(key="link_submit").click().run()
    assert raw("SELECT count(*) FROM ticket_link")[0][0] == 2
    next(one for one in app.button if one.key.startswith("unlink_")).click().run()
    assert raw("SELECT count(*) FROM ticket_link")[0][0] == 0
    app.session_state["watchers"] = True
    app.run()
    app.button(key="watch").click().run()
    assert raw("SELECT operator_id FROM ticket_watcher")[0].operator_id == actor.operator_id
    assert not app.exception


def test_next_and_previous_follow_the_order_of_the_queue(open_page, signed):  # noqa: F811
    actor = signed()
    rows = [ticket(actor, name) for name in ("a", "b", "c")]
    app = open_page(actor, "support/queue", sort="Oldest")
    app.switch_page("support/ticket.py")
    app.query_params["id"] = str(rows[0].id)
    seen = [app.run().subheader[0].value[-1]]
    actions.resolve(actor, rows[1].id, note="Done meanwhile")
    for _ in range(2):
        app.button(key="ticket_next").click().run()
        seen.append(app.subheader[0].value[-1])
    assert seen == ["a", "b", "c"]
    app.button(key="ticket_next").click().run()
    assert app.subheader[0].value[-1] == "c"
    app.button(key="ticket_previous").click().run()
    assert app.subheader[0].value[-1] == "b"
    app.button(key="back").click().run()
    assert "Oldest" in app.query_params["sort"]
    assert not app.exception


def test_every_kind_of_event_is_told():
    given = {"before": "low", "after": "high", "detail": {}}
    said = {kind: history.told({"kind": kind, **given}, {}) for kind in KINDS}
    assert all(text and text != kind for kind, text in said.items())
    assert said["priority"] == "Priority: Low → High"
