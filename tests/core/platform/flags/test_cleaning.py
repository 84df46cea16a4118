"""Whatever JSON brings is cleaned or refused with a sentence, and cleaning it again changes nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.errors import Invalid
from core.platform.flags import cleaning, cleaning_targeting
from core.platform.flags.applying import leads_back
from core.platform.flags.guardrails import METRICS

WORDS = st.sampled_from([
    "attribute", "operator", "values", "plan", "in", "gt", "semver_gte", "before", "exists", "serve", "variant", "split", "on",
    "off", "segment", "conditions", "percentage", "flag", "variants", "at", "2030-01-01", "metric", "api_p95", "bound", "id",
])  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | WORDS
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5), max_leaves=20
)
VARIANTS = {"on": True, "off": False}
CLEANERS = {
    "name": cleaning.clean_name,
    "key": cleaning.clean_key,
    "text": cleaning.clean_text,
    "config": cleaning.clean_config,
    "boolean": lambda value: cleaning.clean_variants("boolean", value),
    "multivariate": lambda value: cleaning.clean_variants("multivariate", value),
    "json": lambda value: cleaning.clean_variants("json", value),
    "percentage": cleaning.clean_percentage,
    "moment": cleaning.clean_moment,
    "day": cleaning.clean_day,
    "id": cleaning.clean_id,
    "unit": cleaning.one_of("unit", ("tenant", "user")),
    "truth": cleaning.truth,
    "conditions": cleaning_targeting.clean_conditions,
    "serve": lambda value: cleaning_targeting.clean_serve(value, VARIANTS),
    "rules": lambda value: cleaning_targeting.clean_rules(value, VARIANTS),
    "prerequisites": cleaning_targeting.clean_prerequisites,
    "ramp": cleaning_targeting.clean_ramp,
    "guardrails": lambda value: cleaning_targeting.clean_guardrails(value, METRICS),
}


@pytest.mark.parametrize("name", CLEANERS)
@given(value=JSON)
def test_any_json_is_cleaned_or_refused(name, value):
    assert _cleaned_or_refused(CLEANERS[name], value)


def _cleaned_or_refused(clean: Any, value: Any) -> bool:
    try:
        cleaned = clean(value)
    except Invalid as error:
        return bool(str(error) and error.fields)
    return bool(clean(cleaned) == cleaned)


SHAPES = st.fixed_dictionaries(
    {"attribute": JSON, "operator": JSON, "values": st.lists(JSON, max_size=3)}, optional={"extra": JSON}
)
RULES = st.fixed_dictionaries(
    {"serve": JSON, "conditions": st.lists(SHAPES, max_size=2)},
    optional={"percentage": JSON, "id": JSON, "segment": JSON},
)


@given(st.lists(SHAPES, max_size=3))
def test_conditions_of_the_right_shape_and_any_content(value):
    assert _cleaned_or_refused(cleaning_targeting.clean_conditions, value)


@given(st.lists(RULES, max_size=3))
def test_rules_of_the_right_shape_and_any_content(value):
    assert _cleaned_or_refused(CLEANERS["rules"], value)


@given(
    st.lists(
        st.fixed_dictionaries({"metric": JSON, "bound": JSON}, optional={"minimum": JSON, "direction": JSON}),
        max_size=3,
    )
)
def test_guardrails_of_the_right_shape_and_any_content(value):
    assert _cleaned_or_refused(CLEANERS["guardrails"], value)


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1999-12-31", "soon", 5, [], {}]
)
def test_moments_that_the_database_or_a_person_could_not_mean(text):
    with pytest.raises(Invalid):
        cleaning.clean_moment(text)


def test_what_is_too_much_is_refused():
    with pytest.raises(Invalid, match="32 KiB"):
        cleaning.clean_config({"x": "y" * 33_000})
    with pytest.raises(Invalid, match="NUL"):
        cleaning.clean_config({"x": "a\x00"})
    condition = {"attribute": "plan", "operator": "in", "values": ["x"]}
    with pytest.raises(Invalid, match="at most 20"):
        cleaning_targeting.clean_conditions([condition] * 21)


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3)),
    st.sampled_from("abcdef"),
)
def test_a_way_back_is_found_exactly_where_there_is_one(needs, key):
    reached, before = set(needs.get(key, [])), None
    while reached != before:
        before = set(reached)
        reached |= {further for one in before for further in needs.get(one, [])}
    assert leads_back(key, needs) is (key in reached)
