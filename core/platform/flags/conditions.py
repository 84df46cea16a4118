"""Conditions of rules and segments, compiled to functions of a context. Pure.

An attribute that a context does not have meets no condition but `not_exists`: unknown is never a match. An attribute with
several values meets a condition when one of them does; `not_in` when none is listed.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

Context = Mapping[str, Any]
Test = Callable[[Context], bool]

KNOWN_ATTRIBUTES = ("tenant_id", "user_id", "plan", "region", "status")
OPERATORS = {
    "in": "is one of",
    "not_in": "is none of",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "contains": "contains",
    "semver_gte": "is version … or later",
    "semver_lt": "is before version …",
    "semver_eq": "is version …",
    "eq": "is the number",
    "gt": "is greater than",
    "gte": "is at least",
    "lt": "is less than",
    "lte": "is at most",
    "before": "is before the moment",
    "after": "is after the moment",
    "exists": "is given",
    "not_exists": "is not given",
}
WITHOUT_VALUES = ("exists", "not_exists")
_SEMVER = re.compile(
    r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?"
)


def as_text(value: Any) -> str:
    """A value as conditions compare it: booleans as JSON writes them."""
    return ("false", "true")[value] if isinstance(value, bool) else str(value)


def as_number(value: Any) -> float:
    """Raises ValueError for what is no number."""
    if isinstance(value, bool):
        raise ValueError("A truth value is no number.")
    return float(value)


def as_moment(value: Any) -> datetime:
    """An ISO 8601 time or date; without a zone it is UTC. Raises ValueError."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def as_version(value: Any) -> tuple[Any, ...]:
    """A version's place in the order of Semantic Versioning 2.0.0, section 11. Raises ValueError."""
    found = _SEMVER.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f"{value} is no semantic version.")
    numbers = tuple(int(part) for part in found.groups()[:3])
    before = found.group(4)
    # A pre-release comes before its release; numeric identifiers before others.
    marks = tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in before.split(".")) if before else ()
    return (*numbers, 0 if before else 1, marks)


READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("in", "not_in", "starts_with", "ends_with", "contains"), as_text),
    **dict.fromkeys(("eq", "gt", "gte", "lt", "lte"), as_number),
    **dict.fromkeys(("before", "after"), as_moment),
    **dict.fromkeys(("semver_gte", "semver_lt", "semver_eq"), as_version),
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "starts_with": lambda have, wanted: have.startswith(wanted),
    "ends_with": lambda have, wanted: have.endswith(wanted),
    "contains": lambda have, wanted: wanted in have,
    "semver_gte": lambda have, wanted: have >= wanted,
    "semver_lt": lambda have, wanted: have < wanted,
    "semver_eq": lambda have, wanted: have == wanted,
    "eq": lambda have, wanted: have == wanted,
    "gt": lambda have, wanted: have > wanted,
    "gte": lambda have, wanted: have >= wanted,
    "lt": lambda have, wanted: have < wanted,
    "lte": lambda have, wanted: have <= wanted,
    "before": lambda have, wanted: have < wanted,
    "after": lambda have, wanted: have > wanted,
}


def _each(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple | set | frozenset) else (value,)


def _membership(attribute: str, values: frozenset[str], *, wanted: bool) -> Test:
    def holds(context: Context) -> bool:
        have = context.get(attribute)
        if type(have) is str:
            return (have in values) is wanted
        if have is None:
            return False
        return any(as_text(one) in values for one in _each(have)) is wanted

    return holds


def _presence(attribute: str, *, wanted: bool) -> Test:
    return lambda context: (context.get(attribute) is not None) is wanted


def _comparison(attribute: str, operator: str, values: list[Any]) -> Test:
    read, compare = READERS[operator], _COMPARE[operator]

    def holds(context: Context) -> bool:
        have = context.get(attribute)
        if have is None:
            return False
        for one in _each(have):
            # What cannot be read as a number, a time or a version does not match it.
            with suppress(ValueError, TypeError, OverflowError):
                mine = read(one)
                if any(compare(mine, value) for value in values):
                    return True
        return False

    return holds


def compile_condition(condition: Mapping[str, Any]) -> Test:
    """A function that tells whether a context meets the condition. Raises ValueError for values that cannot be read."""
    attribute, operator = condition["attribute"], condition["operator"]
    if operator in WITHOUT_VALUES:
        return _presence(attribute, wanted=operator == "exists")
    values = [READERS[operator](value) for value in condition["values"]]
    if operator in ("in", "not_in"):
        return _membership(attribute, frozenset(values), wanted=operator == "in")
    return _comparison(attribute, operator, values)


def compile_all(conditions: Iterable[Mapping[str, Any]], match: str = "all") -> Test:
    """A function that tells whether a context meets all (or any) of the conditions; none at all is met by everybody."""
    tests = tuple(compile_condition(one) for one in conditions)
    if len(tests) == 1:
        return tests[0]
    if match == "any" and tests:
        return lambda context: any(test(context) for test in tests)
    return lambda context: all(test(context) for test in tests)


def describe(condition: Mapping[str, Any]) -> str:
    """The condition as people read it, such as "plan is one of pro, enterprise"."""
    values = [as_text(value) for value in condition.get("values", [])]
    shown = ", ".join(values[:3]) + (f" and {len(values) - 3} more" if len(values) > 3 else "")
    words = OPERATORS[condition["operator"]]
    told = words.replace("…", shown) if "…" in words else f"{words} {shown}"
    return f"{condition['attribute'].replace('_', ' ')} {told}".strip()
