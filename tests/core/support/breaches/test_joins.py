"""Where tickets are counted and found besides: a tenant's figures, what a grave act hits, the search over everything."""

from datetime import timedelta

from core.customers.search import queries as search
from core.customers.search.sources import ELSEWHERE, EXACT, START_OF_WORD
from core.customers.summaries import queries as summaries
from core.customers.summaries.recomputing import recompute, recount_days
from core.customers.tenants import blast_radius
from core.kernel.times import utc_now
from core.support.tickets.numbers import shown
from tests.core.kernel.test_writes import make_tenant
from tests.core.support.breaches import given


def test_open_tickets_are_counted_of_a_tenant_now_and_on_days_before(db, raw, actor_of, system):
    acme, other = make_tenant(system, "Acme").id, make_tenant(system, "Other").id
    now = utc_now()
    raw("UPDATE tenant SET created_at = :long_ago", long_ago=now - timedelta(days=90))
    made = now - timedelta(days=3)
    given.ticket(tenant_id=acme, created_at=made)
    given.ticket(tenant_id=acme, created_at=made, status="resolved", resolved_at=now - timedelta(days=1))
    given.ticket(tenant_id=acme, status="waiting", created_at=made + timedelta(days=2))
    recount_days(system, [now - timedelta(days=2)])
    recompute(system, now=now)
    assert summaries.one(system, acme)["open_tickets"] == 2
    assert summaries.one(system, other)["open_tickets"] == 0
    assert list(summaries.trend(system, acme, until=now)["open_tickets"]) == [2, 2]
    unseen = actor_of("support", grants=frozenset({"tenants:read"}))
    assert summaries.one(unseen, acme)["open_tickets"] is None
    hit = blast_radius.counts(system, acme).set_index("key")
    assert hit.loc["tickets", "count"] == 2


def test_search_finds_tickets_by_number_by_subject_then_by_the_rest_and_hides_those_out_of_sight(db, actor_of, system):
    acme = make_tenant(system, "Acme").id
    first = given.ticket(subject="Export fails", tenant_id=acme)
    given.ticket(subject="Something else", description="The export again")
    number = next(row for row in _found(system, "export fails").itertuples()).title.split()[0]

    rows = _found(system, "export")
    assert [title.split(" ", 1)[1] for title in rows["title"]] == ["Export fails", "Something else"]
    assert list(rows["rank"]) == [START_OF_WORD, ELSEWHERE]
    assert rows["link"].iloc[0] == f"support/ticket?id={first}"
    exact = _found(system, number)
    assert (exact["rank"].iloc[0], exact["id"].iloc[0]) == (EXACT, str(first))
    assert _found(system, str(first))["rank"].iloc[0] == EXACT
    assert number == shown(int(number.rpartition("-")[2]))
    assert _found(actor_of("client_success"), "export").empty
    assert "tickets" not in search.kinds(actor_of("support", grants=frozenset({"tenants:read"})))


def _found(actor, text):
    return next(group.rows for group in search.search(actor, text) if group.kind == "tickets")
