"""What can be done with monitors: row, audit, event; and who may not."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.customers.tenants import actions as tenants
from core.health.monitors import actions, heartbeats, queries
from core.health.monitors.courses import Change
from core.health.monitors.queries import Filters
from core.kernel.errors import AlreadyDone, Conflict, Denied, Invalid, NotFound
from core.kernel.times import utc_now

WEB = {"url": "https://93.184.216.34/health"}


def make(actor, **values: object):
    given = {"name": "Website", "kind": "http", "settings": WEB}
    return actions.create(actor, **(given | values)).monitor


def states(raw) -> list[tuple[str, str]]:
    return [(one.previous, one.state) for one in raw("SELECT previous, state FROM monitor_change ORDER BY at, id")]


def test_create_leaves_row_state_audit_and_event(raw, actor_of):
    developer = actor_of("developer")
    made = make(developer, tags=["Team:Web", "team:web"], interval_s=30)
    row = raw("SELECT target, tags, interval_s, retries, created_by, token_digest FROM monitor")[0]
    assert (row.target, row.tags, row.interval_s, row.retries, row.created_by, row.token_digest) == (
        "https://93.184.216.34/health", ["team:web"], 30, 1, developer.operator_id, None,
    )  # fmt: skip
    assert raw("SELECT state FROM monitor_state WHERE monitor_id = :id", id=made.id)[0].state == "unknown"
    audit = raw("SELECT action, entity_type, entity_ids FROM audit_entry")[0]
    assert (audit.action, audit.entity_type, audit.entity_ids) == ("monitors.create", "monitor", [made.id])
    assert raw("SELECT type, payload FROM event")[0].payload["entity_ids"] == [str(made.id)]


def test_create_names_every_bad_field(raw, system):
    with pytest.raises(Invalid) as refused:
        make(system, name="", interval_s=1, settings={"url": "nonsense", "statuses": "x"})
    assert set(refused.value.fields) == {"name", "interval_s", "url", "statuses"}
    with pytest.raises(Invalid) as refused:
        make(system, interval_s=10, timeout_s=20)
    assert list(refused.value.fields) == ["timeout_s"]
    with pytest.raises(Invalid):
        make(system, kind="ping")
    assert raw("SELECT count(*) AS n FROM monitor")[0].n == 0


def test_create_is_done_once_under_its_key(raw, system):
    make(system, once="key")
    with pytest.raises(AlreadyDone):
        make(system, once="key")
    assert raw("SELECT count(*) AS n FROM monitor")[0].n == 1


def test_who_may_not_makes_no_monitor(raw, actor_of):
    with pytest.raises(Denied):
        make(actor_of("admin"))
    assert raw("SELECT count(*) AS n FROM monitor")[0].n == 0
    assert raw("SELECT outcome FROM audit_entry")[0].outcome == "denied"


def test_private_addresses_take_the_right_to_them(system, actor_of, db):
    developer = actor_of("developer")
    private = {"url": "http://127.0.0.1:8501/"}
    with pytest.raises(Invalid) as refused:
        make(developer, settings=private)
    assert list(refused.value.fields) == ["url"]
    with pytest.raises(Denied, match="monitors:private"):
        make(developer, settings=private, allows_private=True)
    made = make(system, settings=private, allows_private=True)
    with pytest.raises(Denied, match="monitors:private"):
        actions.update(developer, made.id, version=1, settings={"url": "http://127.0.0.1:22/"})
    assert actions.update(developer, made.id, version=1, name="Portal").name == "Portal"
    with pytest.raises(Invalid):
        actions.update(developer, made.id, version=2, allows_private=False)


def test_update_is_for_the_present_version_and_keeps_the_kind(raw, system):
    made = make(system)
    changed = actions.update(system, made.id, version=1, settings={"url": "https://93.184.216.34/other"}, retries=3)
    assert (changed.target, changed.retries, changed.version) == ("https://93.184.216.34/other", 3, 2)
    with pytest.raises(Conflict):
        actions.update(system, made.id, version=1, name="Other")
    with pytest.raises(Invalid):
        actions.update(system, made.id, version=2, kind="tcp")
    with pytest.raises(Invalid) as refused:
        actions.update(system, made.id, version=2, owner_id=made.id)
    assert list(refused.value.fields) == ["owner_id"]
    assert [one.action for one in raw("SELECT action FROM audit_entry ORDER BY occurred_at")] == [
        "monitors.create", "monitors.update",
    ]  # fmt: skip


def test_update_many_changes_all_or_none(raw, system):
    made = [make(system, name=f"M{place}", tags=["old", "keep"]) for place in range(3)]
    ids = [one.id for one in made]
    assert actions.update_many(system, ids, interval_s=300, add_tags=["new"], remove_tags=["old"]) == 3
    rows = raw("SELECT interval_s, tags FROM monitor")
    assert {(row.interval_s, tuple(row.tags)) for row in rows} == {(300, ("keep", "new"))}
    with pytest.raises(NotFound):
        actions.update_many(system, [*ids, uuid4()], interval_s=600)
    assert {row.interval_s for row in raw("SELECT interval_s FROM monitor")} == {300}
    assert actions.update_many(system, ids, add_tags=["new"]) == 0


def test_pause_and_resume_leave_their_times(raw, system):
    made = make(system)
    assert actions.pause(system, [made.id], reason="Moves house") == 1
    assert actions.pause(system, [made.id]) == 0
    assert queries.one(system, made.id)["state"] == "paused"
    assert raw("SELECT reason, until FROM monitor_pause")[0] == ("Moves house", None)
    assert actions.resume(system, [made.id]) == 1
    assert queries.one(system, made.id)["state"] == "unknown"
    assert raw("SELECT until FROM monitor_pause")[0].until is not None
    assert states(raw) == [("unknown", "paused"), ("paused", "unknown")]
    assert [one.type for one in raw("SELECT type FROM event ORDER BY occurred_at")] == [
        "monitors.create", "monitors.pause", "monitors.resume",
    ]  # fmt: skip


def test_delete_takes_a_reason_and_everything_with_it(raw, system):
    made = make(system)
    actions.pause(system, [made.id])
    actions.delete(system, made.id, reason="Shut down")
    with pytest.raises(NotFound):
        actions.delete(system, made.id, reason="Again")
    for table in ("monitor", "monitor_state", "monitor_pause"):
        assert raw(f"SELECT count(*) AS n FROM {table}")[0].n == 0
    assert raw("SELECT details FROM audit_entry WHERE action = 'monitors.delete'")[0].details["name"] == "Website"


def test_the_token_of_a_push_monitor_is_shown_once_and_rotates(raw, system):
    made = actions.create(system, name="Backup", kind="push", settings={"grace_s": 60})
    stored = raw("SELECT token_digest, changes::text FROM monitor, audit_entry")[0]
    assert made.token not in str(bytes(stored.token_digest)) and made.token not in stored.changes
    assert heartbeats.call(made.token) == made.monitor.id
    newer = actions.rotate_token(system, made.monitor.id)
    assert heartbeats.call(newer.token) == heartbeats.call(made.token)
    raw("UPDATE monitor SET previous_expires_at = now() - interval '1 second'")
    with pytest.raises(NotFound):
        heartbeats.call(made.token)
    with pytest.raises(Invalid):
        actions.rotate_token(system, make(system).id)


def test_check_now_signals_the_checker(raw, system):
    made = make(system)
    actions.check_now(system, made.id)
    assert raw("SELECT asked_at FROM monitor_state")[0].asked_at is not None
    actions.pause(system, [made.id])
    with pytest.raises(Invalid):
        actions.check_now(system, made.id)


def test_a_change_of_state_is_told_to_whoever_listens(raw, system):
    made = make(system)
    change = Change(utc_now(), "down", "up", "answered 500, not 200-299")
    actions.change_state(system, made.id, change)
    assert raw("SELECT state, since FROM monitor_state")[0] == ("down", change.at)
    assert states(raw) == [("up", "down")]
    event = raw("SELECT payload FROM event WHERE type = 'monitors.change_state'")[0].payload
    assert (event["monitor_id"], event["state"], event["cause"]) == (str(made.id), "down", "answered 500, not 200-299")
    assert raw("SELECT severity FROM audit_entry WHERE action = 'monitors.change_state'")[0].severity == "warning"


def test_a_paused_monitor_changes_no_more(raw, system):
    made = make(system)
    actions.pause(system, [made.id])
    with pytest.raises(NotFound):
        actions.change_state(system, made.id, Change(utc_now(), "down", "up", "late"))
    assert states(raw) == [("unknown", "paused")]


@pytest.fixture
def customers(system, db):
    about = {"tier": "pro", "region": "EU", "seats": 10}
    return [tenants.create(system, name=name, domain=f"{name.lower()}.example", **about) for name in ("Acme", "Brook")]


def test_who_is_bound_to_some_tenants_sees_and_changes_their_monitors_alone(raw, system, customers, actor_of):
    acme, brook = customers
    mine = make(system, name="Of Acme", tenant_ids=[acme.id, brook.id])
    theirs = make(system, name="Of Brook", tenant_ids=[brook.id])
    make(system, name="Of the platform")
    grants = frozenset({"monitors:*", "tenants:read"})
    key = actor_of("developer", operator_id=None, grants=grants, scope="tenant", tenant_id=acme.id)
    assert list(queries.directory(key, Filters()).frame["name"]) == ["Of Acme"]
    assert queries.one(key, mine.id)["tenants"] == ["Acme"], "the other customer's name is not theirs to see"
    for attempt in (
        lambda: queries.one(key, theirs.id),
        lambda: queries.availability(key, theirs.id, since=utc_now() - timedelta(hours=1), until=utc_now()),
        lambda: queries.changes(key, theirs.id, since=utc_now() - timedelta(hours=1), until=utc_now()),
        lambda: queries.checks(key, theirs.id),
        lambda: actions.update(key, theirs.id, version=1, name="Mine now"),
        lambda: actions.pause(key, [theirs.id]),
        lambda: actions.delete(key, theirs.id, reason="Mine"),
        lambda: actions.check_now(key, theirs.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(Denied):
        make(key)
    with pytest.raises(NotFound):
        make(key, tenant_ids=[brook.id])
    made = make(key, name="New", tenant_ids=[acme.id])
    assert actions.update(key, made.id, version=1, name="Newer").name == "Newer"
    actions.update(key, mine.id, version=1, tenant_ids=[acme.id])
    linked = raw("SELECT tenant_id FROM monitor_tenant WHERE monitor_id = :id", id=mine.id)
    assert {one.tenant_id for one in linked} == {acme.id, brook.id}, "a link out of sight stays"


def test_tenants_are_linked_and_unlinked(raw, system, customers):
    acme, brook = customers
    made = make(system, tenant_ids=[acme.id])
    actions.update(system, made.id, version=1, tenant_ids=[brook.id])
    assert [one.tenant_id for one in raw("SELECT tenant_id FROM monitor_tenant")] == [brook.id]
    filters = Filters(tenant_id=brook.id)
    assert queries.count(system, filters) == 1 and queries.count(system, Filters(tenant_id=acme.id)) == 0
