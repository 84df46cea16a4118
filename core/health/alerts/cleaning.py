"""What a rule may be: each value checked by itself, then all of them together. Pure."""

import math
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from core.health.alerts.burn_rate import PAGE, as_settings
from core.health.alerts.defaults import OBJECTIVE
from core.health.alerts.measures import MEASURES, Measure
from core.health.alerts.models import COMPARISONS, KINDS, SEVERITIES
from core.health.alerts.statements import LABEL
from core.health.anomaly.bands import SENSITIVITY
from core.kernel.errors import Invalid

MAX_NAME, MAX_TEXT, MAX_URL, MAX_VALUE, MOST_FILTERS, MOST_VALUES = 120, 2_000, 500, 300, 8, 50
LONGEST_S, LONGEST_WINDOW_S, DAY_S = 7 * 86_400, 30 * 86_400, 86_400
DEFAULTS: Mapping[str, Any] = {
    "description": "", "filters": {}, "per": None, "comparison": "above", "bound": None, "clear_bound": None, "for_s": 300,
    "clear_after_s": 300, "window_s": 60, "minimum_volume": 0, "storm_size": 10, "settings": {}, "severity": "warning",
    "runbook_url": None, "is_enabled": True, "area": None,
}  # fmt: skip
EDITABLE = ("name", "kind", "measure", *DEFAULTS)


def _name(value: Any) -> str:
    told = " ".join(str(value or "").split())
    if not 0 < len(told) <= MAX_NAME or not told.isprintable():
        raise Invalid(f"Give the rule a name of up to {MAX_NAME} characters.")
    return told


def _text(value: Any) -> str:
    told = str(value or "").strip()
    if len(told) > MAX_TEXT or "\x00" in told:
        raise Invalid(f"Keep it under {MAX_TEXT:,} characters.")
    return told


def _choice(of: tuple[str, ...]) -> Callable[[Any], str]:
    def clean(value: Any) -> str:
        if value not in of:
            raise Invalid(f"Choose one of {', '.join(of)}.")
        return str(value)

    return clean


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1e15:
        raise Invalid("Give a number.")
    return float(value)


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def clean(value: Any) -> int:
        number = _number(value)
        if number != int(number) or not least <= number <= most:
            raise Invalid(f"Give a whole number from {least:,} to {most:,}.")
        return int(number)

    return clean


def _or_none(clean: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else clean(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Invalid("Say yes or no.")
    return value


def _url(value: Any) -> str | None:
    told = str(value or "").strip()
    if not told:
        return None
    parts = urlsplit(told)
    if parts.scheme not in {"http", "https"} or not parts.netloc or len(told) > MAX_URL or not told.isprintable():
        raise Invalid("Give the runbook's address, beginning with https://.")
    return told


def _filters(value: Any) -> dict[str, list[str]]:
    if not isinstance(value, Mapping) or len(value) > MOST_FILTERS:
        raise Invalid(f"Give at most {MOST_FILTERS} filters, each a dimension with its values.")
    return {str(name): _values(some) for name, some in value.items() if some not in (None, [], ())}


def _values(value: Any) -> list[str]:
    some = list(value) if isinstance(value, list | tuple) else [value]
    if len(some) > MOST_VALUES or not all(isinstance(one, str) and 0 < len(one) <= MAX_VALUE for one in some):
        raise Invalid(f"A filter has 1 to {MOST_VALUES} values, each a text of up to {MAX_VALUE} characters.")
    if any("\x00" in one for one in some):
        raise Invalid("A filter's value has a character that is not allowed.")
    return sorted(set(some))


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Invalid("Give the settings of the kind.")
    return dict(value)


_CLEANERS: Mapping[str, Callable[[Any], Any]] = {
    "name": _name, "description": _text, "kind": _choice(KINDS), "measure": _choice(tuple(MEASURES)), "filters": _filters,
    "per": _or_none(lambda value: _values(value)[0]), "comparison": _choice(COMPARISONS), "bound": _or_none(_number),
    "clear_bound": _or_none(_number), "for_s": _whole(0, LONGEST_S), "clear_after_s": _whole(0, LONGEST_S),
    "window_s": _whole(15, DAY_S), "minimum_volume": _whole(0, 10**9), "storm_size": _whole(2, 10_000),
    "settings": _mapping, "severity": _choice(SEVERITIES), "runbook_url": _url, "is_enabled": _flag,
    "area": _or_none(_name),
}  # fmt: skip


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """A whole rule as it is stored, with defaults for what is not given. Raises one Invalid that names every bad field."""
    unknown = sorted(set(values) - set(EDITABLE))
    if unknown:
        raise Invalid(f"A rule has no {', '.join(unknown)}.", dict.fromkeys(unknown, "This cannot be set."))
    cleaned: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field, cleaner in _CLEANERS.items():
        try:
            cleaned[field] = cleaner(values.get(field, DEFAULTS.get(field)))
        except Invalid as error:
            problems[field] = str(error)
    if not problems:
        problems = _together(cleaned)
    if problems:
        raise Invalid(" ".join(dict.fromkeys(problems.values())), problems)
    return cleaned


def _together(rule: dict[str, Any]) -> dict[str, str]:
    """What does not fit together, by field; completes what the kind brings with it."""
    measure = MEASURES[rule["measure"]]
    rule["per"] = measure.default_per if measure.source == "sla" else rule["per"]
    problems = _of_measure(rule, measure) | _of_bounds(rule) | _of_settings(rule)
    rule["area"] = rule["area"] or measure.area
    rule["bound"] = _fixed_bound(rule)
    if measure.quantile is not None and rule["window_s"] != 60:
        problems["window_s"] = "A percentile is judged minute by minute: leave the window at 60 s."
    return problems


def _fixed_bound(rule: dict[str, Any]) -> float | None:
    fixed = {"absence": 0.0, "anomaly": 1.0, "burn_rate": 1.0, "monitor_down": 0.5,
             "sla_violation": 0.5, "sla_budget": 1.0}  # fmt: skip
    bound: float | None = fixed.get(rule["kind"], rule["bound"])
    if rule["kind"] == "certificate":
        rule["comparison"] = "below"
    return bound


def _of_measure(rule: dict[str, Any], measure: Measure) -> dict[str, str]:
    problems = {}
    if rule["kind"] not in measure.kinds:
        problems["kind"] = f"{measure.title} can be watched by {', '.join(measure.kinds)}."
    named = {*rule["filters"], *([rule["per"]] if rule["per"] else [])}
    strange = sorted(name for name in named if not _is_dimension(measure, name))
    if strange:
        problems["filters"] = f"{measure.title} has no {', '.join(strange)}; it has {', '.join(measure.dimensions)}."
    missing = sorted(set(measure.required) - set(rule["filters"]))
    if missing:
        problems["filters"] = f"{measure.title} needs a filter for {', '.join(missing)}."
    if not problems and measure.source == "rollup":
        try:
            measure.rollup_for(named)
        except LookupError as error:
            problems["filters"] = str(error)
    return problems


def _is_dimension(measure: Measure, name: str) -> bool:
    return name in measure.dimensions or (measure.source == "metric" and name.startswith(LABEL) and len(name) > 6)


def _of_bounds(rule: dict[str, Any]) -> dict[str, str]:
    bound, end, is_above = rule["bound"], rule["clear_bound"], rule["comparison"] == "above"
    if rule["kind"] in {"absence", "anomaly", "burn_rate", "monitor_down", "sla_violation", "sla_budget"}:
        rule["clear_bound"] = None
        return (
            {"for_s": "Say for how long nothing may come."} if rule["kind"] == "absence" and not rule["for_s"] else {}
        )
    if bound is None:
        return {"bound": "Give a number."}
    if rule["kind"] == "rate_of_change" and bound <= 0:
        return {"bound": "Give the share of change as a number above 0; 0.5 is half as much."}
    if end is not None and ((end > bound) if is_above else (end < bound)):
        side = "above" if is_above else "below"
        return {"clear_bound": f"The alert would end while it fires: do not put its end {side} the bound."}
    return {}


def _of_settings(rule: dict[str, Any]) -> dict[str, str]:
    try:
        rule["settings"] = _SETTINGS.get(rule["kind"], lambda _: {})(rule["settings"])
    except Invalid as error:
        return {"settings": str(error)}
    return {}


def _budget(given: dict[str, Any]) -> dict[str, Any]:
    default = as_settings(PAGE, OBJECTIVE)
    objective = _number(given.get("objective", OBJECTIVE))
    windows = given.get("windows", default["windows"])
    if not 0 < objective < 1:
        raise Invalid("The objective is a share below 1, such as 0.999.")
    if not isinstance(windows, list) or not 0 < len(windows) <= 4:
        raise Invalid("Give one to four pairs of windows.")
    return {"objective": objective, "windows": [_pair(one) for one in windows]}


def _pair(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping) or set(given) != {"long_s", "short_s", "rate"}:
        raise Invalid("A pair of windows has long_s, short_s and rate.")
    long_s, short_s = (_whole(60, LONGEST_WINDOW_S)(given[name]) for name in ("long_s", "short_s"))
    rate = _number(given["rate"])
    if short_s >= long_s or rate <= 0:
        raise Invalid("The short window is shorter than the long one, and the rate above 0.")
    return {"long_s": long_s, "short_s": short_s, "rate": rate}


def _baseline(given: dict[str, Any]) -> dict[str, Any]:
    return {"baseline_s": _whole(60, LONGEST_S)(given.get("baseline_s", 3_600))}


def _band(given: dict[str, Any]) -> dict[str, Any]:
    sensitivity = _number(given.get("sensitivity", SENSITIVITY))
    if not 0.5 <= sensitivity <= 20:
        raise Invalid("The sensitivity is from 0.5 (narrow) to 20 (wide).")
    direction = _choice(("both", "above", "below"))(given.get("direction", "both"))
    return {"sensitivity": sensitivity, "direction": direction}


_SETTINGS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "burn_rate": _budget, "rate_of_change": _baseline, "anomaly": _band,
}  # fmt: skip
