"""Invoices: numbers without gaps, states, import and idempotency."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.customers.invoices import actions, importing, queries
from core.customers.invoices.actions import Draft
from core.kernel.errors import Conflict, Denied, Invalid, NotFound

D = Decimal
DAY = date(2025, 3, 1)


def draft(key, **values):
    line = {"description": "Consulting", "quantity": D("2.5"), "unit_price": D("80.00")}
    return Draft(**({"tenant_id": key, "lines": [line], "issued_on": DAY} | values))


HEAD = "external_id,tenant,issued_on,description,quantity,unit_price,tax,total,status,paid_on,period_start,period_end"


def csv(*rows, head=HEAD):
    return "\n".join([head, *rows]).encode()


def test_create_issue_and_pay(bare, admin, raw, actor_of, today):
    key = bare()
    made, is_new = actions.create(admin, draft(key, tax=D("38.00"), issued_on=today - timedelta(days=40)))
    assert (made.number, made.total, is_new) == (None, D("238.00"), True)
    actions.issue(admin, made.id)
    shown = queries.one(admin, made.id)
    assert shown["number"].endswith("-000001") and shown["is_overdue"] and shown["lines"][0]["amount"] == D("200.00")
    with pytest.raises(Invalid, match="only a draft"):
        actions.issue(admin, made.id)
    with pytest.raises(Denied):
        actions.mark_paid(actor_of("support"), made.id)
    with pytest.raises(NotFound):
        actions.mark_paid(actor_of("admin", scope="assigned"), made.id)
    actions.mark_paid(admin, made.id)
    assert raw("SELECT status, paid_at IS NOT NULL FROM invoice WHERE id = :i", i=made.id)[0] == ("paid", True)
    with pytest.raises(Invalid, match="is paid"):
        actions.void(admin, made.id, reason="x")
    types = raw("SELECT type FROM event WHERE tenant_id = :t ORDER BY occurred_at", t=key)
    assert [row.type for row in types] == ["tenants.create", "invoices.create", "invoices.issue", "invoices.mark_paid"]


def test_what_is_sent_twice_is_kept_once_and_something_else_is_a_conflict(bare, admin, raw):
    key = bare()
    first, _ = actions.create(admin, draft(key, external_id="A-1", status="open"))
    again, is_new = actions.create(admin, draft(key, external_id="A-1", status="open"))
    assert (again.id, is_new) == (first.id, False)
    with pytest.raises(Conflict, match="never overwritten"):
        actions.create(admin, draft(key, external_id="A-1", status="open", tax=D("1.00")))
    assert raw("SELECT count(*) AS n FROM invoice")[0].n == 1


@pytest.mark.parametrize("wrong", [
    {"total": D("199.00")}, {"tax": D("-1")}, {"lines": []}, {"currency": "dollar"}, {"due_on": DAY - timedelta(days=1)},
    {"status": "paid"}, {"lines": [{"description": "Refund", "unit_price": D(-1)}]}, {"period": (DAY, DAY)},
])  # fmt: skip
def test_an_invoice_that_does_not_add_up_takes_no_number(bare, admin, raw, wrong):
    key = bare()
    with pytest.raises(Invalid):
        actions.create(admin, draft(key, **({"status": "open"} | wrong)))
    assert raw("SELECT count(*) AS n FROM invoice_counter")[0].n == 0


def test_a_period_is_invoiced_once_until_that_invoice_is_void(bare, admin, raw):
    key, march = bare(), (date(2025, 3, 1), date(2025, 4, 1))
    first, _ = actions.create(admin, draft(key, period=march, status="open", external_id="A-1"))
    with pytest.raises(Invalid, match=f"invoiced already, as {first.number}"):
        actions.create(admin, draft(key, period=march, external_id="A-2"))
    actions.create(admin, draft(key, period=(date(2025, 4, 1), date(2025, 5, 1))))
    actions.create(admin, draft(key))
    actions.create(admin, draft(bare(), period=march))
    assert actions.create(admin, draft(key, period=march, status="open", external_id="A-1"))[1] is False
    actions.void(admin, first.id, reason="Wrong price")
    assert actions.create(admin, draft(key, period=march, external_id="A-3"))[1] is True


def test_numbers_have_no_gap_though_many_issue_at_once_and_some_fail(committed_db, committed_raw, system):
    committed_raw(
        "INSERT INTO tenant (id, name, domain, status, tier, region, seats, created_at, updated_at, version)"
        " VALUES (gen_random_uuid(), 'n', 'n.example', 'active', 'free', 'EU', 1, now(), now(), 1)"
    )
    key = committed_raw("SELECT id FROM tenant")[0].id

    def issue(place: int) -> None:
        wrong = {"currency": "XX"} if place % 4 == 0 else {}
        with suppress(Invalid, Conflict):
            actions.create(system, draft(key, status="open", external_id=f"T-{place % 20}", **wrong))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(issue, range(40)))
    numbers = [row.number for row in committed_raw("SELECT number FROM invoice ORDER BY number")]
    assert numbers == [f"2025-{place:06d}" for place in range(1, 16)]


def test_import_previews_tells_each_problem_and_is_kept_once(bare, admin, raw, actor_of):
    key = bare(domain="acme.example")
    data = csv(
        "X-1,acme.example,2025-03-01,Pro,1,199.00,10.00,,paid,2025-03-05,2025-03-01,2025-04-01",
        "X-1,acme.example,2025-03-01,Seats,2,3.00,10.00,,paid,2025-03-05,2025-03-01,2025-04-01",
        f"X-2,{key},2025-04-01,Pro,1,199.00,,198.00,open,,,",
        "X-3,nobody.example,2025-04-01,Pro,1,199.00,,,open,,,",
        "X-4,acme.example,2025-02-30,Pro,one,199.00,,,open,,,",
        "X-5,ACME.example,2025-03-02,Pro,1,199.00,,,open,,2025-03-01,2025-04-01",
        f"X-6,{key},2025-04-02,Pro,1,0.10,,0.10,open,,,",
    )
    shown = importing.preview(admin, data)
    assert raw("SELECT count(*) AS n FROM invoice")[0].n == 0
    assert shown["outcome"].tolist() == ["new", "refused", "refused", "refused", "refused", "new"]
    for place, told in (
        (1, "The total is 198.00"),
        (2, "No tenant"),
        (3, "not a day"),
        (3, "not a number"),
        (4, "in this file"),
    ):
        assert told in shown["problem"][place]
    made = importing.import_many(admin, data)
    assert made["outcome"].tolist() == shown["outcome"].tolist()
    rows = raw("SELECT number, total, status FROM invoice ORDER BY number")
    assert [tuple(row) for row in rows] == [("2025-000001", D("215.00"), "paid"), ("2025-000002", D("0.10"), "open")]
    assert importing.import_many(admin, data)["outcome"].tolist()[0] == "known"
    assert raw("SELECT count(*) AS n FROM invoice")[0].n == 2
    with pytest.raises(Denied):
        importing.import_many(actor_of("support"), data)


@pytest.mark.parametrize("data", [
    b"\xff\xfe", b"", b"a,b\n1,2", csv('X,"unclosed'), csv("X,a,b", head="external_id,tenant"),
    b"x" * 5_000_001, csv(*["X,a.example,2025-01-01,P,1,1"] * 10_001),
])  # fmt: skip
def test_a_file_that_is_none_is_refused_with_a_sentence(db, admin, data):
    with pytest.raises(Invalid):
        importing.preview(admin, data)


def test_totals_equal_lines_for_every_invoice_and_the_list_finds_them(subscribed, admin, raw, today):
    key = subscribed("pro", name="Müller & Sons")
    other = subscribed("basic")
    actions.create(admin, draft(other, status="open"))
    wrong = raw(
        "SELECT i.id FROM invoice i LEFT JOIN invoice_line l ON l.invoice_id = i.id GROUP BY i.id"
        " HAVING i.subtotal <> coalesce(sum(l.amount), 0) OR i.total <> i.subtotal + i.tax"
    )
    assert wrong == []
    find = lambda **values: queries.directory(admin, queries.Filters(**values)).frame  # noqa: E731
    assert len(find()) == 3 and find(text="müll")["tenant_id"].tolist() == [str(key)]
    assert len(find(overdue=True)) == 1 and len(find(tenant_id=other)) == 2 and len(find(text="2025-0")) == 1
    assert len(find(since=today)) == 2 and len(find(statuses=("paid",))) == 0
    sums = queries.sums(admin).iloc[0]
    assert (sums["open_count"], sums["overdue_count"], sums["overdue"]) == (3, 1, D("200.00"))
    page = queries.directory(admin, queries.Filters(), limit=2)
    assert (
        len(page.frame) == 2 and len(queries.directory(admin, queries.Filters(), after=page.next, limit=2).frame) == 1
    )
    assert queries.search(admin, "2025-0")["tenant_id"].tolist() == [str(other)]
