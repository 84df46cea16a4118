"""Many tenants at once: each stands for itself, with its own outcome and its own entry in the trail."""

from uuid import uuid4

import pytest

from core.customers.tenants import bulk
from core.customers.tenants.tagging import MAX_TAGS, clean_tags
from core.kernel.errors import Denied, Invalid
from core.kernel.many import Edit
from tests.core.customers.test_directory import emma  # noqa: F401  (a fixture)
from tests.core.kernel.test_writes import make_tenant


def problems(outcomes):
    return {one.id: one.problem for one in outcomes}


def entries(raw, action):
    return {
        row.tenant_id
        for row in raw(f"SELECT tenant_id FROM audit_entry WHERE action = '{action}' AND outcome = 'done'")
    }


def test_grid_edit_saves_the_good_rows_and_tells_of_the_others(db, raw, system, actor_of):
    admin = actor_of("admin", name="Ann")
    good, bad, stale, taken, gone = (make_tenant(system, name) for name in ("Good", "Bad", "Stale", "Taken", "Gone"))
    bulk.update_many(admin, [Edit(stale.id, 1, {"region": "APAC"})])
    raw("UPDATE tenant SET status = 'deleted' WHERE id = :id", id=gone.id)
    edits = [
        Edit(good.id, 1, {"region": "US", "tags": ["VIP ", "vip"]}), Edit(bad.id, 1, {"region": "MARS"}),
        Edit(stale.id, 1, {"region": "US"}), Edit(taken.id, 1, {"domain": good.domain}), Edit(uuid4(), 1, {"region": "US"}),
        Edit(gone.id, 1, {"region": "US"}),
    ]  # fmt: skip
    found = problems(bulk.update_many(admin, edits))
    assert found[good.id] is None
    for tenant_id, part in ((bad.id, "Choose one of"), (stale.id, "Ann changed region"), (taken.id, "already in use"),
                            (edits[4].id, "does not exist"), (gone.id, "Restore it")):  # fmt: skip
        assert part in found[tenant_id]
    rows = {row.id: (row.region, row.tags) for row in raw("SELECT id, region, tags FROM tenant")}
    assert rows[good.id] == ("US", ["vip"])
    assert [rows[one.id][0] for one in (bad, stale, gone)] == ["EU", "APAC", "EU"]
    assert entries(raw, "tenants.update_many") == {good.id, stale.id}


@pytest.mark.parametrize("values", [
    {"tier": "free"}, {"seats": 11}, {"status": "active"}, {"csm_id": uuid4()}, {"tags": ["x" * 99]},
])  # fmt: skip
def test_grid_edit_refuses_what_is_not_for_editing(db, raw, system, values):
    tenant = make_tenant(system)
    assert bulk.update_many(system, [Edit(tenant.id, 1, values)])[0].problem
    assert raw("SELECT version FROM tenant")[0].version == 1


def test_tags_are_added_and_removed_and_leave_entries_and_an_event_each(db, raw, system):
    plain, tagged = make_tenant(system, "Plain"), make_tenant(system, "Tagged", tags=["old", "vip"])
    outcomes = bulk.tag_many(system, [plain.id, tagged.id], add=["VIP"], remove=["old"])
    assert set(problems(outcomes).values()) == {None}
    assert [row.tags for row in raw("SELECT tags FROM tenant ORDER BY name")] == [["vip"], ["vip"]]
    assert entries(raw, "tenants.tag_many") == {plain.id, tagged.id} or entries(raw, "tenants.tag_many") == {None}
    assert raw("SELECT count(*) FROM event WHERE type = 'tenants.tag_many'")[0].count >= 1


def test_a_tenant_that_cannot_be_tagged_does_not_stop_the_others(db, raw, system):
    full, gone, good = (
        make_tenant(system, tags=[f"t{n}" for n in range(MAX_TAGS)]),
        make_tenant(system, status="deleted"),
        make_tenant(system),
    )
    found = problems(bulk.tag_many(system, [full.id, gone.id, good.id], add=["more"]))
    assert "at most 20 tags" in found[full.id]
    assert "deleted" in found[gone.id]
    assert found[good.id] is None
    assert raw("SELECT count(*) FROM tenant WHERE 'more' = ANY (tags)")[0].count == 1


def test_csm_is_assigned_to_many_and_taken_off(db, raw, system, emma):  # noqa: F811  (the fixture)
    rows = [make_tenant(system, f"T{place}") for place in range(3)]
    bulk.assign_csm_many(system, [row.id for row in rows], csm_id=emma)
    assert {row.csm_id for row in raw("SELECT csm_id FROM tenant")} == {emma}
    bulk.assign_csm_many(system, [rows[0].id], csm_id=None)
    assert raw("SELECT count(csm_id) FROM tenant")[0].count == 2
    raw("UPDATE operator SET disabled_at = now()")
    with pytest.raises(Invalid, match="out of service"):
        bulk.assign_csm_many(system, [rows[0].id], csm_id=emma)


def test_many_is_refused_without_the_right_beyond_sight_and_beyond_the_limit(db, raw, system, actor_of):
    tenant = make_tenant(system)
    with pytest.raises(Denied):
        bulk.tag_many(actor_of("support"), [tenant.id], add=["x"])
    with pytest.raises(Denied):
        bulk.assign_csm_many(actor_of("support"), [tenant.id], csm_id=None)
    with pytest.raises(Invalid, match="Choose a tag"):
        bulk.tag_many(system, [tenant.id], add=[" "])
    with pytest.raises(Invalid, match="At most 500"):
        bulk.tag_many(system, [uuid4() for _ in range(501)], add=["x"])
    outsider = actor_of("support_admin", scope="assigned")
    assert "not among those you may see" in bulk.tag_many(outsider, [tenant.id], add=["x"])[0].problem
    assert raw("SELECT tags FROM tenant")[0].tags == []


def test_tags_are_clean():
    assert clean_tags([" Big  Account ", "big account", ""]) == ["big account"]
    for bad in (["x" * 41], ["a\nb\x00"], [str(n) for n in range(21)]):
        with pytest.raises(Invalid):
            clean_tags(bad)


def test_five_hundred_are_done_at_once(db, raw, system):
    made = raw("INSERT INTO tenant (id, name, domain, status, tier, region, seats, created_at, updated_at, version)"
               " SELECT gen_random_uuid(), 'T' || n, n || '.example', 'active', 'pro', 'EU', 5, now(), now(), 1"
               " FROM generate_series(1, 500) n RETURNING id")  # fmt: skip
    assert {one.problem for one in bulk.tag_many(system, [row.id for row in made], add=["vip"])} == {None}
    assert raw("SELECT count(*) FROM tenant WHERE tags = '{vip}'")[0].count == 500
