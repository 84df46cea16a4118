"""Protected flags: a second person approves exactly what was read."""

import pytest

from core.kernel.actor import Actor
from core.kernel.errors import Conflict, Denied, Invalid, NotFound
from core.platform.flags import actions, queries
from core.platform.flags.review import content_hash
from tests.core.platform.flags.test_actions import RULE


@pytest.fixture
def ann(actor_of):
    return actor_of("developer", name="Ann")


@pytest.fixture
def bob(actor_of):
    return actor_of("developer", name="Bob")


@pytest.fixture
def guarded(make_flag):
    return make_flag(is_protected=True)


HALF = {"environment": {"is_enabled": True, "rollout_percentage": 50}}


def propose(actor, flag, content=HALF):
    return actions.propose(actor, flag.id, "production", content=content, explanation="Begin the rollout")


def test_production_of_a_protected_flag_is_proposed(db, guarded, ann, raw):
    direct = [
        lambda: actions.configure(ann, guarded.id, "production", version=1, is_enabled=True),
        lambda: actions.toggle(ann, guarded.id),
        lambda: actions.set_ramp(ann, guarded.id, "production", steps=[{"at": "2040-01-01", "percentage": 5}]),
        lambda: actions.update(ann, guarded.id, version=1, off_variant="on"),
        lambda: actions.update(ann, guarded.id, version=1, is_protected=False),
    ]
    for act in direct:
        with pytest.raises(Invalid, match="propose this change"):
            act()
    with pytest.raises(Invalid, match="protection"):
        actions.archive(ann, guarded.id, reason="x")
    assert raw("SELECT sum(version) AS sum FROM flag_environment")[0].sum == 3
    assert actions.toggle(ann, guarded.id, "staging").is_enabled
    assert actions.update(ann, guarded.id, version=1, name="Other").name == "Other"


def test_a_colleague_approves_and_it_is_applied(db, guarded, ann, bob, raw, what):
    change = propose(ann, guarded)
    assert raw("SELECT is_enabled FROM flag_environment WHERE environment = 'production'")[0].is_enabled is False
    shown = queries.change(bob, change.id)
    assert list(shown["differences"].itertuples(index=False, name=None)) == [
        ("environment", "is_enabled", "false", "true"),
        ("environment", "rollout_percentage", "0.0", "50.0"),
    ]
    assert (shown["is_own"], shown["is_current"], queries.waiting(bob), queries.waiting(ann)) == (False, True, 1, 0)
    actions.approve(bob, change.id, content_hash=shown["content_hash"])
    row = raw("SELECT is_enabled, rollout_percentage FROM flag_environment WHERE environment = 'production'")[0]
    assert tuple(row) == (True, 50)
    assert raw("SELECT outcome, decided_by_name FROM flag_change")[0] == ("approved", "Bob")
    entry = raw("SELECT actor_name, entity_ids FROM audit_entry WHERE action = 'flags.approve'")[0]
    assert entry.actor_name == "Bob"
    assert change.id in entry.entity_ids
    assert what("new-grid", tenant_id="t").reason in ("SPLIT", "DEFAULT")
    assert queries.waiting(bob) == 0


def test_nobody_approves_his_own(db, guarded, ann, raw):
    change = propose(ann, guarded)
    with pytest.raises(Denied, match="somebody else"):
        actions.approve(ann, change.id, content_hash=change.content_hash)
    assert raw("SELECT outcome FROM flag_change")[0].outcome == "waiting"


def test_keys_and_the_portal_itself_neither_propose_nor_approve(db, guarded, ann, system):
    key = Actor(None, "Key", "api_key", frozenset({"flags:*"}), "all", "api", key_id=guarded.id)
    change = propose(ann, guarded)
    for machine in (key, system):
        with pytest.raises(Denied, match="persons"):
            propose(machine, guarded)
        with pytest.raises(Denied, match="persons"):
            actions.approve(machine, change.id, content_hash=change.content_hash)


def test_reviewing_takes_the_right(db, guarded, ann, actor_of):
    change, reader = propose(ann, guarded), actor_of("support")
    with pytest.raises(Denied):
        actions.approve(reader, change.id, content_hash=change.content_hash)
    with pytest.raises(Denied):
        propose(reader, guarded)
    with pytest.raises(Denied):
        actions.reject(reader, change.id, reason="x")


def test_other_content_than_was_read_is_refused(db, guarded, ann, bob, raw):
    change = propose(ann, guarded)
    with pytest.raises(Conflict, match="not the content"):
        actions.approve(bob, change.id, content_hash="0" * 64)
    raw("UPDATE flag_change SET content = jsonb_set(content, '{environment,rollout_percentage}', '100')")
    db_hash = raw("SELECT content_hash FROM flag_change")[0].content_hash
    change_read = queries.change(bob, change.id)
    assert change_read["content"]["environment"]["rollout_percentage"] == 100
    with pytest.raises(Conflict, match="not the content"):
        actions.approve(bob, change.id, content_hash=db_hash)
    assert raw("SELECT is_enabled FROM flag_environment WHERE environment = 'production'")[0].is_enabled is False


@pytest.mark.parametrize("meanwhile", ["kill", "rename"])
def test_a_flag_that_changed_since_is_proposed_again(db, guarded, ann, bob, meanwhile):
    change = propose(ann, guarded)
    if meanwhile == "kill":
        actions.kill(ann, guarded.id, "production", reason="x")
    else:
        actions.update(ann, guarded.id, version=1, name="Other")
    assert not queries.change(bob, change.id)["is_current"]
    with pytest.raises(Conflict, match="Ann changed"):
        actions.approve(bob, change.id, content_hash=change.content_hash)


def test_a_change_is_decided_once(db, guarded, ann, bob, raw):
    change = propose(ann, guarded)
    actions.reject(bob, change.id, reason="Too early")
    for act in (
        lambda: actions.approve(bob, change.id, content_hash=change.content_hash),
        lambda: actions.reject(bob, change.id, reason="again"),
        lambda: actions.withdraw(ann, change.id),
    ):
        with pytest.raises(Invalid, match="rejected already"):
            act()
    assert raw("SELECT outcome, decision_reason FROM flag_change")[0] == ("rejected", "Too early")
    other = propose(ann, guarded)
    with pytest.raises(Denied, match="withdraw"):
        actions.withdraw(bob, other.id)
    actions.withdraw(ann, other.id)
    assert list(queries.changes(ann, outcome=None)["outcome"]) == ["withdrawn", "rejected"]


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"colour": "red"},
        {"environment": {}},
        {"environment": {"rollout_percentage": 500}},
        {"environment": {"rules": [RULE | {"segment": "nobody"}]}},
        {"environment": {"is_enabled": False}},
        {"flag": {"key": "other"}},
        {"override": {"variant": "on", "reason": "x"}},
        {"override": {"tenant_id": "x", "variant": "on"}},
    ],
)
def test_what_could_not_be_applied_is_not_proposed(db, guarded, ann, raw, content):
    with pytest.raises(Invalid):
        propose(ann, guarded, content)
    assert raw("SELECT count(*) FROM flag_change")[0].count == 0
    assert raw("SELECT sum(version) AS sum FROM flag_environment")[0].sum == 3


def test_one_review_covers_variants_rules_and_an_override(db, make_flag, ann, bob, make_tenants, what):
    flag, tenant = (
        make_flag(kind="multivariate", variants={"red": "r", "blue": "b"}, off_variant="red", is_protected=True),
        make_tenants(1)[0],
    )
    content = {
        "flag": {"variants": {"red": "r", "blue": "b", "green": "g"}},
        "environment": {"is_enabled": True, "rules": [RULE | {"serve": {"variant": "green"}}]},
        "override": {"tenant_id": str(tenant.id), "variant": "green", "reason": "Pilot"},
    }
    change = propose(ann, flag, content)
    assert what("new-grid").reason == "DISABLED"
    with pytest.raises(Invalid, match="propose this change"):
        actions.set_override(ann, flag.id, tenant.id, environment="production", variant="blue", reason="x")
    actions.approve(bob, change.id, content_hash=change.content_hash)
    assert what("new-grid", plan="pro").value == "g"
    assert what("new-grid", tenant_id=tenant.id).sentence == "Overridden for this tenant."
    clear = propose(ann, flag, {"clear_override": str(tenant.id)})
    actions.approve(bob, clear.id, content_hash=clear.content_hash)
    assert (
        what("new-grid", tenant_id=tenant.id).sentence == "The rollout has not begun."
        or what("new-grid", tenant_id=tenant.id).reason == "DEFAULT"
    )


def test_protection_is_taken_off_under_review(db, guarded, ann, bob):
    change = propose(ann, guarded, {"flag": {"is_protected": False}})
    actions.approve(bob, change.id, content_hash=change.content_hash)
    assert actions.toggle(ann, guarded.id).is_enabled


def test_a_segment_of_a_protected_flag_is_not_changed_behind_the_review(db, guarded, ann, bob):
    segment = actions.create_segment(ann, key="beta", name="Beta", conditions=RULE["conditions"])
    change = propose(ann, guarded, {"environment": {"rules": [{"segment": "beta", "serve": {"variant": "on"}}]}})
    actions.approve(bob, change.id, content_hash=change.content_hash)
    with pytest.raises(Invalid, match="protected and uses this segment"):
        actions.update_segment(bob, segment.id, version=1, match="any")
    assert actions.update_segment(bob, segment.id, version=1, name="Beta testers").name == "Beta testers"


def test_the_hash_binds_content_place_and_versions(guarded):
    known = {"flag_id": guarded.id, "environment": "production", "content": {"b": 1, "a": "é"}}
    bases = {"base_flag_version": 1, "base_version": 1}
    first = content_hash(**known, **bases)
    assert first == content_hash(**(known | {"content": {"a": "é", "b": 1}}), **bases)
    others = [
        content_hash(**(known | {"content": {"a": "é", "b": 2}}), **bases),
        content_hash(**(known | {"environment": "staging"}), **bases),
        content_hash(**known, **(bases | {"base_version": 2})),
        content_hash(**known, **(bases | {"base_flag_version": 2})),
    ]
    assert len({first, *others}) == 5


def test_a_change_that_does_not_exist_is_not_found(db, ann, guarded):
    with pytest.raises(NotFound):
        actions.approve(ann, guarded.id, content_hash="x")
    with pytest.raises(NotFound):
        queries.change(ann, guarded.id)
