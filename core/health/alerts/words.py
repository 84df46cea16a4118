"""Rules and what they find, as sentences."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.health.alerts.burn_rate import pairs_of
from core.health.alerts.contracted import PAIRS
from core.health.alerts.measures import MEASURES, Measure
from core.health.alerts.models import AlertRule

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def length(seconds: float) -> str:
    """`5 min`, `1.5 h`, `3 d`."""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds / size:g} {unit}"
    return "0 s"


def bound_of(rule: AlertRule) -> str:
    """The bound as people read it."""
    return _change(rule.bound) if rule.kind == "rate_of_change" else MEASURES[rule.measure].shown(rule.bound)


def sentence(rule: AlertRule) -> str:
    """What the rule watches for, such as `CPU used above 80 % for 5 min, per server`."""
    measure = MEASURES[rule.measure]
    told = _SENTENCES[rule.kind](rule, measure)
    lasting = f" for {length(rule.for_s)}" if rule.for_s and rule.kind != "absence" else ""
    over = f", over {length(rule.window_s)}" if rule.window_s > 60 and rule.kind != "burn_rate" else ""
    per = f", per {_dimension(measure, rule.per).lower()}" if rule.per else ""
    return f"{told}{lasting}{over}{per}{_filtered(measure, rule.filters)}"


def _dimension(measure: Measure, name: str) -> str:
    return measure.dimensions.get(name, name.removeprefix("label."))


def _filtered(measure: Measure, filters: Mapping[str, Any]) -> str:
    told = [f"{_dimension(measure, name).lower()} {' or '.join(values)}" for name, values in sorted(filters.items())]
    return f", of {', '.join(told)}" if told else ""


def _change(value: float) -> str:
    return "from nothing" if np.isinf(value) else f"{value * 100:,.4g} %"


def _budget(rule: AlertRule) -> str:
    rates = " or ".join(
        f"{pair.rate:g} times over {length(pair.long_s)} and {length(pair.short_s)}"
        for pair in pairs_of(rule.settings)
    )  # fmt: skip
    return f"Error budget of {rule.settings['objective'] * 100:g} % burns {rates}"


def _contract_budget(rule: AlertRule) -> str:
    rates = " or ".join(
        f"{pair.rate:g} times over {length(pair.long_s)} and {length(pair.short_s)}" for pair in PAIRS[rule.measure]
    )
    return f"Error budget of a contract burns {rates}"


_SENTENCES: Mapping[str, Any] = {
    "threshold": lambda rule, measure: f"{measure.title} {rule.comparison} {bound_of(rule)}",
    "absence": lambda rule, measure: f"{measure.title}: nothing for {length(rule.for_s)}",
    "rate_of_change": lambda rule, measure: (
        f"{measure.title} {'rises' if rule.comparison == 'above' else 'falls'} by more than {bound_of(rule)}"
        f" against {length(rule.settings['baseline_s'])} before"
    ),
    "anomaly": lambda rule, measure: f"{measure.title} outside of what is expected at this hour",
    "monitor_down": lambda *_: "A monitor is down",
    "certificate": lambda rule, _: f"A certificate expires within {rule.bound:g} days",
    "burn_rate": lambda rule, _: _budget(rule),
    "sla_violation": lambda *_: "A contract falls short of what it promises",
    "sla_budget": lambda rule, _: _contract_budget(rule),
}


def summary(rule: AlertRule, subject: str, value: float | None, *, detail: str = "") -> str:
    """What was found, in one sentence; `detail` is what else is known, such as why a monitor is down."""
    measure = MEASURES[rule.measure]
    at = f" ({subject})" if subject else ""
    if value is None:
        return f"{sentence(rule)}{at}."
    found = _FOUND.get(rule.kind, _found)(rule, measure, value)
    return f"{subject} is down{': ' + detail if detail else '.'}" if rule.kind == "monitor_down" else f"{found}{at}."


def _found(rule: AlertRule, measure: Measure, value: float) -> str:
    lasting = f" for {length(rule.for_s)}" if rule.for_s else ""
    return f"{measure.title} is {measure.shown(value)}, {rule.comparison} {bound_of(rule)}{lasting}"


_FOUND: Mapping[str, Any] = {
    "absence": lambda rule, measure, value: f"{measure.title}: nothing for {length(value)}",
    "rate_of_change": lambda rule, measure, value: (
        f"{measure.title} {'rose' if value > 0 else 'fell'} by {_change(abs(value))}"
        f" against {length(rule.settings['baseline_s'])} before"
    ),
    "anomaly": lambda rule, measure, value: f"{measure.title} is {measure.shown(value)}, not as expected at this hour",
    "certificate": lambda rule, measure, value: (
        f"The certificate expires in {value:,.1f} days" if value > 0 else f"The certificate expired {-value:,.1f} days ago"
    ),
    "burn_rate": lambda rule, measure, value: (
        f"The error budget of {rule.settings['objective'] * 100:g} % burns {value:,.1f} times too fast"
    ),
    "sla_violation": lambda *_: "The contract falls short of what it promises",
    "sla_budget": lambda _, __, value: f"The error budget of the month burns {value:,.1f} times too fast",
}  # fmt: skip


def group_summary(rule: AlertRule, count: int) -> str:
    """Of the one alert that stands for many."""
    return f"{count:,} alerts of the rule {rule.name} at the same time: most likely one cause."
