"""The residency rule: when a violation begins, who caused it, and when it is over."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.infrastructure import actions, queries, regions, residency, tasks
from core.customers.tenants import actions as tenants
from core.kernel.errors import Invalid
from core.kernel.events import Event
from core.kernel.times import utc_now
from tests.core.customers.infrastructure.test_infrastructure import make
from tests.core.customers.test_tenants import make as make_tenant


def open_ones(actor) -> list[dict]:
    return queries.violations(actor).frame.to_dict("records")


def test_infrastructure_in_another_region_violates_until_it_is_moved_or_retired(db, raw, actor_of):
    admin = actor_of("admin")
    tenant = make_tenant(admin, "Acme", region="EU", tier="enterprise")
    row = make(admin, tenant, region="us-east-1")
    found = open_ones(admin)[0]
    assert (found["tenant"], found["tenant_region"], found["region_group"]) == ("Acme", "EU", "US")
    assert (found["caused_by_name"], found["cause"]) == (admin.name, "requested in us-east-1")
    assert queries.open_violations(admin) == 1
    actions.update(admin, row.id, region="us-west-2")
    assert [one["id"] for one in open_ones(admin)] == [found["id"]]
    mover = actor_of("implementation_manager", name="Mo Ver")
    actions.update(mover, row.id, region="eu-west-1")
    assert open_ones(admin) == []
    settled = queries.violations(admin, is_open=False).frame.iloc[0]
    assert (settled["settled_by_name"], settled["settlement"]) == ("Mo Ver", "the record says eu-west-1 now")
    actions.update(admin, row.id, region="eu-west-2")
    assert queries.open_violations(admin) == 1, "London is not in the EU"
    actions.retire(admin, row.id, reason="Moved to Frankfurt")
    assert queries.open_violations(admin) == 0
    assert raw("SELECT count(*) FROM residency_violation")[0].count == 2
    tables = [change["table"] for change in
              raw("SELECT changes FROM audit_entry WHERE action = 'infrastructure.retire'")[0].changes]  # fmt: skip
    assert sorted(tables) == ["infrastructure", "residency_violation"]


def test_a_change_of_the_tenants_region_violates_since_then_and_by_whom(db, raw, actor_of, system):
    admin = actor_of("admin", name="Ann Changer")
    tenant = make_tenant(admin, "Acme", region="EU", tier="enterprise")
    make(admin, tenant)
    tenants.update(admin, tenant.id, version=1, region="APAC")
    row = raw("SELECT * FROM event WHERE type = 'tenants.update'")[0]
    event = Event(id=row.id, type=row.type, tenant_id=row.tenant_id, payload=row.payload, actor_id=row.actor_id,
                  actor_name=row.actor_name, request_id=row.request_id, occurred_at=row.occurred_at)  # fmt: skip
    tasks.judge_tenant(system, event)
    found = open_ones(admin)[0]
    assert (found["caused_by_name"], found["opened_at"]) == ("Ann Changer", row.occurred_at)
    tasks.judge_tenant(system, event)
    assert queries.open_violations(admin) == 1
    raw("UPDATE tenant SET region = 'EU'")
    tasks.judge_all(system)
    assert queries.open_violations(admin) == 0
    tasks.judge_all(system)


def test_what_came_by_another_way_is_found_by_the_hourly_check(db, raw, actor_of, system):
    admin = actor_of("admin")
    make(admin)
    raw("UPDATE tenant SET region = 'US'")
    tasks.judge_all(system)
    assert [one["cause"] for one in open_ones(admin)] == ["found by the hourly check"]
    raw("UPDATE infrastructure SET status = 'retired'")
    tasks.judge_all(system)
    assert open_ones(admin) == []


def test_an_unlisted_region_is_unknown_until_somebody_says_where_it_lies(db, actor_of):
    admin = actor_of("admin")
    row = make(admin, provider="other", region="hetzner-fsn1")
    assert (row.region_group, queries.one(admin, row.id)["agreement"]) == (None, "unknown")
    assert queries.open_violations(admin) == 0
    actions.update(admin, row.id, region_group="US")
    assert queries.open_violations(admin) == 1
    actions.update(admin, row.id, cpus=4)
    assert queries.one(admin, row.id)["region_group"] == "US", "what was declared holds as long as the region does"
    actions.update(admin, row.id, region="hetzner-hel1")
    assert queries.one(admin, row.id)["region_group"] is None
    assert queries.open_violations(admin) == 1, "unknown settles nothing"
    with pytest.raises(Invalid, match="lies in US"):
        actions.update(admin, row.id, provider="aws", region="us-east-1", region_group="EU")


def test_violations_of_others_are_out_of_sight(db, actor_of):
    admin = actor_of("admin")
    make(admin, make_tenant(admin, region="US", tier="enterprise"))
    outsider = actor_of("implementation_specialist")
    assert queries.violations(outsider).frame.empty
    assert queries.open_violations(outsider) == 0
    assert list(queries.violations(admin, text="acm").frame["opened_at"] <= utc_now() + timedelta(seconds=1)) == [True]


@given(
    st.sampled_from([(p, r) for p, listed in regions.REGIONS.items() for r in listed]),
    st.sampled_from(("US", "EU", "APAC")),
)
def test_every_listed_region_has_a_group_and_ways_to_settle(place, tenant_region):
    group = regions.group_of(*place)
    assert group in regions.GROUPS
    assert regions.agreement(tenant_region, group) == ("agrees" if group == tenant_region else "violates")
    ways = residency.ways_to_settle(tenant_region, group, place[0])
    assert tenant_region in ways[0] and (group == "Other") == (len(ways) == 2)


@pytest.mark.parametrize(
    ("provider", "region", "group"),
    [("aws", "eu-west-2", "Other"), ("aws", "eu-central-2", "Other"), ("azure", "norwayeast", "EU"),
     ("gcp", "europe-west6", "Other"), ("aws", "ca-central-1", "Other"), ("azure", "uksouth", "Other"),
     ("gcp", "asia-south1", "APAC"), ("aws", "moon-1", None)],
)  # fmt: skip
def test_regions_that_are_often_taken_for_others(provider, region, group):
    assert regions.group_of(provider, region) == group
