"""Every operator, and what it makes of attributes that are absent, many or of another kind."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.platform.flags.conditions import OPERATORS, as_version, compile_all, compile_condition, describe


def holds(operator, values, have, attribute="x"):
    context = {} if have is None else {attribute: have}
    return compile_condition({"attribute": attribute, "operator": operator, "values": values})(context)


@pytest.mark.parametrize(
    ("operator", "values", "meets", "fails"),
    [
        ("in", ["pro", "1", "true"], ["pro", 1, True, ["free", "pro"]], ["Pro", "", 2, False, []]),
        ("not_in", ["pro"], ["free", 7, ["free"], []], ["pro", ["free", "pro"]]),
        ("starts_with", ["ab", "x"], ["abc", "x"], ["ba", ""]),
        ("ends_with", ["@acme.example"], ["ann@acme.example"], ["ann@acme.example.org"]),
        ("contains", ["cm"], ["acme", ["b", "cm"]], ["am"]),
        ("eq", [5], [5, 5.0, "5"], [6, "five", True]),
        ("gt", [5], [5.1, "6"], [5, "x", None, {}]),
        ("gte", [5], [5, 9], [4.9]),
        ("lt", [5], [4, -1], [5]),
        ("lte", [5], [5], [5.001]),
        ("before", ["2030-01-01"], ["2029-12-31T23:59:59Z", datetime(2020, 1, 1, tzinfo=UTC)], ["2030-01-01", "soon", 5]),
        ("after", ["2030-01-01T00:00:00+02:00"], ["2029-12-31T22:00:01Z"], ["2029-12-31T22:00:00Z"]),
        ("semver_gte", ["1.10.0"], ["1.10.0", "v2.0.0", "1.10.0+build"], ["1.9.9", "1.10.0-rc.1", "1.10", "x"]),
        ("semver_lt", ["2.0.0"], ["2.0.0-alpha", "1.99.99"], ["2.0.0", "2.0.1"]),
        ("semver_eq", ["1.2.3"], ["1.2.3", "1.2.3+a"], ["1.2.3-a", "1.2.4"]),
        ("exists", [], ["", 0, False], []),
        ("not_exists", [], [], ["", 0]),
    ],
)  # fmt: skip
def test_operators(operator, values, meets, fails):
    for have in meets:
        assert holds(operator, values, have), have
    for have in fails:
        assert not holds(operator, values, have), have


@pytest.mark.parametrize("operator", OPERATORS)
def test_an_absent_attribute_is_no_match(operator):
    value = {"semver": "1.0.0", "before": "2030-01-01", "after": "2030-01-01"}.get(operator.split("_")[0], "5")
    assert holds(operator, [value], None) is (operator == "not_exists")


def test_order_of_versions_is_that_of_semantic_versioning():
    """The example of section 11 of Semantic Versioning 2.0.0."""
    order = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
             "1.0.0", "2.0.0", "2.1.0", "2.1.1"]  # fmt: skip
    assert sorted(order, key=as_version) == order
    for text in ("1", "1.0", "01.0.0", "1.0.0-", "a.b.c", ""):
        with pytest.raises(ValueError, match="version"):
            as_version(text)


def test_all_or_any_of_several():
    two = [{"attribute": "a", "operator": "eq", "values": [1]}, {"attribute": "b", "operator": "eq", "values": [2]}]
    assert compile_all(two)({"a": 1, "b": 2})
    assert not compile_all(two)({"a": 1})
    assert compile_all(two, "any")({"a": 1})
    assert not compile_all(two, "any")({})
    assert compile_all([])({})


@given(
    st.sampled_from(list(OPERATORS)),
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(), st.lists(st.text()), st.binary()),
)
def test_no_attribute_makes_a_condition_fail_to_answer(operator, have):
    value = {"semver": "1.0.0", "before": "2030-01-01", "after": "2030-01-01"}.get(operator.split("_")[0], "5")
    assert holds(operator, [value], have) in (True, False)


def test_conditions_are_described_in_words():
    condition = {"attribute": "plan", "operator": "in", "values": ["a", "b", "c", "d", "e"]}
    assert describe(condition) == "plan is one of a, b, c and 2 more"
    assert (
        describe({"attribute": "app_version", "operator": "semver_gte", "values": ["2.0.0"]})
        == "app version is version 2.0.0 or later"
    )
    assert describe({"attribute": "plan", "operator": "exists", "values": []}) == "plan is given"
