"""The queue: empty, with rows, forbidden, filters in the address, keys, many at once, edits that are kept, a new ticket."""

from datetime import timedelta
from uuid import uuid4

import pandas as pd
import pytest

from core.kernel.many import Edit
from core.kernel.times import utc_now
from core.support.tickets import actions, bulk
from pages._parts import drafts
from pages.support import _words as words
from pages.support._queue.columns import ALWAYS, COLUMNS, FIRST
from pages.support._queue.editing import GRID
from tests.core.kernel.test_writes import make_tenant

KEY = "support/queue"


@pytest.fixture
def signed(db, raw, actor_of):
    """An actor who is an operator in service."""

    def make(role="support_admin", name="Ada", **values):
        key = uuid4()
        raw("INSERT INTO operator (id, email, name, password_hash, role, is_demo, created_at, updated_at, version)"
            " VALUES (:id, :mail, :name, '', :role, false, now(), now(), 1)",
            id=key, mail=f"{key.hex[:8]}@example.com", name=name, role=role)  # fmt: skip
        return actor_of(role, operator_id=key, name=name, **values)

    return make


def ticket(actor, subject="Mails do not leave", **values):
    given = {"description": "Since noon.", "requester_name": "Zoe Quinn", "requester_email": "zoe@acme.example"}
    return actions.create(actor, subject=subject, **given | values)


def grid(app):
    return next((one.value for one in app.dataframe if "reference" in one.value), None)


def choose_rows(app, rows):
    key = "tickets_" + app.dataframe[0].proto.id.rsplit("-tickets_", 1)[1]
    app.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    app.run()


def told(app):
    return " ".join(one.value for one in (*app.caption, *app.markdown, *app.text))


def test_empty_queue_says_what_to_do_and_is_not_for_everybody(open_page, signed, actor_of):
    app = open_page(signed(), KEY)
    assert "the queue is empty" in app.info[0].value
    app.segmented_control(key="show").set_value("All").run()
    assert app.info[0].value == "There are no tickets yet. Create the first one."
    app.text_input(key="text").set_value("zzz").run()
    assert "No ticket matches" in app.info[0].value
    assert not app.exception
    app = open_page(actor_of("admin", grants=frozenset()), KEY)
    assert "tickets:read" in app.error[0].value


def test_rows_show_state_time_left_and_what_is_unread(open_page, signed, system):
    actor, tenant = signed(), make_tenant(system)
    first = ticket(actor, "A [b](c) *d*", tenant_id=tenant.id, priority="urgent", tags=["vip"])
    done = ticket(actor, "Done")
    actions.resolve(actor, done.id, note="Fixed")
    actions.receive(system, first.id, body="Hello?", author_name="Zoe")
    app = open_page(actor, KEY)
    frame = grid(app)
    assert list(frame.columns) == [*ALWAYS, *FIRST]
    assert list(frame["subject"]) == ["A [b](c) *d*"]
    row = frame.iloc[0]
    assert (list(row["status"]), list(row["priority"]), row["tenant"], row["unread"]) == (
        ["Open"],
        ["Urgent"],
        "Acme",
        "▸ ●",
    )
    assert "left" in row["left"] or row["left"] == "No target"
    app.segmented_control(key="show").set_value("All").run()
    assert set(grid(app)["subject"]) == {"A [b](c) *d*", "Done"}
    assert "2 tickets" in told(app)
    assert not app.exception


def test_filters_come_from_the_address(open_page, signed, system):
    ada, bob = signed(name="Ada"), signed(name="Bob")
    tenant = make_tenant(system)
    mine = ticket(ada, "Mine", priority="high", tenant_id=tenant.id, category="billing")
    theirs = ticket(ada, "Theirs", priority="low", tags=["vip"])
    ticket(ada, "Nobody's", channel="phone")
    actions.assign(ada, mine.id, assignee_id=ada.operator_id)
    actions.assign(ada, theirs.id, assignee_id=bob.operator_id)
    cases = {
        "Mine": ({"assignee": "Me"}, {"tenant": str(tenant.id)}, {"priority": "High"}, {"category": "billing"}),
        "Theirs": ({"assignee": "Bob"}, {"tag": "vip"}, {"priority": "Low", "status": "In progress"}),
        "Nobody's": ({"assignee": "Nobody"}, {"channel": "Phone"}, {"text": "nobody"}, {"status": "Open"}),
    }
    found = {
        (subject, *query): list(grid(open_page(ada, KEY, **query))["subject"])
        for subject, queries in cases.items() for query in queries
    }  # fmt: skip
    assert found == {key: [key[0]] for key in found}
    assert len(found) == 11


def test_a_reader_changes_nothing(open_page, signed):
    ticket(signed())
    app = open_page(signed("hotline_operator"), KEY)
    keys = {one.key for one in app.button}
    assert not keys & {"many_assign", "many_merge", "many_status"}
    assert "create" in keys
    assert "mode" not in {one.key for one in app.segmented_control}


def test_keys_walk_through_the_rows_and_open_one(open_page, signed):
    actor = signed()
    for name in ("a", "b", "c"):
        ticket(actor, name)
    app = open_page(actor, KEY, sort="Oldest")
    assert app.button(key="queue_up").disabled
    app.button(key="queue_down").click().run()
    app.button(key="queue_down").click().run()
    assert app.button(key="queue_down").disabled
    assert list(grid(app)["unread"]) == ["●", "●", "▸ ●"]
    app.button(key="queue_open").click().run()
    assert any(one.value.endswith(" c") for one in app.subheader)
    assert not app.exception


def test_chosen_rows_are_assigned_moved_and_tagged_with_a_result_each(open_page, signed, raw):
    actor, bob = signed(), signed(name="Bob")
    for name in ("a", "b", "c"):
        ticket(actor, name)
    app = open_page(actor, KEY, sort="Oldest")
    assert app.button(key="many_assign").disabled
    choose_rows(app, [0, 1])
    assert "2 chosen" in told(app)
    app.button(key="many_assign").click().run()
    app.selectbox(key="assign_choice").set_value("Bob").run()
    assert "2 of 2 change." in told(app)
    app.button(key="assign_submit").click().run()
    assert [row.assignee_id for row in raw("SELECT assignee_id FROM ticket ORDER BY number")] == [
        bob.operator_id
    ] * 2 + [None]
    assert "Done for 2 of 2 tickets." in told(app)
    app.toggle(key="tickets_all").set_value(True).run()
    app.button(key="many_status").click().run()
    app.segmented_control(key="status_choice").set_value("closed").run()
    assert "0 of 3 change." in told(app)
    app.button(key="status_submit").click().run()
    assert "Done for 0 of 3 tickets." in told(app)
    app.button(key="many_tag").click().run()
    app.multiselect(key="tag_add").set_value(["vip"]).run()
    app.button(key="tag_submit").click().run()
    assert [row.tags for row in raw("SELECT tags FROM ticket")] == [["vip"]] * 3
    assert not app.exception


def test_merge_tells_who_stays_and_refuses_another_customer(open_page, signed, system, raw):
    actor, tenant = signed(), make_tenant(system)
    stays, same = ticket(actor, "a", tenant_id=tenant.id), ticket(actor, "b", tenant_id=tenant.id)
    other = ticket(actor, "c")
    app = open_page(actor, KEY, sort="Oldest")
    app.toggle(key="tickets_all").set_value(True).run()
    app.button(key="many_merge").click().run()
    assert app.button(key="merge_submit").disabled
    app.selectbox(key="merge_into").set_value(str(stays.id)).run()
    preview = next(one.value for one in app.dataframe if "Then" in one.value)
    assert [text.split(",")[0].split(":")[0] for text in preview["Then"]] == ["Stays", "Closed", "Another customer"]
    app.button(key="merge_submit").click().run()
    merged = {row.id: row.merged_into_id for row in raw("SELECT id, merged_into_id FROM ticket")}
    assert merged == {stays.id: None, same.id: stays.id, other.id: None}
    assert "Done for 1 of 2 tickets." in told(app)


def test_ticket_is_created_for_somebody_of_the_tenant(open_page, signed, system, raw):
    tenant = make_tenant(system)
    person = uuid4()
    raw("INSERT INTO tenant_user (id, tenant_id, email, name, is_admin, created_at, updated_at, version)"
        " VALUES (:id, :tenant, 'kim@acme.example', 'Kim Park', false, now(), now(), 1)",
        id=person, tenant=tenant.id)  # fmt: skip
    app = open_page(signed(), KEY)
    app.button(key="create").click().run()
    app.button(key="create_submit").click().run()
    assert any("subject" in one.value for one in app.error)
    app.text_input(key="create_subject").set_value("No mail").run()
    app.text_area(key="create_description").set_value("<b>since</b> noon").run()
    app.selectbox(key="create_tenant").set_value(str(tenant.id)).run()
    app.selectbox(key=f"create_requester_{tenant.id}").set_value(person).run()
    app.button(key="create_submit").click().run()
    row = raw("SELECT * FROM ticket")[0]
    assert (row.subject, row.tenant_id, row.requester_id, row.requester_name) == (
        "No mail",
        tenant.id,
        person,
        "Kim Park",
    )
    assert any("No mail" in one.value for one in app.subheader)
    assert not app.exception


def test_grid_edits_are_saved_and_a_conflict_keeps_them(open_page, signed, raw):
    actor, emma = signed(), signed(name="Emma")
    one = ticket(actor, "a")
    app = open_page(actor, KEY)
    app.segmented_control(key="mode").set_value("Edit").run()
    shown = next(one.value for one in app.dataframe if "subject" in one.value)
    assert list(shown["subject"]) == ["a"]
    loaded = pd.DataFrame({"id": [str(one.id)], "version": [one.version], "reference": ["QD-000001"], "subject": ["a"]})
    held = app.session_state["tickets_drafts"]
    drafts.keep(held, loaded, {0: {"subject": "mine"}}, fields=GRID.fields, label=GRID.label)
    bulk.update_many(emma, [Edit(one.id, one.version, {"priority": "low"})])
    app.run()
    app.button(key="save").click().run()
    assert any("Emma changed priority" in error.value for error in app.error)
    assert app.session_state["tickets_drafts"][str(one.id)].values == {"subject": "mine"}
    app.button(key="save").click().run()
    assert [(row.subject, row.priority) for row in raw("SELECT subject, priority FROM ticket")] == [("mine", "low")]
    assert not app.exception


def test_every_column_and_order_can_be_shown(open_page, signed):
    actor = signed()
    ticket(actor)
    app = open_page(actor, KEY)
    app.multiselect(key="columns").set_value([name for name in COLUMNS if name not in ALWAYS]).run()
    assert list(grid(app).columns) == list(COLUMNS)
    for name in app.selectbox(key="sort").options:
        app.selectbox(key="sort").set_value(name.lower()).run()
        assert len(grid(app)) == 1
    assert not app.exception


@pytest.mark.parametrize(("seconds", "state", "said"), [
    (90 * 60, "ok", "1 h 30 min left"), (-45, "ok", "45 s overdue"), (3 * 86_400 + 60, "warned", "3 d left"),
    (3_600, "paused", "Paused"), (None, "none", "No target"), (None, "ok", "–"), (0, "breached", "0 s overdue"),
])  # fmt: skip
def test_time_left_is_told_in_words(seconds, state, said):
    now = utc_now()
    due_at = None if seconds is None else now + timedelta(seconds=seconds)
    assert words.left(due_at, state, now) == said


def test_past_its_due_time_a_ticket_is_overdue_before_anybody_told_it():
    now = utc_now()
    assert words.state_now(now - timedelta(seconds=1), "ok", now) == "breached"
    assert words.state_now(now + timedelta(seconds=1), "ok", now) == "ok"
    assert words.state_now(now - timedelta(days=1), "paused", now) == "paused"
