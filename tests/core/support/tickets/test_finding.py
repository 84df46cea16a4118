"""How tickets are found: filters, words, numbers, what is unread; every order page by page."""

import pytest
from sqlalchemy import event

from core.kernel.errors import Denied
from core.support.tickets import actions, queries
from core.support.tickets.queries import SORTS, Filters
from tests.core.kernel.test_writes import make_tenant
from tests.core.support.tickets.given import add_operator, add_person, open_ticket


def numbers(actor, **filters):
    return sorted(queries.directory(actor, Filters(**filters)).frame["number"])


@pytest.fixture
def ann(db, raw, actor_of):
    return actor_of("support", operator_id=add_operator(raw, "Ann"), name="Ann")


@pytest.fixture
def four(raw, system, ann):
    """1 urgent of a tenant, 2 Ann's with a message, 3 resolved, 4 tagged without words of the others."""
    tenant = make_tenant(system)
    person = add_person(system, tenant.id, name="Quentin Blaise", email="q.blaise@acme.example")
    named = {"requester_id": person.id, "requester_name": None}
    made = [
        open_ticket(system, priority="urgent", subject="Café login-page broken", **named),
        open_ticket(system, assignee_id=ann.operator_id, category="billing", channel="email"),
        open_ticket(system, subject="Invoice 4711 missing"),
        open_ticket(system, tags=["vip"], subject="Other", description="Nil"),
    ]  # fmt: skip
    actions.reply(ann, made[1].id, body="Please restart the frobnicator.")
    actions.resolve(ann, made[2].id, note="Sent again.")
    return made


def test_every_filter_narrows_and_they_narrow_together(four, ann):
    for filters, wanted in (
        ({}, [1, 2, 3, 4]), ({"statuses": ("open",)}, [1, 4]), ({"priorities": ("urgent",)}, [1]),
        ({"categories": ("billing",)}, [2]), ({"assignee_ids": (ann.operator_id,)}, [2]), ({"unassigned": True}, [1, 3, 4]),
        ({"unassigned": True, "assignee_ids": (ann.operator_id,)}, [1, 2, 3, 4]), ({"tags": ("vip", "x")}, [4]),
        ({"tenant_id": four[0].tenant_id}, [1]), ({"channels": ("email",)}, [2]), ({"sla_states": ("met",)}, [3]),
        ({"statuses": ("open",), "tags": ("vip",)}, [4]), ({"requester_id": four[0].requester_id}, [1]),
    ):  # fmt: skip
        assert numbers(ann, **filters) == wanted, filters
    assert queries.count_up_to(ann, Filters()) == 4
    assert queries.count_up_to(ann, Filters(), limit=2) == 2


@pytest.mark.parametrize(("text", "wanted"), [
    ("cafe LOGIN", [1]), ("brok", [1]), ("login-page", [1]), ("frobnicator", [2]), ("restart frob", [2]), ("QD-000003", [3]),
    ("#2", [2]),
    ("4711", [3]), ("quentin", [1]), ("blaise caf", []), ("nothing", []), ("' OR 1=1 --", []), ("& | !", [])
])  # fmt: skip
def test_words_of_everything_find_a_ticket(four, ann, text, wanted):
    assert numbers(ann, text=text) == wanted


def test_an_id_finds_its_ticket_and_one_that_was_written_into_the_text_too(four, ann):
    trace = "c4ca4238a0b923820dcc509a6f75849b"
    actions.reply(ann, four[3].id, body=f"See trace {trace}.")
    assert numbers(ann, text=trace) == [4]
    assert numbers(ann, text=str(four[0].id)) == [1]


def test_who_may_not_see_names_finds_nobody_by_one_and_reads_them_masked(four, actor_of):
    tier_1 = actor_of("support_tier_1")
    assert numbers(tier_1, text="quentin") == []
    assert numbers(tier_1, text="broken") == [1]
    shown = queries.one(tier_1, four[0].id)
    assert "Blaise" not in str(shown) and "q.blaise" not in str(shown)
    assert "Blaise" not in queries.directory(tier_1, Filters()).frame.to_csv()


def test_search_stays_within_the_scope(four, system, actor_of):
    other = make_tenant(system)
    key = actor_of("support", scope="tenant", tenant_id=other.id)
    assert numbers(key, text="broken") == numbers(key, tags=("vip",)) == numbers(key, text="QD-000001") == []
    open_ticket(key, subject="broken too", tags=["vip"])
    assert numbers(key, text="broken") == numbers(key, tags=("vip",)) == [5]


def test_unread_is_what_the_customer_wrote_since_one_looked(four, ann, system):
    assert numbers(ann, unread=True) == [1, 2, 3, 4]
    for ticket in four:
        queries.mark_seen(ann, ticket.id)
    assert numbers(ann, unread=True) == []
    actions.receive(system, four[1].id, body="Hello?", author_name="Zoé")
    actions.reply(ann, four[0].id, body="Hello.")
    assert numbers(ann, unread=True) == [2]
    frame = queries.directory(ann, Filters()).frame
    assert dict(zip(frame["number"], frame["is_unread"], strict=True)) == {1: False, 2: True, 3: False, 4: False}


def test_others_who_look_are_told_and_nothing_is_noted_of_a_hidden_ticket(four, ann, raw, actor_of):
    ben = actor_of("support", operator_id=add_operator(raw, "Ben"), name="Ben")
    queries.mark_seen(ben, four[0].id)
    assert [one["name"] for one in queries.viewers(ann, four[0].id)] == ["Ben"]
    assert queries.viewers(ben, four[0].id) == []
    raw("UPDATE ticket_view SET seen_at = now() - interval '5 minutes'")
    assert queries.viewers(ann, four[0].id) == []
    away = actor_of("support", operator_id=ben.operator_id, scope="assigned")
    queries.mark_seen(away, four[3].id)
    assert raw("SELECT count(*) AS n FROM ticket_view")[0].n == 1


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_is_the_same_page_by_page_and_step_by_step(four, ann, sort):
    whole = list(queries.directory(ann, Filters(), sort=sort).frame["id"])
    assert len(whole) == 4
    paged, after = [], None
    while True:
        page = queries.directory(ann, Filters(), sort=sort, after=after, limit=1)
        paged += list(page.frame["id"])
        after = page.next
        if after is None:
            break
    assert paged == whole
    for place, ticket_id in enumerate(whole):
        found = [str(one) if one else None for one in queries.neighbours(ann, Filters(), ticket_id, sort=sort)]
        assert found == [whole[place - 1] if place else None, whole[place + 1] if place < 3 else None]


def test_the_queue_takes_two_statements_however_many_tickets_there_are(four, ann, db):
    seen = []
    event.listen(db, "before_cursor_execute", lambda *given: seen.append(given[2]))
    queries.directory(ann, Filters(text="broken", unread=True))
    assert sum("SELECT" in one for one in seen) <= 2


def test_nobody_reads_tickets_without_the_right(db, actor_of):
    nobody = actor_of("support", grants=frozenset({"health:read"}))
    with pytest.raises(Denied):
        queries.directory(nobody, Filters())
