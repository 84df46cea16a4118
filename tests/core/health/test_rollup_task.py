"""The task that rolls everything up."""

import pytest

from core.health import tasks
from core.kernel import rollups
from core.kernel.actor import Actor
from core.kernel.errors import Unavailable


def test_a_rollup_that_fails_is_told_by_name_and_keeps_no_other_from_its_pass(monkeypatch):
    passed = []

    def roll(rollup):
        if rollup.name == "server_rollup":
            raise ValueError("cannot be counted")
        passed.append(rollup.name)

    monkeypatch.setattr(rollups, "roll", roll)
    with pytest.raises(ExceptionGroup) as raised:
        tasks.roll_up(Actor.system("test"))
    assert raised.value.exceptions[0].__notes__ == ["In the rollup server_rollup."]
    assert {one.name for one in rollups.rollups()} - set(passed) == {"server_rollup"}


def test_without_a_database_the_pass_ends_at_once(monkeypatch):
    asked = []

    def roll(rollup):
        asked.append(rollup.name)
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(rollups, "roll", roll)
    with pytest.raises(Unavailable):
        tasks.roll_up(Actor.system("test"))
    assert len(asked) == 1
