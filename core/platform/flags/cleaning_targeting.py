"""What may be said of whom a flag reaches: conditions, rules, what is served, prerequisites, ramps, guardrails. Pure.

As in cleaning.py: the value as it is stored, or Invalid with one sentence.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from core.platform.flags.cleaning import as_json, bad, clean_moment, clean_percentage, clean_text, is_one
from core.platform.flags.conditions import OPERATORS, READERS, WITHOUT_VALUES, as_moment

MOST = {"rules": 50, "conditions": 20, "values": 1_000, "prerequisites": 10, "ramp": 50, "guardrails": 10}
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,63}")


def _percentage(value: Any) -> float:
    return float(clean_percentage(value))


def _objects(value: Any, field: str, fields: set[str]) -> list[dict[str, Any]]:
    found = as_json([] if value is None else value, field)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise bad(f"{field} must be a list of objects.", field)
    if len(found) > MOST[field]:
        raise bad(f"{field} holds at most {MOST[field]} entries.", field)
    for one in found:
        if unknown := set(one) - fields:
            raise bad(f"{field}: {min(unknown)} is unknown here; use {', '.join(sorted(fields))}.", field)
    return found


def clean_conditions(value: Any) -> list[dict[str, Any]]:
    return [_condition(one) for one in _objects(value, "conditions", {"attribute", "operator", "values"})]


def _condition(given: Mapping[str, Any]) -> dict[str, Any]:
    attribute, operator = str(given.get("attribute", "")), str(given.get("operator"))
    values = given.get("values") or []
    if not _ATTRIBUTE.fullmatch(attribute):
        raise bad("Name the attribute with letters, digits, _ and dots, such as plan.", "conditions")
    if operator not in OPERATORS:
        raise bad(f"{operator} is no operator; use one of {', '.join(OPERATORS)}.", "conditions")
    if operator in WITHOUT_VALUES:
        return {"attribute": attribute, "operator": operator, "values": []}
    if not isinstance(values, list) or not 1 <= len(values) <= MOST["values"]:
        raise bad(f"Give 1 to {MOST['values']:,} values for {attribute}.", "conditions")
    for one in values:
        _require_readable(attribute, operator, one)
    return {"attribute": attribute, "operator": operator, "values": values}


def _require_readable(attribute: str, operator: str, value: Any) -> None:
    is_scalar = isinstance(value, str | int | float)
    try:
        READERS[operator](value)
    except (ValueError, TypeError, OverflowError):
        is_scalar = False
    if not is_scalar or value == "":
        raise bad(f"“{value}” is nothing that {attribute} can be compared with by {operator}.", "conditions")


def clean_serve(value: Any, variants: Mapping[str, Any], field: str = "serve") -> dict[str, Any]:
    """One of the variants, or several by whole weights."""
    given = as_json(value, field)
    if isinstance(given, dict) and set(given) == {"variant"} and is_one(given["variant"], variants):
        return {"variant": given["variant"]}
    weights = given.get("split") if isinstance(given, dict) and set(given) == {"split"} else None
    if (
        not isinstance(weights, dict)
        or not all(_is_weight(one) for one in weights.values())
        or not sum(weights.values())
    ):
        raise bad("Say what is served: one variant, or a split with whole weights that are not all 0.", field)
    if missing := set(weights) - set(variants):
        raise bad(f"{min(missing)} is no variant of this flag.", field)
    return {"split": weights}


def _is_weight(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000_000


def clean_rules(value: Any, variants: Mapping[str, Any]) -> list[dict[str, Any]]:
    fields = {"id", "description", "segment", "conditions", "serve", "percentage"}
    found = [_rule(one, variants, place) for place, one in enumerate(_objects(value, "rules", fields), 1)]
    if len({one["id"] for one in found}) < len(found):
        raise bad("Two rules have the same id.", "rules")
    return found


def _rule(given: Mapping[str, Any], variants: Mapping[str, Any], place: int) -> dict[str, Any]:
    conditions = clean_conditions(given.get("conditions"))
    if not conditions and not given.get("segment"):
        raise bad(f"Rule {place} matches everybody: give it a segment or a condition.", "rules")
    return {
        "id": str(given.get("id") or f"rule-{place}")[:60],
        "description": clean_text(given.get("description"))[:200],
        "segment": str(given["segment"]) if given.get("segment") else None,
        "conditions": conditions,
        "serve": clean_serve(given.get("serve"), variants, "rules"),
        "percentage": _percentage(given.get("percentage", 100)),
    }


def clean_prerequisites(value: Any) -> list[dict[str, Any]]:
    found = _objects(value, "prerequisites", {"flag", "variants"})
    for one in found:
        variants = one.get("variants")
        if not one.get("flag") or not isinstance(variants, list) or not variants:
            raise bad("A prerequisite names a flag and the variants that it must have.", "prerequisites")
    return [{"flag": str(one["flag"]), "variants": [str(name) for name in one["variants"]]} for one in found]


def clean_ramp(value: Any) -> list[dict[str, Any]]:
    """Steps in the order of time, each with a higher percentage than the one before."""
    steps: list[dict[str, Any]] = []
    for one in _objects(value, "ramp", {"at", "percentage", "applied_at"}):
        at = clean_moment(one.get("at"))
        if at is None:
            raise bad("Each step of a ramp needs its time.", "ramp")
        steps.append(
            {
                "at": at.isoformat(),
                "percentage": _percentage(one.get("percentage")),
                "applied_at": one.get("applied_at"),
            }
        )
    for earlier, later in pairwise(steps):
        if as_moment(later["at"]) <= as_moment(earlier["at"]) or later["percentage"] <= earlier["percentage"]:
            raise bad("A ramp rises: each step is later and higher than the one before.", "ramp")
    return steps


def clean_guardrails(value: Any, metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = _objects(value, "guardrails", {"metric", "bound", "direction", "minimum"})
    return [_guardrail(one, metrics) for one in found]


def _guardrail(given: Mapping[str, Any], metrics: Mapping[str, Any]) -> dict[str, Any]:
    metric, bound, minimum = given.get("metric"), given.get("bound"), given.get("minimum", 0)
    if not is_one(metric, metrics):
        raise bad(f"{metric} is not measured here; use one of {', '.join(metrics)}.", "guardrails")
    if not isinstance(bound, int | float) or isinstance(bound, bool) or not isinstance(minimum, int) or minimum < 0:
        raise bad("A guardrail needs a bound, and as minimum a whole number from 0.", "guardrails")
    if given.get("direction", "above") not in ("above", "below"):
        raise bad("A guardrail fires above or below its bound.", "guardrails")
    return {"metric": metric, "bound": bound, "direction": given.get("direction", "above"), "minimum": minimum}
