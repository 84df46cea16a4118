"""The directory: filters, every order page by page, what is not for everybody's eyes, and how much the database does."""

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, insert

from core.customers.summaries.models import TenantSummary
from core.customers.tenants import colleagues, queries
from core.customers.tenants.queries import Filters
from core.kernel.errors import Denied, Invalid
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from tests.core.kernel.test_writes import make_tenant

HEALTHS = ("healthy", "down", "degraded", "unknown")


def summarize(system, tenant_id, **values):
    known = {"health": "healthy", "health_reason": "Told by the test.", "computed_at": utc_now()} | values
    with record(system) as tx:
        tx.execute(insert(TenantSummary).values(tenant_id=tenant_id, **known))


def names(frame):
    return list(frame["name"])


@pytest.fixture
def emma(db, raw):
    operator_id = uuid4()
    raw("INSERT INTO operator (id, email, name, password_hash, role, is_demo, created_at, updated_at, version)"
        " VALUES (:id, 'emma@example.com', 'Emma', '', 'client_success', false, now(), now(), 1)", id=operator_id)  # fmt: skip
    return operator_id


@pytest.fixture
def ten(db, raw, system, emma):
    """Ten tenants; every third has no summary, every second no CSM."""
    for place in range(10):
        row = make_tenant(
            system, f"T{place}", seats=place + 1, region=("US", "EU", "APAC")[place % 3],
            status="trial" if place == 4 else "active",
            tags=["vip", f"group {place % 8}"] if place % 4 == 0 else [], csm_id=emma if place % 2 else None,
            trial_ends_on=date(2026, 1, place + 1) if place % 5 == 0 else None, tier=("free", "pro", "basic")[place % 3],
        )  # fmt: skip
        if place % 3:
            summarize(
                system, row.id, seats_used=3, messages_30d=place % 2, mrr=Decimal(place % 4), currency="USD", errors_24h=place,
                health=HEALTHS[place % 4], revenue_30d=None, users_active_30d=1, api_calls_30d=7, open_alerts=0,
            )  # fmt: skip


@pytest.mark.parametrize("sort", queries.SORTS)
def test_every_order_pages_through_all_once_with_the_unknown_last(ten, system, sort):
    whole = queries.directory(system, Filters(), sort=sort, limit=100).frame
    assert len(whole) == 10
    seen, after = [], None
    while True:
        page = queries.directory(system, Filters(), sort=sort, after=after, limit=3)
        seen += names(page.frame)
        after = page.next
        if after is None:
            break
    assert seen == names(whole)
    name = sort.removeprefix("-")
    known = whole[name].dropna() if name != "tags" else whole[name][whole[name].str.len() > 0]
    assert list(known.index) == list(range(len(known)))
    if name not in ("status", "tier", "health", "tags"):
        assert list(known) == sorted(known, reverse=sort.startswith("-"))


def test_health_is_sorted_from_the_worst_and_plans_from_the_least(ten, system):
    healths = list(queries.directory(system, Filters(), sort="health", limit=100).frame["health"])
    assert healths == sorted(healths, key=["down", "degraded", "unknown", "healthy"].index)
    tiers = list(queries.directory(system, Filters(), sort="tier", limit=100).frame["tier"])
    assert tiers == sorted(tiers, key=["free", "basic", "pro"].index)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(text="t1"), {1}), (Filters(text="EXAMPLE"), set(range(10))), (Filters(text="%"), set()),
        (Filters(statuses=("trial",)), {4}), (Filters(regions=("APAC",)), {2, 5, 8}), (Filters(tiers=("free",)), {0, 3, 6, 9}),
        (Filters(healths=("down",)), {1, 5}), (Filters(healths=("unknown",)), {0, 3, 6, 9, 7}),
        (Filters(tags=("vip",)), {0, 4, 8}), (Filters(tags=("group 1", "vip")), {0, 4, 8}), (Filters(tags=("group 1",)), set()),
        (Filters(csm_ids=(None,)), {0, 2, 4, 6, 8}), (Filters(over_quota=True), {1}),
        (Filters(over_quota=False), {2, 4, 5, 7, 8}),
        (Filters(over_quota=True, regions=("US",)), set()),
    ],
)  # fmt: skip
def test_filters_narrow_and_the_count_agrees(ten, system, filters, found):
    frame = queries.directory(system, filters).frame
    assert set(names(frame)) == {f"T{place}" for place in found}
    assert queries.count(system, filters) == len(found)


def test_a_measured_quota_counts_before_the_number_of_seats(ten, raw, system):
    raw("INSERT INTO quota_usage (tenant_id, resource, used, limit_value, source, policy, ratio, measured_at)"
        " SELECT id, 'users', 3, 9, 'override', 'notify', 0.33, now() FROM tenant WHERE name = 'T1'"
        " UNION ALL SELECT id, 'messages', 5, 4, 'plan', 'notify', 1.25, now() FROM tenant WHERE name = 'T2'")  # fmt: skip
    assert names(queries.directory(system, Filters(over_quota=True)).frame) == ["T2"]
    assert set(names(queries.directory(system, Filters(over_quota=False)).frame)) == {"T1", "T4", "T5", "T7", "T8"}


def test_csm_is_found_by_name_and_shown_to_those_who_do_not_see_operators(ten, actor_of, emma):
    support = actor_of("support")
    assert colleagues.names(support) == {emma: "Emma"}
    frame = queries.directory(support, Filters(csm_ids=(emma,))).frame
    assert set(frame["csm"]) == {"Emma"}
    assert len(frame) == 5
    with pytest.raises(Denied):
        colleagues.names(actor_of("developer"))


def test_text_finds_a_part_of_name_or_domain_or_an_id(db, system):
    row = make_tenant(system, "Northern Zebra Works", domain="stripes.example")
    make_tenant(system, "Other")
    for wanted in ("zebra", "STRIPES.ex", str(row.id), f" {row.id} "):
        assert names(queries.directory(system, Filters(text=wanted)).frame) == ["Northern Zebra Works"], wanted


def test_deleted_and_purged_show_only_when_asked_for(db, raw, system):
    for status in ("active", "deleted", "purged"):
        make_tenant(system, status, status=status)
    assert names(queries.directory(system, Filters()).frame) == ["active"]
    assert set(names(queries.directory(system, Filters(statuses=("deleted", "purged"))).frame)) == {"deleted", "purged"}


def test_figures_that_are_not_for_the_actor_are_unknown_and_tell_nothing_by_their_order(ten, actor_of, system):
    hotline = actor_of("hotline_operator")
    frame = queries.directory(hotline, Filters(), sort="-mrr", limit=100).frame
    for name in ("mrr", "revenue_30d", "seats_used", "users_active_30d", "errors_24h", "open_alerts"):
        assert frame[name].isna().all(), name
    assert frame["messages_30d"].notna().any()
    assert list(frame["id"]) == sorted(frame["id"], reverse=True)
    assert queries.count(hotline, Filters(over_quota=True)) == 0
    support = queries.directory(actor_of("support"), Filters(), limit=100).frame
    assert support["mrr"].isna().all()
    assert support["seats_used"].notna().any()


def test_only_tenants_in_sight_and_nothing_without_the_right(ten, raw, actor_of):
    csm = actor_of("client_success")
    assert queries.directory(csm, Filters()).frame.empty
    raw("INSERT INTO tenant_assignment SELECT :o, id, now() FROM tenant WHERE name = 'T1'", o=csm.operator_id)
    frame = queries.directory(csm, Filters()).frame
    assert (names(frame), list(frame["seats_used"])) == (["T1"], [3])
    assert queries.tags(csm) == []
    with pytest.raises(Denied):
        queries.directory(actor_of("developer"), Filters())


def test_export_has_every_row_once(ten, system, monkeypatch):
    monkeypatch.setattr("core.customers.tenants.directory.CHUNK", 4)
    sizes = [names(one) for one in queries.chunks(system, Filters(), sort="name")]
    assert [len(one) for one in sizes] == [4, 4, 2]
    assert [one for some in sizes for one in some] == [f"T{place}" for place in range(10)]


def test_tags_are_those_in_use_the_commonest_first(ten, system):
    assert queries.tags(system) == ["vip", "group 0", "group 4"]


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd"])
def test_a_damaged_cursor_is_a_sentence(ten, system, cursor):
    with pytest.raises(Invalid, match="first page"):
        queries.listing(system, Filters(), after=cursor, sort="-mrr")


def test_listing_has_the_directorys_columns_as_plain_rows(ten, system):
    rows = queries.listing(system, Filters(), sort="name", limit=2).rows
    frame = queries.directory(system, Filters(), limit=1).frame
    assert list(rows[0]) == list(frame.columns)
    assert isinstance(rows[0]["id"], UUID)
    assert (rows[0]["name"], rows[1]["mrr"]) == ("T0", Decimal(1))


def _thousand(raw):
    raw("INSERT INTO tenant (id, name, domain, status, tier, region, seats, tags, created_at, updated_at, version)"
        " SELECT gen_random_uuid(), 'T' || n, n || '.example', 'active', 'pro', 'EU', 5, '{}', now() - n * interval '1 h',"
        " now(), 1 FROM generate_series(1, 1000) n")  # fmt: skip
    raw("INSERT INTO tenant_summary (tenant_id, seats_used, mrr, messages_30d, health, health_reason, computed_at)"
        " SELECT id, seats, seats, seats, 'healthy', '', now() FROM tenant")  # fmt: skip
    raw("ANALYZE tenant, tenant_summary")


def _nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _plan(db, call):
    """The plan of the statement that the call sends to read the directory."""
    sent = []

    def note(connection, cursor, statement, parameters, *rest):
        if "sort_key" in statement:
            sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    statement, parameters = sent[-1]
    result = db.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
    return list(_nodes(result.scalar()[0]["Plan"]))


@pytest.mark.parametrize("sort", ["-created_at", "name", "-mrr", "csm", "health"])
def test_a_page_of_a_thousand_tenants_reads_each_at_most_once(db, raw, system, sort):
    _thousand(raw)
    first = queries.directory(system, Filters(), sort=sort)
    nodes = _plan(db, lambda: queries.directory(system, Filters(), sort=sort, after=first.next))
    for table in ("tenant", "tenant_summary"):
        scans = [node for node in nodes if node.get("Relation Name") == table]
        assert (
            sum(node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) for node in scans)
            <= 1000
        )
    if sort == "-created_at":
        assert "ix_tenant_created" in {node.get("Index Name") for node in nodes}
    assert len(first.frame) == 50


def test_one_has_what_the_page_of_a_tenant_needs(db, system):
    row = make_tenant(system, tags=["vip"])
    found = queries.one(system, row.id)
    assert found["tags"] == ["vip"]
    assert {"owner_id", "csm_id", "trial_ends_on", "deleted_at", "deletion_reason", "purge_after"} <= set(found)
    assert isinstance(found["id"], UUID)
