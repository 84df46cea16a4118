"""What guardrails of flags may watch of alerts."""

from datetime import timedelta

import pytest

from core.kernel.reads import read
from core.platform.flags.guardrails import METRICS


def test_open_critical_alerts_are_a_figure_once_somebody_looked(world):
    moment = world.begin + timedelta(minutes=4)
    assert figure(world, "critical_alerts", moment).value is None
    world.rule(severity="critical")
    world.cpu(world.server(), [0.9] * 3)
    world.look(3)
    found = figure(world, "critical_alerts", moment)
    assert (found.value, found.volume) == (1.0, 1)


def test_the_burn_rate_is_that_of_the_hour(world):
    moment = world.begin + timedelta(minutes=10)
    assert figure(world, "api_burn_rate", moment).value is None
    world.requests(1, total=1_000, errors=10)
    found = figure(world, "api_burn_rate", moment)
    assert (found.value, found.volume) == (pytest.approx(10), 1_000)
    assert METRICS["api_burn_rate"].shown(14.4) == "14.4"
    assert METRICS["unexpected_errors"].shown(12_345) == "12,345"


def figure(world, name, moment):
    with read(world.system) as rx:
        return METRICS[name].measure(rx, moment)
