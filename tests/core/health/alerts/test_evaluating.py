"""Looks at the rules: what opens, what ends, what is left alone, and what is told."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from core.access.sessions import actions as sessions
from core.access.sessions.actions import Visitor
from core.health.alerts import actions, evaluating, queries, rule_actions, tasks
from core.health.alerts.evaluating import evaluate_all
from core.health.metrics.models import METRIC_ROLLUP
from core.health.servers.models import AVERAGED
from core.kernel.errors import Denied
from core.kernel.rollups import roll
from core.kernel.times import utc_now


def test_a_high_cpu_opens_one_alert_and_ends_it(world):
    world.rule(clear_after_s=120)
    server = world.server()
    world.cpu(server, [0.5, 0.9, 0.95, 0.93, 0.5, 0.5])
    world.look(2)
    assert world.alerts() == []
    world.look(3)
    assert world.alerts("status, subject, severity, area, occurrences, notifies") == [
        ("open", "web-1", "warning", "servers", 1, True)
    ]
    [row] = world.raw("SELECT value_first, bound, unit, summary, labels, link, dedup_key, group_key FROM alert")
    assert (row.value_first, row.bound, row.unit) == (0.95, 0.8, "ratio")
    assert row.summary == "CPU used is 95 %, above 80 % for 2 min (web-1)."
    assert row.labels == {"server_id": str(server)}
    assert row.link == f"health/servers?server={server}"
    for minute in (3.5, 4, 5):
        world.look(minute)
    assert world.alerts() == [("open", "web-1")]
    world.look(6)
    assert world.alerts("status, resolved_by_name") == [("resolved", None)]
    assert world.events() == ["open", "clear"]
    [state] = world.raw("SELECT value_worst, value_last, cleared_at IS NOT NULL AS is_over FROM alert_state")
    assert (state.value_worst, state.value_last, state.is_over) == (0.95, 0.5, True)


def test_a_look_that_changes_nothing_leaves_no_trace(world):
    world.rule()
    world.cpu(world.server(), [0.9] * 9)
    world.look(5)
    before = world.raw("SELECT count(*) FROM audit_entry")[0].count
    for minute in (5, 6, 7):
        world.look(minute)
    assert world.raw("SELECT count(*) FROM audit_entry")[0].count == before
    assert world.alerts("status, version") == [("open", 1)]


def test_opening_is_audited_and_told_and_part_of_the_history(world):
    world.rule()
    world.cpu(world.server(), [0.9] * 3)
    world.look(3)
    [entry] = world.raw("SELECT * FROM audit_entry WHERE action = 'alerts.open'")
    [alert] = world.raw("SELECT id FROM alert")
    assert (entry.actor_name, entry.entity_type, entry.entity_ids) == ("alerts", "alert", [alert.id])
    [event] = world.raw("SELECT payload FROM event WHERE type = 'alerts.open'")
    assert event.payload["entity_ids"] == [str(alert.id)]
    [told] = world.raw("SELECT kind, by_name FROM alert_history")
    assert (told.kind, told.by_name) == ("opened", None)


def test_nothing_measured_neither_opens_nor_ends(world):
    world.rule()
    server = world.server()
    world.cpu(server, [0.9] * 3)
    world.look(3)
    for minute in (4, 5, 30):
        world.look(minute)
    assert world.alerts() == [("open", "web-1")]
    [row] = queries.inbox(world.system).frame.to_dict("records")
    assert row["unknown_since"] == world.begin + timedelta(minutes=4, seconds=15)
    world.cpu(server, [0.9], first=30)
    world.look(31)
    [row] = queries.inbox(world.system).frame.to_dict("records")
    assert row["unknown_since"] is None or row["unknown_since"] != row["unknown_since"]


def test_rollups_that_are_behind_open_nothing_and_end_nothing_and_it_is_told(world):
    rule = world.rule()
    server, other = world.server(), world.server("web-2")
    world.cpu(server, [0.9] * 3 + [0.1] * 20)
    world.look(3)
    world.cpu(other, [0.9] * 23)
    [looked] = [one for one in world.look(20, rolled=10) if one.rule.id == rule.id]
    assert looked.outcome == "unknown"
    assert "nothing is known since" in looked.told
    assert world.alerts() == [("open", "web-1")]
    [row] = queries.conditions(world.system).to_dict("records")
    assert (row["outcome"], row["told"]) == ("unknown", looked.told)
    world.look(20)
    assert world.alerts() == [("resolved", "web-1"), ("open", "web-2")]


def test_nothing_ever_rolled_up_is_unknown(world):
    world.rule()
    world.raw("DELETE FROM rollup_watermark")
    [looked] = evaluate_all(world.begin)
    assert looked.outcome == "unknown"


def test_fired_again_soon_it_is_the_same_alert(world):
    world.rule()
    server = world.server()
    world.cpu(server, [0.9] * 2 + [0.1] * 2 + [0.9] * 2)
    for minute in range(1, 7):
        world.look(minute)
    assert world.alerts("status, occurrences") == [("open", 2)]
    assert world.events() == ["open", "clear", "reopen"]
    world.cpu(server, [0.1] * 40 + [0.9] * 2, first=6)
    for minute in (8, 48):
        world.look(minute)
    assert world.alerts("status, occurrences") == [("resolved", 2), ("open", 1)]


def test_what_comes_and_goes_stays_open_until_it_is_calm(world):
    world.rule(for_s=0)
    server = world.server()
    world.cpu(server, [0.9, 0.1] * 6 + [0.1] * 20)
    for minute in range(1, 13):
        world.look(minute)
    assert world.events() == ["open", "clear", "reopen", "clear", "reopen", "flap"]
    assert world.alerts("status, is_flapping, occurrences") == [("open", True, 3)]
    world.look(25)
    assert world.alerts("status, is_flapping") == [("open", True)]
    world.look(27)
    assert world.alerts("status, is_flapping") == [("resolved", False)]
    assert world.events()[-2:] == ["flap", "clear"]


def test_dismissed_it_stays_away_until_it_is_over(world, opened, actor_of):
    [alert] = opened("web-1")
    actions.dismiss(actor_of("super_admin"), [alert], reason="Known load test")
    [server] = world.raw("SELECT id FROM server")
    world.cpu(server.id, [0.9] * 5 + [0.1] * 2 + [0.9] * 3, first=3)
    for minute in (5, 8):
        world.look(minute)
    assert world.alerts() == [("dismissed", "web-1")]
    for minute in (10, 13):
        world.look(minute)
    assert world.alerts("status, occurrences") == [("dismissed", 1), ("open", 1)]


def test_resolved_by_hand_it_opens_again_only_for_what_comes_after(world, opened, actor_of):
    [alert] = opened("web-1")
    [server] = world.raw("SELECT id FROM server")
    world.cpu(server.id, [0.9] * 5, first=3)
    actions.resolve(actor_of("super_admin"), [alert])
    world.look(4)
    assert world.alerts() == [("resolved", "web-1")]
    world.look(6)
    assert world.alerts("status, occurrences") == [("open", 2)]


def test_many_at_once_are_told_as_one(world):
    world.rule(storm_size=10)
    for place in range(30):
        world.cpu(world.server(f"web-{place:02}"), [0.9] * 3)
    world.look(3)
    told = world.alerts("is_group, notifies, parent_id IS NULL, count(*) OVER (PARTITION BY notifies)")
    assert told.count((True, True, True, 1)) == 1
    assert told.count((False, False, False, 30)) == 30
    [group] = world.raw("SELECT id, summary, severity FROM alert WHERE is_group")
    assert group.summary == "30 alerts of the rule CPU at the same time: most likely one cause."
    assert queries.counts(world.system).live == 1
    [row] = queries.inbox(world.system).frame.to_dict("records")
    assert (row["id"], row["children"]) == (str(group.id), 30)
    world.raw("UPDATE server_rollup_minute SET cpu_ratio_sum = 0.6")
    world.look(3.5)
    assert {status for (status,) in world.alerts("status")} == {"resolved"}
    assert world.events() == ["open", "open", "clear", "clear"]


def test_those_that_began_a_moment_before_join_the_common_cause(world):
    world.rule(storm_size=3)
    for place, first in enumerate((0, 1, 1)):
        world.cpu(world.server(f"web-{place}"), [0.9] * 4, first=first)
    world.look(2)
    assert world.alerts("subject, notifies") == [("web-0", True)]
    world.look(3)
    assert world.alerts("subject, notifies, parent_id IS NOT NULL") == [
        ("web-0", False, True), ("", True, False), ("web-1", False, True), ("web-2", False, True),
    ]  # fmt: skip


def test_what_is_wrong_on_a_silent_host_belongs_to_its_silence(world):
    world.rule()
    silent = world.rule(name="Silent", kind="absence", measure="server.reports", for_s=180, clear_after_s=60)
    server = world.server()
    world.cpu(server, [0.9] * 2)
    world.raw(
        "INSERT INTO server_rollup_hour (bucket, server_id, total, cpu_ratio_sum, memory_ratio_sum, disk_ratio_sum,"
        " network_in_rate_sum, network_out_rate_sum, open_connections_sum, load_average_sum, disk_ratio_count,"
        " network_in_rate_count, network_out_rate_count, open_connections_count, load_average_count)"
        " SELECT date_trunc('hour', bucket), server_id, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM server_rollup_minute LIMIT 1"
    )
    world.rounds(0, 60)
    world.look(5)
    [row] = world.raw("SELECT rule_name, subject, value_first, summary FROM alert")
    assert (row.rule_name, row.subject, row.value_first) == ("Silent", "web-1", 180.0)
    world.cpu(server, [0.9] * 2, first=5)
    rule_actions.update(world.system, silent.id, clear_after_s=600)
    world.look(7)
    assert world.alerts("rule_name, notifies, parent_id IS NOT NULL") == [("Silent", True, False), ("CPU", False, True)]
    actions.resolve(world.system, [row.id for row in world.raw("SELECT id FROM alert WHERE rule_name = 'Silent'")])
    world.look(7)
    assert world.alerts("rule_name, status, notifies, parent_id IS NULL")[1] == ("CPU", "open", True, True)
    assert world.events()[-1] == "detach"


def test_nobody_is_missed_while_nobody_looks(world):
    world.rule(kind="absence", measure="request.rate", per=None, for_s=180, clear_after_s=60)
    world.look(30)
    assert world.alerts() == []
    world.rounds(30, 40)
    world.look(33)
    assert world.alerts("rule_name, subject") == [("CPU", "")]


def test_alerts_of_a_tenant_belong_to_the_tenant(world):
    tenant = uuid4()
    world.rule(measure="request.error_ratio", per="tenant_id", bound=0.01, minimum_volume=10)
    for minute in range(3):
        world.requests(minute, total=100, errors=5, tenant=tenant)
        world.requests(minute, total=100, errors=1, tenant=None, service="other")
    world.look(3)
    assert world.alerts("tenant_id, subject") == [(tenant, str(tenant))]
    [event] = world.raw("SELECT tenant_id FROM event WHERE type = 'alerts.open'")
    assert event.tenant_id == tenant


def test_filters_count_only_what_they_name(world):
    world.rule(measure="request.error_ratio", per=None, bound=0.01, filters={"service": ["shop"]})
    for minute in range(3):
        world.requests(minute, total=100, errors=0)
        world.requests(minute, total=100, errors=50, service="other")
    world.look(3)
    assert world.alerts() == []


def test_a_disabled_rule_opens_nothing_and_its_alerts_end(world, opened):
    [alert] = opened("web-1")
    [rule] = world.raw("SELECT id FROM alert_rule WHERE name = 'CPU'")
    rule_actions.disable(world.system, rule.id, reason="Too loud")
    world.look(3.5)
    assert world.alerts() == [("resolved", "web-1")]
    assert "disabled" in queries.history(world.system, alert)["note"].iloc[-1]


def test_one_bad_rule_does_not_stop_the_others(world):
    bad, good = world.rule(name="Bad"), world.rule(name="Good")
    world.raw("UPDATE alert_rule SET measure = 'server.cpu', kind = 'rate_of_change' WHERE id = :id", id=bad.id)
    world.cpu(world.server(), [0.9] * 3)
    world.look(3)
    found = {row.rule_id: row.outcome for row in world.raw("SELECT rule_id, outcome FROM alert_rule_state")}
    assert found == {bad.id: "failed", good.id: "firing"}
    assert world.alerts("rule_name") == [("Good",)]


def test_rules_of_one_measure_share_one_query(world, monkeypatch):
    asked, real = [], evaluating.load
    monkeypatch.setattr(evaluating, "load", lambda rx, wanted, **kw: asked.append(wanted) or real(rx, wanted, **kw))
    for place in range(5):
        world.rule(name=f"CPU {place}", bound=0.5 + place / 10, for_s=60 * (place + 1))
    world.cpu(world.server(), [0.95] * 6)
    world.look(6)
    assert len(asked) == 1
    assert len(world.alerts()) == 5


def test_two_that_look_at_the_same_time_open_one_alert(committed_raw, system):
    begin = utc_now().replace(second=0, microsecond=0) - timedelta(minutes=10)
    committed_raw("UPDATE alert_rule SET is_enabled = false")
    rule_actions.create(
        system, name="CPU", kind="threshold", measure="server.cpu", per="server_id", bound=0.8, for_s=60
    )
    zero = [f"{name}_sum" for name in AVERAGED[1:]] + [f"{name}_count" for name in AVERAGED[2:]]
    committed_raw(
        f"INSERT INTO server_rollup_minute (bucket, server_id, total, cpu_ratio_sum, {', '.join(zero)})"
        f" SELECT :at, gen_random_uuid(), 6, 5.9, {', '.join('0' for _ in zero)} FROM generate_series(1, 4)",
        at=begin + timedelta(minutes=9),
    )
    moment = begin + timedelta(minutes=10, seconds=30)
    # Not now(): in the first seconds of a minute the one before is not settled yet.
    committed_raw("INSERT INTO rollup_watermark (rollup, moved_at) VALUES ('server_rollup', :at)", at=moment)
    threads = [threading.Thread(target=evaluate_all, args=(moment,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = committed_raw("SELECT dedup_key FROM alert")
    assert len(rows) == len({row.dedup_key for row in rows}) == 4
    assert committed_raw("SELECT count(*) FROM event WHERE type = 'alerts.open'")[0].count == 1


def test_the_rules_that_come_with_the_portal_can_all_be_judged(db, raw, system):
    raw("INSERT INTO rollup_watermark (rollup, moved_at) SELECT name, now() FROM unnest(ARRAY['server_rollup',"
        " 'service_rollup', 'provider_rollup', 'error_rollup', 'component_rollup']) AS name"
        " ON CONFLICT (rollup) DO UPDATE SET moved_at = now()")  # fmt: skip
    looked = evaluate_all()
    assert len(looked) == 19
    assert {one.outcome for one in looked} <= {"unknown", "clear"}, [one.told for one in looked]
    assert raw("SELECT count(*) FROM alert")[0].count == 0


@pytest.mark.parametrize("entries", [4, 5])
def test_many_failed_sign_ins_are_an_alert(db, raw, world, entries):
    world.rule(
        name="Sign-ins", measure="audit.entries", per="email", bound=4, for_s=0, window_s=900,
        filters={"action": ["sessions.sign_in"], "outcome": ["denied"]},
    )  # fmt: skip
    for _ in range(entries):
        with pytest.raises(Denied):
            sessions.sign_in("someone@example.com", "wrong", Visitor("browser"))
    evaluate_all(utc_now() + timedelta(minutes=1))
    assert world.alerts("subject, value_first") == ([("someone@example.com", 5.0)] if entries > 4 else [])


def test_waiting_jobs_are_a_metric_that_a_rule_watches(committed_raw, system):
    tasks.evaluate(system)
    roll(METRIC_ROLLUP)
    found = committed_raw(
        "SELECT name, labels FROM metric_series JOIN metric_rollup_minute ON series_id = id ORDER BY name"
    )
    assert [row.name for row in found] == ["quarterdeck.jobs.oldest", "quarterdeck.jobs.waiting"]
    after = committed_raw("SELECT max(bucket) + interval '75 seconds' AS at FROM metric_rollup_minute")[0].at
    committed_raw("UPDATE rollup_watermark SET moved_at = :after WHERE rollup = 'metric_rollup'", after=after)
    evaluate_all(after)
    [row] = queries.conditions(system).query("name == 'Jobs pile up'").to_dict("records")
    assert row["outcome"] == "clear"
