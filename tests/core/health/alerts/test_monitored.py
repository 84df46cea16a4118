"""Alerts of monitors: their states, their certificates, and a checker that does not look."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from core.health.alerts import queries
from core.health.alerts.dry_run import dry_run
from core.health.alerts.evaluating import evaluate_all
from core.kernel.times import utc_now

DOWN = {"name": "Down", "kind": "monitor_down", "measure": "monitor.down", "per": "monitor_id", "for_s": 0,
        "clear_after_s": 0, "window_s": 15, "storm_size": 5, "severity": "critical"}  # fmt: skip


class Watched:
    """Monitors with states, and a checker that runs."""

    def __init__(self, world) -> None:
        self.world, self.raw = world, world.raw
        self.checker(seen=timedelta())

    def checker(self, *, seen: timedelta) -> None:
        self.raw("DELETE FROM checker_run")
        self.raw("INSERT INTO checker_run (id, host, pid, started_at, seen_at, monitors)"
                 " VALUES (:id, 'here', 1, now() - interval '1 day', now() - :ago, 1)", id=uuid4(), ago=seen)  # fmt: skip

    def add(self, count: int = 1, state: str = "up", **values) -> list[UUID]:
        expires = values.get("expires")
        ids = [uuid4() for _ in range(count)]
        self.raw(
            "INSERT INTO monitor (id, name, description, kind, settings, target, interval_s, timeout_s, retries,"
            " retry_interval_s, tags, is_paused, allows_private, created_at, updated_at, version)"
            " SELECT id, 'shop ' || place, '', 'http', '{}', 'https://shop', 60, 10, 1, 20, '{}', false, false,"
            " now() - interval '40 days', now(), 1 FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS new (id, place)",
            ids=ids,
        )  # fmt: skip
        self.raw(
            "INSERT INTO monitor_state (monitor_id, state, since, checked_at, next_at, due_by, detail, failures,"
            " certificate_expires_at) SELECT id, :state, now() - interval '10 minutes', now(), now() + interval '1 minute',"
            " now() + interval '2 minutes', 'Answered 500.', 0, :expires FROM unnest(CAST(:ids AS uuid[])) AS id"
            " ON CONFLICT (monitor_id) DO UPDATE SET state = excluded.state, since = excluded.since,"
            " checked_at = excluded.checked_at, next_at = excluded.next_at, due_by = excluded.due_by,"
            " detail = excluded.detail, certificate_expires_at = excluded.certificate_expires_at",
            ids=ids, state=state, expires=expires,
        )  # fmt: skip
        return ids

    def set(self, ids: list[UUID], state: str) -> None:
        self.raw("INSERT INTO monitor_change (id, monitor_id, at, state, previous, cause) SELECT gen_random_uuid(),"
                 " monitor_id, now(), :state, state, 'x' FROM monitor_state WHERE monitor_id = ANY(:ids)",
                 ids=ids, state=state)  # fmt: skip
        self.raw(
            "UPDATE monitor_state SET state = :state, since = now() WHERE monitor_id = ANY(:ids)", ids=ids, state=state
        )


@pytest.fixture
def watched(world) -> Watched:
    return Watched(world)


def test_a_monitor_that_is_down_is_one_alert_until_it_is_up(world, watched):
    world.rule(**DOWN)
    [monitor] = watched.add(1, "down")
    evaluate_all()
    evaluate_all()
    assert world.alerts("status, subject, severity, summary") == [
        ("open", "shop 1", "critical", "shop 1 is down: Answered 500.")
    ]
    assert world.raw("SELECT link FROM alert")[0].link == f"health/monitors?monitor={monitor}"
    watched.set([monitor], "up")
    evaluate_all(utc_now() + timedelta(seconds=5))
    assert world.alerts() == [("resolved", "shop 1")]


def test_a_thousand_monitors_down_are_told_once(world, watched):
    world.rule(**DOWN)
    watched.add(1_000, "down")
    evaluate_all()
    assert world.raw("SELECT count(*) FROM alert WHERE notifies")[0].count == 1
    assert world.raw("SELECT count(*) FROM alert WHERE parent_id IS NOT NULL")[0].count == 1_000
    assert queries.counts(world.system).live == 1
    assert world.events() == ["open", "open"]


def test_when_the_checker_does_not_run_no_monitor_opens_or_ends_anything(world, watched):
    world.rule(**DOWN)
    [first] = watched.add(1, "down")
    evaluate_all()
    watched.add(1, "down")
    watched.set([first], "up")
    watched.checker(seen=timedelta(minutes=10))
    [looked] = evaluate_all()
    assert looked.outcome in {"unknown", "firing"}
    assert world.alerts() == [("open", "shop 1")]
    assert queries.one(world.system, world.raw("SELECT id FROM alert")[0].id).unknown_since is not None


def test_paused_and_maintained_monitors_open_nothing(world, watched):
    world.rule(**DOWN)
    [paused, maintained] = watched.add(2, "down")
    world.raw("UPDATE monitor SET is_paused = true WHERE id = :id", id=paused)
    world.raw("UPDATE monitor_state SET maintenance_id = gen_random_uuid() WHERE monitor_id = :id", id=maintained)
    evaluate_all()
    assert world.alerts() == []


@pytest.mark.parametrize(("days", "is_open"), [(13.9, True), (-1, True), (14.1, False)])
def test_a_certificate_that_ends_soon_is_an_alert(world, watched, days, is_open):
    world.rule(name="Certificate", kind="certificate", measure="monitor.certificate", per="monitor_id", bound=14,
               for_s=0, clear_after_s=0, window_s=15)  # fmt: skip
    watched.add(1, "up", expires=utc_now() + timedelta(days=days))
    evaluate_all()
    assert [status for (status,) in world.alerts("status")] == (["open"] if is_open else [])


def test_a_dry_run_tells_of_times_when_it_was_down(world, watched):
    [monitor] = watched.add(1, "up")
    begin = utc_now() - timedelta(hours=3)
    world.raw(
        "INSERT INTO monitor_change (id, monitor_id, at, state, previous, cause) VALUES"
        " (gen_random_uuid(), :id, :down, 'down', 'up', 'x'), (gen_random_uuid(), :id, :up, 'up', 'down', 'x')",
        id=monitor, down=begin, up=begin + timedelta(minutes=30),
    )  # fmt: skip
    world.raw("UPDATE monitor_state SET since = :up", up=begin + timedelta(minutes=30))
    found = dry_run(world.system, DOWN, days=1)
    assert found.count == 1
    [one] = found.intervals.to_dict("records")
    assert abs(one["fired_at"] - begin) <= timedelta(minutes=2)
    assert abs(one["cleared_at"] - one["fired_at"] - timedelta(minutes=30)) <= timedelta(minutes=1)
