"""Errors by cause: counts out of rollup and fresh rows, filters, pages, courses, samples."""

from datetime import timedelta

import pytest

from core.health.errors import actions, course, queries, samples
from core.health.errors.queries import Filters
from core.health.errors.spikes import spikes
from core.kernel.errors import Denied, NotFound
from core.kernel.times import utc_now
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.errors_given import MARK, seen

B, C = "b" * 16, "c" * 16


def span(**length):
    now = utc_now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    return now - timedelta(**(length or {"hours": 24})), now


def listed(actor, filters=None, **named):
    return queries.directory(actor, filters or Filters(), *span(), **named).frame


def test_an_error_counts_at_once_and_once(committed_db, actor_of):
    actor = actor_of("developer")
    seen(times=3)
    assert list(listed(actor)["errors"]) == [3]
    seen(times=2, is_rolled=True)
    assert list(listed(actor)["errors"]) == [5]
    seen(times=4)
    assert list(listed(actor)["errors"]) == [9]
    assert queries.count(actor, since=span()[0]) == 9


@pytest.mark.parametrize("length", [{"hours": 1}, {"hours": 24}, {"days": 90}])
def test_every_length_of_time_counts_the_same(committed_db, actor_of, length):
    seen(times=3, is_rolled=True)
    seen(times=2)
    actor, (since, until) = actor_of("developer"), span(**length)
    since = since.replace(hour=0, minute=0) if "days" in length else since.replace(minute=0)
    assert list(queries.directory(actor, Filters(), since, until).frame["errors"]) == [5]
    assert sum(course.trends(actor, [MARK], since, until)[MARK]) == 5
    assert int(course.by_type(actor, since, until)["errors"].iloc[0]) == 5
    assert int(course.by_time(actor, ["ValueError"], since, until)["ValueError"].sum()) == 5


def test_tenants_are_counted_and_named(db, actor_of, system):
    acme, beta = make_tenant(system, "Acme"), make_tenant(system, "Beta")
    seen(times=3, tenant_id=acme.id)
    seen(times=1, tenant_id=beta.id)
    seen(times=1)
    actor = actor_of("support")
    assert list(listed(actor)["tenants"]) == [2]
    hit = course.by_tenant(actor, MARK, *span())
    assert list(hit["tenant"].fillna("none")) == ["Acme", "Beta", "none"] or set(hit["tenant"].dropna()) == {
        "Acme",
        "Beta",
    }
    assert hit["errors"].tolist() == [3, 1, 1]
    assert list(listed(actor, Filters(tenant_id=acme.id))["errors"]) == [3]


def test_another_tenants_errors_are_not_in_sight(db, actor_of, system):
    mine, other = make_tenant(system, "Mine"), make_tenant(system, "Other")
    seen(tenant_id=other.id, message="secret of Other")
    seen(B, tenant_id=other.id, message="first, of Other")
    seen(B, tenant_id=mine.id, message="of Mine", at=utc_now() + timedelta(seconds=2))
    actor = actor_of("developer", scope="tenant", tenant_id=mine.id)
    found = listed(actor)
    assert list(found["fingerprint"]) == [B]
    assert list(found["message"]) == ["of Mine"]
    assert list(found["errors"]) == [1]
    with pytest.raises(NotFound):
        queries.one(actor, MARK, *span())
    assert samples.samples(actor, MARK).frame.empty
    assert listed(actor, Filters(text="secret")).empty


def test_filters_narrow(db, actor_of, system):
    seen(message="card refused", service="shop")
    seen(B, type="KeyError", message="no such key", service="mail", route="/send")
    seen(C, service="mail")
    actor = actor_of("developer")
    actions.resolve(actor, [C])

    def marks(**named):
        return set(listed(actor, Filters(**named))["fingerprint"])

    assert marks(text="REFUSED") == {MARK}
    assert marks(text="/send") == {B}
    assert marks(text=C) == {C}
    assert marks(text="100%") == set()
    assert marks(services=("mail",)) == {B, C}
    assert marks(types=("KeyError",)) == {B}
    assert marks(states=("resolved",)) == {C}
    assert marks(states=("open",)) == {MARK, B}
    assert queries.services(actor) == ["mail", "shop"]
    assert queries.totals(actor, Filters(services=("mail",)), *span()) == {"groups": 2, "errors": 2, "fresh": 1}


def test_what_is_somebodys_is_listed_when_it_is_quiet(db, actor_of, system):
    from tests.core.health.test_errors_triage import person

    ann = person(system)
    seen(at=utc_now() - timedelta(days=3))
    seen(B)
    actor = actor_of("developer")
    actions.assign(actor, [MARK], assignee_id=ann.id)
    assert set(listed(actor)["fingerprint"]) == {B}
    found = listed(actor, Filters(assignee_id=ann.id))
    assert (list(found["fingerprint"]), list(found["errors"])) == ([MARK], [0])


@pytest.mark.parametrize(
    ("sort", "order"), [("errors", [C, B, MARK]), ("last_seen_at", [MARK, B, C]), ("tenants", [B, C, MARK])]
)
def test_pages_follow_the_order(db, actor_of, system, sort, order):
    for number, mark in enumerate((MARK, B, C)):
        seen(mark, times=number + 1, at=utc_now() - timedelta(minutes=number))
    for number, name in enumerate(("Acme", "Beta")):
        tenant = make_tenant(system, name)
        for mark in (B, C)[: 2 - number]:
            seen(mark, tenant_id=tenant.id, at=utc_now() - timedelta(minutes=5))
    seen(C, at=utc_now() - timedelta(minutes=6))
    actor, token, found = actor_of("developer"), None, []
    for _ in range(3):
        page = queries.directory(actor, Filters(), *span(), sort=sort, after=token, limit=1)
        token = page.next
        found += list(page.frame["fingerprint"])
    assert found == order
    assert token is None


def test_a_course_has_every_bucket(db, actor_of):
    since, until = span(hours=1)
    seen(times=2, at=until - timedelta(minutes=10, seconds=-30))
    counts = course.trends(actor_of("developer"), [MARK, B], since, until)
    assert len(counts[MARK]) == len(course.buckets(since, until)) == 60
    assert (counts[MARK][50], sum(counts[MARK]), sum(counts[B])) == (2, 2, 0)


def test_kinds_beyond_the_named_are_other(db, actor_of):
    seen(times=2)
    seen(B, type="KeyError")
    found = course.by_time(actor_of("developer"), ["ValueError"], *span())
    assert (found["ValueError"].sum(), found["other"].sum()) == (2, 1)


def test_samples_page_and_carry_the_trace(db, actor_of):
    seen(times=3, request_id="r-1", trace="Traceback of it")
    actor = actor_of("developer")
    first = samples.samples(actor, MARK, limit=2)
    second = samples.samples(actor, MARK, after=first.next, limit=2)
    assert (len(first.frame), len(second.frame), second.next) == (2, 1, None)
    assert first.frame["at"].is_monotonic_decreasing
    one = samples.sample(actor, MARK, first.frame["id"].iloc[0])
    assert (one["trace"], one["request_id"]) == ("Traceback of it", "r-1")
    with pytest.raises(NotFound):
        samples.sample(actor, B, first.frame["id"].iloc[0])


def test_versions_and_routes_are_counted(db, actor_of):
    seen(times=2, message="card 1 refused")
    seen(times=1, message="card 2 refused", route="/refund")
    actor = actor_of("developer")
    assert list(samples.versions(actor, MARK)[["message", "errors"]].itertuples(index=False, name=None)) == [
        ("card 1 refused", 2), ("card 2 refused", 1),
    ]  # fmt: skip
    assert list(samples.routes(actor, MARK)["route"]) == ["/orders", "/refund"]


def test_open_groups_are_those_that_nobody_took(db, actor_of):
    seen()
    seen(B)
    actor = actor_of("developer")
    actions.acknowledge(actor, [B])
    assert queries.open_count(actor, since=span()[0]) == 1


def test_every_read_needs_the_permission(db, actor_of):
    seen()
    actor, time = actor_of("hotline_operator"), span()
    reads = (
        lambda: queries.directory(actor, Filters(), *time), lambda: queries.totals(actor, Filters(), *time),
        lambda: queries.one(actor, MARK, *time), lambda: queries.services(actor), lambda: queries.count(actor, since=time[0]),
        lambda: queries.latest(actor, MARK), lambda: course.trends(actor, [MARK], *time), lambda: course.by_type(actor, *time),
        lambda: course.by_time(actor, [], *time), lambda: course.by_tenant(actor, MARK, *time),
        lambda: course.requests_by_service(actor, *time), lambda: samples.samples(actor, MARK),
        lambda: samples.versions(actor, MARK), lambda: samples.routes(actor, MARK),
    )  # fmt: skip
    for look in reads:
        with pytest.raises(Denied):
            look()


@pytest.mark.parametrize(
    ("counts", "places"),
    [([0] * 23 + [12], [23]), ([5] * 20 + [100] + [5] * 3, [20]), ([5, 9, 4, 6, 8, 3] * 4, []), ([0, 0, 9], []), ([100], []),
     ([], []),
     ([10] * 24, []), ([2] * 20 + [80, 90, 2, 2], [20, 21])],
)  # fmt: skip
def test_a_spike_stands_out(counts, places):
    assert spikes(counts) == places
