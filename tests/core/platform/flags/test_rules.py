"""The order of evaluation, and the reason and sentence of each answer."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.platform.flags.answers import Definition, Override
from core.platform.flags.buckets import bucket, threshold, variant_of
from core.platform.flags.conditions import compile_all
from core.platform.flags.rules import Audience, Compiler

NOW = datetime(2030, 1, 1, tzinfo=UTC)
PRO = {"attribute": "plan", "operator": "in", "values": ["pro"]}


def flag(key="f", **values: Any) -> Definition:
    known = {
        "id": uuid4(), "key": key, "variants": {"on": True, "off": False}, "off_variant": "off", "unit": "tenant",
        "config": {}, "salt": "salt", "is_enabled": True, "rules": [], "serve": {"variant": "on"}, "rollout_percentage": 0.0,
        "prerequisites": [], "killed_at": None, "kill_reason": None, "paused_at": None, "pause_reason": None,
    }  # fmt: skip
    return Definition(**(known | values))


def rule(*conditions, segment=None, percentage=100.0, description="", serve=None):
    return {"id": "r", "description": description, "segment": segment, "conditions": list(conditions),
            "serve": serve or {"variant": "on"}, "percentage": percentage}  # fmt: skip


def evaluate(*flags: Definition, segments=None, **context: Any) -> Any:
    return Compiler(flags, segments or {}).compile()[flags[0].key](context)


def told(found: Any) -> tuple[Any, str, str]:
    return found.variant, found.reason, found.sentence


def test_each_step_goes_before_the_next():
    own = {"t": Override("on", {}, None)}
    all_of_it = {
        "killed_at": NOW, "kill_reason": "Orders fail", "paused_at": NOW, "pause_reason": "Too many errors",
        "is_enabled": False, "prerequisites": [{"flag": "gone", "variants": ["on"]}], "overrides": own,
        "rules": [rule(PRO)], "rollout_percentage": 100.0,
    }  # fmt: skip
    answers = []
    for name, value in (
        ("killed_at", None), ("is_enabled", True), ("paused_at", None), ("prerequisites", []), ("overrides", {}), ("rules", [])
    ):  # fmt: skip
        answers.append(told(evaluate(flag(**all_of_it), tenant_id="t", plan="pro")))
        all_of_it[name] = value
    answers.append(told(evaluate(flag(**all_of_it), tenant_id="t", plan="pro")))
    assert answers == [
        ("off", "DISABLED", "Killed: Orders fail"),
        ("off", "DISABLED", "The flag is off in this environment."),
        ("off", "DISABLED", "Paused: Too many errors"),
        ("off", "DEFAULT", "Prerequisite gone is not met."),
        ("on", "TARGETING_MATCH", "Overridden for this tenant."),
        ("on", "TARGETING_MATCH", "Matched rule 1: plan is one of pro."),
        ("on", "STATIC", "On for everybody."),
    ]


def test_rules_are_tried_in_order_and_named_by_what_they_are():
    segments = {
        "beta": Audience("Beta testers", compile_all([{"attribute": "user_id", "operator": "in", "values": ["ann"]}]))
    }
    one = flag(
        variants={"a": 1, "b": 2, "off": 0}, rollout_percentage=100.0, serve={"variant": "b"},
        rules=[rule(segment="beta", serve={"variant": "a"}), rule(PRO, description="Paying"), rule(PRO, segment="gone")],
    )  # fmt: skip
    one.rules[1]["serve"] = {"variant": "b"}
    one.rules[2]["serve"] = {"variant": "a"}
    assert told(evaluate(one, segments=segments, user_id="ann", plan="pro")) == (
        "a",
        "TARGETING_MATCH",
        "Matched segment Beta testers.",
    )
    assert told(evaluate(one, segments=segments, plan="pro")) == ("b", "TARGETING_MATCH", "Matched rule “Paying”.")
    assert told(evaluate(one, segments=segments)) == ("b", "DEFAULT", "No rule matched; on for everybody.")


def test_a_segment_and_conditions_must_both_hold():
    segments = {"eu": Audience("EU", compile_all([{"attribute": "region", "operator": "in", "values": ["EU"]}]))}
    one = flag(rules=[rule(PRO, segment="eu")])
    assert evaluate(one, segments=segments, plan="pro", region="EU").value is True
    for context in ({"plan": "pro"}, {"region": "EU"}, {}):
        assert told(evaluate(one, segments=segments, **context)) == ("off", "DEFAULT", "No rule matched.")


def test_outside_of_a_rules_percentage_the_next_one_counts():
    inside = next(f"t{n}" for n in range(999) if bucket("salt", f"t{n}") < threshold(20))
    outside = next(f"t{n}" for n in range(999) if bucket("salt", f"t{n}") >= threshold(20))
    one = flag(
        variants={"a": 1, "b": 2, "off": 0},
        serve={"variant": "a"},
        rules=[rule(PRO, percentage=20.0, serve={"variant": "a"}), rule(PRO, serve={"variant": "b"})],
    )
    assert told(evaluate(one, plan="pro", tenant_id=inside)) == (
        "a",
        "SPLIT",
        "Matched rule 1: plan is one of pro, within its 20 %.",
    )
    assert told(evaluate(one, plan="pro", tenant_id=outside)) == (
        "b",
        "TARGETING_MATCH",
        "Matched rule 2: plan is one of pro.",
    )


@given(st.text(min_size=1), st.decimals("0.001", "99.999", places=3), st.decimals("0.001", "99.999", places=3))
def test_rollout_and_split_are_the_documented_buckets_and_move_nobody(unit, one, other):
    weights = {"a": 1, "b": 3}
    seen = set()
    for percentage in sorted((one, other)):
        known = flag(
            variants={"a": 1, "b": 2, "off": 0}, serve={"split": weights}, rollout_percentage=float(percentage)
        )
        found = evaluate(known, tenant_id=unit)
        inside = bucket("salt", unit) < threshold(percentage)
        assert found.variant == (variant_of(weights, "salt", unit) if inside else "off")
        assert found.reason == ("SPLIT" if inside else "DEFAULT")
        seen.add(found.variant)
    assert len(seen - {"off"}) <= 1


@given(st.text(min_size=1))
def test_the_edge_of_a_percentage_is_outside(unit):
    place = bucket("salt", unit)
    answers = [evaluate(flag(rollout_percentage=edge / 1000), tenant_id=unit).value for edge in (place, place + 1)]
    assert answers == [False, True]


def test_without_the_unit_a_percentage_cannot_be_answered():
    found = evaluate(flag(rollout_percentage=50.0, unit="user"), tenant_id="t")
    assert (found.value, found.reason, found.error_code) == (False, "ERROR", "TARGETING_KEY_MISSING")
    assert (
        evaluate(flag(serve={"split": {"on": 1, "off": 1}}, rollout_percentage=100.0)).error_code
        == "TARGETING_KEY_MISSING"
    )
    assert evaluate(flag(rollout_percentage=100.0)).value is True


def test_prerequisites_are_evaluated_for_the_same_context():
    base = flag("base", rules=[rule(PRO)])
    top = flag("top", rollout_percentage=100.0, prerequisites=[{"flag": "base", "variants": ["on"]}])
    assert told(evaluate(top, base, plan="pro")) == ("on", "STATIC", "On for everybody.")
    assert told(evaluate(top, base)) == ("off", "DEFAULT", "Prerequisite base is not met.")
    assert told(evaluate(top, flag("base", rollout_percentage=100.0, is_enabled=False))) == (
        "off",
        "DEFAULT",
        "Prerequisite base is not met.",
    )


def test_a_circle_that_got_into_the_database_is_off_and_not_endless():
    one = flag("one", rollout_percentage=100.0, prerequisites=[{"flag": "two", "variants": ["on"]}])
    two = flag("two", rollout_percentage=100.0, prerequisites=[{"flag": "one", "variants": ["on"]}])
    itself = flag("itself", rollout_percentage=100.0, prerequisites=[{"flag": "itself", "variants": ["on"]}])
    for flags in ((one, two), (two, one), (itself,)):
        found = evaluate(*flags)
        assert (found.value, found.variant) == (False, "off")
    assert evaluate(itself).error_code == "GENERAL"


def test_an_override_ends_by_itself():
    ended, running = Override("on", {}, time.time() - 1), Override("on", {"n": 2}, time.time() + 60)
    one = flag(overrides={"a": ended, "b": running}, config={"n": 1, "m": 1})
    assert evaluate(one, tenant_id="a").value is False
    found = evaluate(one, tenant_id="b")
    assert (found.value, dict(found.config)) == (True, {"n": 2, "m": 1})


def test_settings_of_an_override_are_laid_over_a_json_value():
    one = flag(
        variants={"v1": {"a": 1, "b": 1}, "v2": {"a": 2}}, off_variant="v1", serve={"variant": "v2"}, rollout_percentage=100.0,
        overrides={"t": Override(None, {"b": 9}, None)},
    )  # fmt: skip
    found = evaluate(one, tenant_id="t")
    assert (found.value, found.variant, found.reason) == ({"a": 2, "b": 9}, "v2", "STATIC")
    assert found.sentence == "On for everybody. Settings overridden for this tenant."
    assert evaluate(one, tenant_id="other").value == {"a": 2}


@pytest.mark.parametrize("serve", [{"variant": "on"}, {"split": {"on": 1}}])
def test_a_rollout_of_nothing_serves_off(serve):
    assert told(evaluate(flag(serve=serve), tenant_id="t")) == ("off", "DEFAULT", "The rollout has not begun.")
