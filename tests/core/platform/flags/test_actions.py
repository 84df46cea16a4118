"""What can be done with a flag, who may, and what it leaves behind."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.kernel.errors import AlreadyDone, Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.kernel.times import utc_now
from core.platform.config import actions as portal
from core.platform.flags import actions, queries
from tests.core.customers.test_tenants import make as make_tenant

RULE = {"conditions": [{"attribute": "plan", "operator": "in", "values": ["pro"]}], "serve": {"variant": "on"}}


def test_create_makes_three_environments_switched_off(db, raw, actor_of):
    flag = actions.create(actor_of("developer"), key=" new-grid ", name=" New  grid ")
    rows = raw("SELECT environment, is_enabled, rollout_percentage FROM flag_environment ORDER BY environment")
    assert [tuple(row) for row in rows] == [("development", False, 0), ("production", False, 0), ("staging", False, 0)]
    row = raw("SELECT key, name, variants, off_variant, salt FROM flag")[0]
    assert tuple(row)[:4] == ("new-grid", "New grid", {"on": True, "off": False}, "off")
    assert len(row.salt) == 16
    entry = raw("SELECT action, outcome, details FROM audit_entry")[0]
    assert (entry.action, entry.outcome, entry.details) == ("flags.create", "done", {"flag": "new-grid"})
    assert raw("SELECT type, payload ->> 'flag' AS flag FROM event")[0] == ("flags.create", "new-grid")
    assert flag.owner_id is not None


def test_create_names_every_bad_field(db, raw, actor_of):
    with pytest.raises(Invalid) as caught:
        actions.create(
            actor_of("developer"), key="x", name=" ", kind="json", variants={"a": 1}, unit="planet", config=[1],
            expires_on="soon",
        )  # fmt: skip
    assert set(caught.value.fields) == {"name", "variants", "unit", "config", "expires_on"}
    for key in ("", "New", "a b", "-a", "a--b", "x" * 101):
        with pytest.raises(Invalid, match="small letters"):
            actions.create(actor_of("developer"), key=key, name="x")
    assert raw("SELECT count(*) FROM flag")[0].count == 0


def test_a_key_is_taken_once_and_an_idempotency_key_counts_once(db, actor_of, make_flag):
    make_flag("new-grid")
    with pytest.raises(Invalid, match="already in use"):
        make_flag("new-grid")
    make_flag("other", once="k")
    with pytest.raises(AlreadyDone):
        make_flag("third", once="k")


def test_an_owner_is_an_operator(db, make_flag):
    with pytest.raises(Invalid, match="operator"):
        make_flag(owner_id=uuid4())


@pytest.mark.parametrize(
    "verb", ["create", "update", "configure", "toggle", "kill", "archive", "set_override", "segment"]
)
def test_readers_change_nothing(db, raw, actor_of, make_flag, verb):
    flag, reader = make_flag(), actor_of("support")
    calls = {
        "create": lambda: actions.create(reader, key="x", name="x"),
        "update": lambda: actions.update(reader, flag.id, version=1, name="x"),
        "configure": lambda: actions.configure(reader, flag.id, "production", version=1, is_enabled=True),
        "toggle": lambda: actions.toggle(reader, flag.id),
        "kill": lambda: actions.kill(reader, flag.id, "production", reason="x"),
        "archive": lambda: actions.archive(reader, flag.id, reason="x"),
        "set_override": lambda: actions.set_override(
            reader, flag.id, make_tenant(reader_of(actor_of)).id, environment="production", variant="on", reason="x"
        ),
        "segment": lambda: actions.create_segment(reader, key="x", name="x", conditions=RULE["conditions"]),
    }
    with pytest.raises(Denied):
        calls[verb]()
    assert raw("SELECT count(*) FROM audit_entry WHERE outcome = 'denied' AND action LIKE 'flags.%'")[0].count == 1
    assert raw("SELECT sum(version) AS versions FROM flag_environment")[0].versions == 3


def reader_of(actor_of):
    return actor_of("admin")


def test_update_takes_only_what_describes_the_flag(db, raw, actor_of, make_flag):
    flag = make_flag()
    actions.update(actor_of("developer"), flag.id, version=1, name="Better grid", config={"limit": 5})
    with pytest.raises(Conflict):
        actions.update(actor_of("developer"), flag.id, version=1, name="Mine")
    with pytest.raises(Invalid, match="cannot be edited"):
        actions.update(actor_of("developer"), flag.id, version=2, key="other")
    assert raw("SELECT name, config FROM flag")[0] == ("Better grid", {"limit": 5})


def test_a_variant_that_is_served_cannot_go(db, make_flag, configure, system, make_tenants):
    flag = make_flag(kind="multivariate", variants={"red": "r", "blue": "b", "green": "g"}, off_variant="red")
    configure(flag, serve={"split": {"blue": 1, "green": 1}})
    with pytest.raises(Invalid, match="green is served in production"):
        actions.update(system, flag.id, version=1, variants={"red": "r", "blue": "b"})
    configure(flag, serve={"variant": "blue"})
    tenant = make_tenants(1)[0]
    actions.set_override(system, flag.id, tenant.id, environment="staging", variant="green", reason="x")
    with pytest.raises(Invalid, match="green is served in an override"):
        actions.update(system, flag.id, version=1, variants={"red": "r", "blue": "b"})
    actions.clear_override(system, flag.id, tenant.id, environment="staging")
    assert set(actions.update(system, flag.id, version=1, variants={"red": "r", "blue": "b"}).variants) == {
        "red",
        "blue",
    }


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"rollout_percentage": 101}, "rollout_percentage"),
        ({"rollout_percentage": "many"}, "rollout_percentage"),
        ({"rollout_percentage": 0.0001}, "rollout_percentage"),
        ({"rollout_percentage": float("nan")}, "rollout_percentage"),
        ({"serve": {"variant": "purple"}}, "serve"),
        ({"serve": {"split": {"on": 0}}}, "serve"),
        ({"serve": {"split": {"on": 1.5}}}, "serve"),
        ({"serve": {"split": {"purple": 1}}}, "serve"),
        ({"rules": [{"serve": {"variant": "on"}}]}, "rules"),
        ({"rules": [RULE | {"segment": "nobody"}]}, "rules"),
        ({"rules": [RULE | {"colour": "red"}]}, "rules"),
        ({"rules": "all"}, "rules"),
        ({"rules": [RULE | {"id": "a"}, RULE | {"id": "a"}]}, "rules"),
        ({"prerequisites": [{"flag": "nothing", "variants": ["on"]}]}, "prerequisites"),
        ({"prerequisites": [{"flag": "new-grid", "variants": ["on"]}]}, "prerequisites"),
        ({"prerequisites": [{"flag": "new-grid", "variants": []}]}, "prerequisites"),
        ({"ramp": [{"at": "soon", "percentage": 5}]}, "ramp"),
        ({"ramp": [{"at": "2040-01-02", "percentage": 5}, {"at": "2040-01-01", "percentage": 9}]}, "ramp"),
        ({"ramp": [{"at": "2040-01-01", "percentage": 5}, {"at": "2040-01-02", "percentage": 5}]}, "ramp"),
        ({"guardrails": [{"metric": "weather", "bound": 1}]}, "guardrails"),
        ({"guardrails": [{"metric": "api_error_ratio", "bound": "low"}]}, "guardrails"),
        ({"enable_at": "2040-01-02", "disable_at": "2040-01-01"}, "disable_at"),
        ({"is_enabled": "yes"}, "is_enabled"),
        ({"killed_at": None}, "killed_at"),
    ],
)
def test_configure_names_what_cannot_be(db, raw, make_flag, configure, values, field):
    flag = make_flag()
    with pytest.raises(Invalid) as caught:
        configure(flag, **values)
    assert field in caught.value.fields
    assert raw("SELECT max(version) AS version FROM flag_environment")[0].version == 1


@pytest.mark.parametrize(
    "condition",
    [
        {"attribute": "1 = 1", "operator": "in", "values": ["x"]},
        {"attribute": "plan", "operator": "like", "values": ["x"]},
        {"attribute": "plan", "operator": "in", "values": []},
        {"attribute": "plan", "operator": "in", "values": [{"a": 1}]},
        {"attribute": "plan", "operator": "in", "values": ["x"] * 1001},
        {"attribute": "age", "operator": "gt", "values": ["old"]},
        {"attribute": "version", "operator": "semver_gte", "values": ["1.2"]},
        {"attribute": "since", "operator": "before", "values": ["yesterday"]},
    ],
)
def test_conditions_that_cannot_be_compared_are_refused(db, actor_of, condition):
    with pytest.raises(Invalid):
        actions.create_segment(actor_of("developer"), key="x", name="x", conditions=[condition])


def test_toggle_turns_round_and_says_so(db, raw, actor_of, make_flag, what):
    flag, developer = make_flag(rollout_percentage=100), actor_of("developer")
    assert actions.toggle(developer, flag.id).is_enabled
    assert what("new-grid").value is True
    assert what("new-grid", "staging").value is False
    assert not actions.toggle(developer, flag.id).is_enabled
    actions.toggle(developer, flag.id, is_enabled=False)
    entries = raw("SELECT details FROM audit_entry WHERE action = 'flags.toggle'")
    assert [row.details for row in entries] == [{"flag": "new-grid", "environment": "production"}] * 2


def test_kill_serves_off_whatever_else_holds_and_revive_ends_it(
    db, raw, make_flag, actor_of, what, make_tenants, system
):
    flag, developer = make_flag(is_enabled=True, rollout_percentage=100), actor_of("developer")
    tenant = make_tenants(1)[0]
    actions.set_override(system, flag.id, tenant.id, environment="production", variant="on", reason="x")
    with pytest.raises(ReasonRequired):
        actions.kill(developer, flag.id, "production", reason=" ")
    actions.kill(developer, flag.id, "production", reason="Orders fail")
    found = what("new-grid", tenant_id=tenant.id)
    assert (found.value, found.reason, found.sentence) == (False, "DISABLED", "Killed: Orders fail")
    assert raw("SELECT severity FROM audit_entry WHERE action = 'flags.kill'")[0].severity == "critical"
    with pytest.raises(Invalid, match="already"):
        actions.kill(developer, flag.id, "production", reason="again")
    actions.revive(developer, flag.id, "production", reason="Fixed")
    assert what("new-grid").value is True
    with pytest.raises(Invalid, match="not killed"):
        actions.revive(developer, flag.id, "production", reason="again")


def test_kill_works_during_maintenance_and_configure_does_not(db, make_flag, system, configure, what):
    flag = make_flag(is_enabled=True, rollout_percentage=100)
    portal.start_maintenance(system, message="Back at ten.", reason="upgrade")
    with pytest.raises(Exception, match="maintenance"):
        configure(flag, is_enabled=False)
    actions.kill(system, flag.id, "production", reason="Orders fail")
    assert what("new-grid").value is False


def test_pause_and_resume(db, make_flag, actor_of, what):
    flag, developer = make_flag(is_enabled=True, rollout_percentage=100), actor_of("developer")
    actions.pause(developer, flag.id, "production", reason="Odd figures")
    assert what("new-grid").sentence == "Paused: Odd figures"
    with pytest.raises(Invalid, match="already"):
        actions.pause(developer, flag.id, "production", reason="x")
    actions.resume(developer, flag.id, "production", reason="Fine")
    assert what("new-grid").value is True


def test_archive_takes_it_out_and_restore_brings_it_back_switched_off(db, make_flag, actor_of, configure, what):
    base, flag, developer = make_flag("base"), make_flag(is_enabled=True, rollout_percentage=100), actor_of("developer")
    configure(flag, prerequisites=[{"flag": "base", "variants": ["on"]}])
    with pytest.raises(Invalid, match="needs this flag"):
        actions.archive(developer, base.id, reason="done")
    actions.archive(developer, flag.id, reason="done")
    assert what("new-grid").error_code == "FLAG_NOT_FOUND"
    with pytest.raises(Invalid, match="archived"):
        actions.toggle(developer, flag.id)
    actions.archive(developer, base.id, reason="done")
    actions.restore(developer, flag.id)
    assert what("new-grid").reason == "DISABLED"
    with pytest.raises(Invalid, match="not archived"):
        actions.restore(developer, flag.id)


def test_prerequisites_do_not_lead_back(db, make_flag, configure):
    one, two, three = make_flag("one"), make_flag("two"), make_flag("three")
    configure(two, prerequisites=[{"flag": "one", "variants": ["on"]}])
    configure(three, prerequisites=[{"flag": "two", "variants": ["on"]}])
    with pytest.raises(Invalid, match="lead back"):
        configure(one, prerequisites=[{"flag": "three", "variants": ["on"]}])
    configure(one, "staging", prerequisites=[{"flag": "three", "variants": ["on"]}])
    with pytest.raises(Invalid, match="no variant"):
        configure(one, prerequisites=[{"flag": "two", "variants": ["purple"]}])


def test_override_of_one_tenant_replaces_ends_and_is_audited_under_it(db, raw, make_flag, actor_of, make_tenants, what):
    flag, developer, tenant = (
        make_flag(is_enabled=True, config={"limit": 5, "mode": "a"}),
        actor_of("developer"),
        make_tenants(1)[0],
    )
    put = {"environment": "production", "reason": "Pilot"}
    actions.set_override(developer, flag.id, tenant.id, variant="on", config={"limit": 9}, **put)
    found = what("new-grid", tenant_id=tenant.id)
    assert (found.value, found.sentence) == (True, "Overridden for this tenant.")
    assert found.config == {"limit": 9, "mode": "a"}
    assert what("new-grid", tenant_id=uuid4()).value is False
    actions.set_override(developer, flag.id, tenant.id, config={"limit": 7}, **put)
    assert (what("new-grid", tenant_id=tenant.id).value, what("new-grid", tenant_id=tenant.id).config["limit"]) == (
        False,
        7,
    )
    assert raw("SELECT tenant_id FROM event WHERE type = 'flags.set_override'")[0].tenant_id == tenant.id
    actions.clear_override(developer, flag.id, tenant.id, environment="production")
    assert what("new-grid", tenant_id=tenant.id).config == {"limit": 5, "mode": "a"}
    with pytest.raises(NotFound):
        actions.clear_override(developer, flag.id, tenant.id, environment="production")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "variant"),
        ({"variant": "purple"}, "variant"),
        ({"variant": "on", "config": [1]}, "config"),
        ({"variant": "on", "expires_at": utc_now() - timedelta(days=1)}, "expires_at"),
    ],
)
def test_overrides_that_cannot_be(db, raw, make_flag, system, make_tenants, values, field):
    flag, tenant = make_flag(), make_tenants(1)[0]
    with pytest.raises(Invalid) as caught:
        actions.set_override(system, flag.id, tenant.id, environment="production", reason="x", **values)
    assert field in caught.value.fields
    assert raw("SELECT count(*) FROM flag_override")[0].count == 0


def test_other_peoples_tenants_are_not_found(db, make_flag, system, actor_of, make_tenants):
    flag, (mine, other) = make_flag(), make_tenants(2)
    csm = actor_of("client_success", grants=frozenset({"flags:*", "tenants:read"}))
    from core.customers.tenants import actions as tenants

    tenants.assign_operator(system, mine.id, operator_id=csm.operator_id)
    put = {"environment": "production", "variant": "on", "reason": "x"}
    actions.set_override(csm, flag.id, mine.id, **put)
    actions.set_override(system, flag.id, other.id, **put)
    for tenant_id in (other.id, uuid4()):
        with pytest.raises(NotFound):
            actions.set_override(csm, flag.id, tenant_id, **put)
        with pytest.raises(NotFound):
            actions.clear_override(csm, flag.id, tenant_id, environment="production")
        with pytest.raises(NotFound):
            queries.what_has(csm, tenant_id, "production")
    assert list(queries.overrides(csm)["tenant_id"]) == [str(mine.id)]
    assert list(queries.who_has(csm, flag.id, "production").frame["tenant_id"]) == [str(mine.id)]
    assert queries.who_has_counts(csm, flag.id, "production")["tenants"].sum() == 1
    assert len(queries.history(csm, flag.id).query("action == 'flags.set_override'")) == 1
    assert len(queries.history(system, flag.id).query("action == 'flags.set_override'")) == 2


def test_unknown_flags_and_environments_are_not_found(db, system, make_flag):
    flag = make_flag()
    with pytest.raises(NotFound):
        actions.toggle(system, uuid4())
    with pytest.raises(NotFound, match="no environment"):
        actions.toggle(system, flag.id, "moon")
    with pytest.raises(NotFound):
        queries.one(system, uuid4())


def test_segments_are_named_once_used_and_only_then_removed(db, actor_of, make_flag, configure, what):
    developer, flag = actor_of("developer"), make_flag(is_enabled=True)
    segment = actions.create_segment(developer, key="beta", name="Beta testers", conditions=RULE["conditions"])
    configure(flag, rules=[{"segment": "beta", "serve": {"variant": "on"}}])
    assert what("new-grid", plan="pro").sentence == "Matched segment Beta testers."
    assert list(queries.segments(developer)["used_by"]) == [["new-grid"]]
    with pytest.raises(Invalid, match="uses this segment"):
        actions.delete_segment(developer, segment.id)
    with pytest.raises(Invalid, match="stays"):
        actions.update_segment(developer, segment.id, version=1, key="alpha")
    free = [{"attribute": "plan", "operator": "in", "values": ["free"]}]
    actions.update_segment(developer, segment.id, version=1, conditions=free)
    assert what("new-grid", plan="pro").value is False
    configure(flag, rules=[])
    actions.delete_segment(developer, segment.id)
    assert queries.segments(developer).empty
