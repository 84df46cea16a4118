"""What people do with alerts, rules and silences: who may, what it leaves behind, and what it leaves alone."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.health.alerts import actions, queries, rule_actions, silence_actions
from core.health.alerts.words import sentence
from core.kernel.errors import AlreadyDone, Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.kernel.times import utc_now

CPU = {"name": "CPU of web", "kind": "threshold", "measure": "server.cpu", "per": "server_id", "bound": 0.8}


def entries(raw, action: str) -> list:
    return raw("SELECT * FROM audit_entry WHERE action = :action ORDER BY occurred_at", action=action)


@pytest.mark.parametrize("verb", ["acknowledge", "resolve", "dismiss"])
def test_each_verb_writes_row_audit_event_and_history(opened, raw, actor_of, verb):
    first, second = opened("web-1", "web-2")
    developer = actor_of("developer")
    note = {"reason": "Load test"} if verb == "dismiss" else {"note": "Load test"}
    assert getattr(actions, verb)(developer, [first, second], **note) == 2
    status = {"acknowledge": "acknowledged", "resolve": "resolved", "dismiss": "dismissed"}[verb]
    rows = raw("SELECT status, version, acknowledged_by_name, resolved_by_name FROM alert")
    who = ("Developer", None) if verb == "acknowledge" else (None, "Developer")
    assert {tuple(row) for row in rows} == {(status, 2, *who)}
    [entry] = entries(raw, f"alerts.{verb}")
    assert (set(entry.entity_ids), entry.reason, entry.outcome) == ({first, second}, "Load test", "done")
    [event] = raw("SELECT payload FROM event WHERE type = :type", type=f"alerts.{verb}")
    assert set(event.payload["entity_ids"]) == {str(first), str(second)}
    assert queries.history(developer, first)[["kind", "by", "note"]].iloc[-1].tolist() == [
        status,
        "Developer",
        "Load test",
    ]


@pytest.mark.parametrize("verb", ["acknowledge", "resolve", "dismiss", "comment"])
def test_without_the_right_nothing_changes(opened, raw, actor_of, verb):
    [alert] = opened("web-1")
    reader = actor_of("support")
    calls = {
        "acknowledge": lambda: actions.acknowledge(reader, [alert]),
        "resolve": lambda: actions.resolve(reader, [alert]),
        "dismiss": lambda: actions.dismiss(reader, [alert], reason="x"),
        "comment": lambda: actions.comment(reader, alert, text="x"),
    }
    with pytest.raises(Denied):
        calls[verb]()
    assert raw("SELECT status, version FROM alert")[0] == ("open", 1)
    assert entries(raw, f"alerts.{verb}")[0].outcome == "denied"


def test_a_wrong_state_changes_nothing(opened, raw, actor_of):
    [alert] = opened("web-1")
    developer = actor_of("developer")
    actions.resolve(developer, [alert])
    for verb in (actions.acknowledge, actions.resolve):
        assert verb(developer, [alert]) == 0
    assert actions.dismiss(developer, [alert], reason="x") == 0
    assert raw("SELECT status, version FROM alert")[0] == ("resolved", 2)
    assert len(entries(raw, "alerts.resolve")) == 1


def test_an_alert_out_of_sight_is_not_found(world, actor_of, raw):
    mine, other = uuid4(), uuid4()
    world.rule(measure="request.error_ratio", per="tenant_id", bound=0.01)
    for minute in range(3):
        for tenant in (mine, other):
            world.requests(minute, total=100, errors=50, tenant=tenant, service=str(tenant))
    world.look(3)
    ids = {row.tenant_id: row.id for row in raw("SELECT id, tenant_id FROM alert")}
    key = actor_of("developer", scope="tenant", tenant_id=mine, operator_id=None, key_id=uuid4())
    assert [row["tenant_id"] for row in queries.listing(key).rows] == [mine]
    assert actions.acknowledge(key, [ids[mine]]) == 1
    with pytest.raises(NotFound):
        actions.acknowledge(key, [ids[mine], ids[other]])
    with pytest.raises(NotFound):
        queries.one(key, ids[other])
    assert queries.history(key, ids[other]).empty
    assert {row.status for row in raw("SELECT status FROM alert WHERE id = :id", id=ids[other])} == {"open"}
    with pytest.raises(Denied):
        rule_actions.create(key, **CPU)
    with pytest.raises(Denied):
        silence_actions.create(key, ends_at=utc_now() + timedelta(hours=1), reason="x", areas=["requests"])


def test_what_is_said_of_a_common_cause_is_said_of_all_of_it(opened, raw, actor_of):
    opened(*(f"web-{place}" for place in range(4)), storm_size=3)
    [group] = raw("SELECT id FROM alert WHERE is_group")
    assert actions.acknowledge(actor_of("developer"), [group.id]) == 5
    assert {row.status for row in raw("SELECT status FROM alert")} == {"acknowledged"}


def test_a_comment_is_told_and_changes_nothing(opened, raw, actor_of):
    [alert] = opened("web-1")
    actions.comment(actor_of("developer"), alert, text=" Restarted it ")
    assert raw("SELECT version FROM alert")[0].version == 1
    assert queries.history(actor_of("support"), alert)["note"].iloc[-1] == "Restarted it"
    assert entries(raw, "alerts.comment")[0].entity_ids == [alert]
    for text in (" ", "x" * 2_001, "a\x00b"):
        with pytest.raises(Invalid):
            actions.comment(actor_of("developer"), alert, text=text)


def test_dismissing_takes_a_reason_and_a_choice(opened, actor_of):
    [alert] = opened("web-1")
    with pytest.raises(ReasonRequired):
        actions.dismiss(actor_of("developer"), [alert], reason=" ")
    with pytest.raises(Invalid, match="1 to 500"):
        actions.acknowledge(actor_of("developer"), [])
    with pytest.raises(Invalid, match="1 to 500"):
        actions.acknowledge(actor_of("developer"), [uuid4() for _ in range(501)])


def test_a_rule_has_a_life(db, raw, actor_of):
    developer = actor_of("developer")
    rule = rule_actions.create(developer, **CPU, once="k")
    with pytest.raises(AlreadyDone):
        rule_actions.create(developer, **CPU, once="k")
    with pytest.raises(Invalid, match="already in use"):
        rule_actions.create(developer, **CPU | {"name": "cpu OF WEB"})
    changed = rule_actions.update(developer, rule.id, version=1, bound=0.9, for_s=60)
    assert (changed.bound, changed.for_s, changed.version) == (0.9, 60, 2)
    with pytest.raises(Conflict):
        rule_actions.update(developer, rule.id, version=1, bound=0.5)
    rule_actions.disable(developer, rule.id, reason="Loud")
    with pytest.raises(Invalid, match="disabled already"):
        rule_actions.disable(developer, rule.id, reason="Loud")
    rule_actions.enable(developer, rule.id)
    rule_actions.delete(developer, rule.id, reason="Not wanted")
    with pytest.raises(NotFound):
        rule_actions.update(developer, rule.id, bound=0.5)
    rule_actions.create(developer, **CPU)
    told = raw(
        "SELECT action FROM audit_entry WHERE action LIKE 'alert_rules.%' AND outcome = 'done' ORDER BY occurred_at, id"
    )
    verbs = ["create", "update", "disable", "enable", "delete", "create"]
    assert [row.action for row in told] == [f"alert_rules.{verb}" for verb in verbs]
    kinds = raw("SELECT type, payload ->> 'rule' AS rule FROM event WHERE type LIKE 'alert_rules.%'")
    assert {row.rule for row in kinds} == {"CPU of web"}


@pytest.mark.parametrize("verb", ["create", "update", "enable", "disable", "delete", "silence", "expire"])
def test_readers_change_no_rule_and_no_silence(db, raw, actor_of, verb):
    reader, ends = actor_of("support"), utc_now() + timedelta(hours=1)
    rule = rule_actions.create(actor_of("developer"), **CPU)
    silence = silence_actions.create(actor_of("developer"), ends_at=ends, reason="x", areas=["servers"])
    calls = {
        "create": lambda: rule_actions.create(reader, **CPU | {"name": "Other"}),
        "update": lambda: rule_actions.update(reader, rule.id, bound=0.1),
        "enable": lambda: rule_actions.enable(reader, rule.id),
        "disable": lambda: rule_actions.disable(reader, rule.id, reason="x"),
        "delete": lambda: rule_actions.delete(reader, rule.id, reason="x"),
        "silence": lambda: silence_actions.create(reader, ends_at=ends, reason="x", areas=["servers"]),
        "expire": lambda: silence_actions.expire(reader, silence.id),
    }
    with pytest.raises(Denied):
        calls[verb]()
    assert raw("SELECT count(*) FROM audit_entry WHERE outcome = 'denied'")[0].count == 1
    assert raw("SELECT version FROM alert_rule WHERE id = :id", id=rule.id)[0].version == 1
    assert raw("SELECT version, ended_at FROM silence")[0] == (1, None)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "magic"}, "kind"),
        ({"measure": "nonsense"}, "measure"),
        ({"kind": "absence"}, "kind"),
        ({"bound": None}, "bound"),
        ({"bound": float("nan")}, "bound"),
        ({"bound": True}, "bound"),
        ({"clear_bound": 0.9}, "clear_bound"),
        ({"comparison": "below", "clear_bound": 0.7}, "clear_bound"),
        ({"for_s": -1}, "for_s"),
        ({"for_s": 1.5}, "for_s"),
        ({"window_s": 10**6}, "window_s"),
        ({"storm_size": 1}, "storm_size"),
        ({"per": "planet"}, "filters"),
        ({"filters": {"planet": ["mars"]}}, "filters"),
        ({"filters": {"server_id": [1]}}, "filters"),
        ({"runbook_url": "javascript:alert(1)"}, "runbook_url"),
        ({"severity": "dire"}, "severity"),
        ({"measure": "metric.value", "per": None}, "filters"),
        ({"measure": "request.p95", "per": None, "window_s": 300}, "window_s"),
        (
            {"measure": "request.error_ratio", "per": "route", "filters": {"tenant_id": ["x"], "fingerprint": ["y"]}},
            "filters",
        ),
        (
            {"measure": "request.error_ratio", "per": None, "kind": "burn_rate", "settings": {"objective": 1}},
            "settings",
        ),
        ({"measure": "request.error_ratio", "per": None, "kind": "burn_rate", "settings": {"windows": []}}, "settings"),
        ({"kind": "rate_of_change", "bound": -1}, "bound"),
        ({"kind": "rate_of_change", "settings": {"baseline_s": 1}}, "settings"),
        ({"kind": "anomaly", "settings": {"sensitivity": 0}}, "settings"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_field(db, actor_of, values, field):
    with pytest.raises(Invalid) as caught:
        rule_actions.create(actor_of("developer"), **CPU | values)
    assert field in caught.value.fields


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "CPU used above 80 % for 5 min, per server"),
        ({"clear_after_s": 0, "for_s": 0, "per": None}, "CPU used above 80 %"),
        (
            {"kind": "absence", "measure": "server.reports", "for_s": 180},
            "Reports of a server: nothing for 3 min, per server",
        ),
        (
            {"kind": "burn_rate", "measure": "request.error_ratio", "per": "service", "for_s": 0},
            "Error budget of 99.9 % burns 14.4 times over 1 h and 5 min or 6 times over 6 h and 30 min, per service",
        ),
        (
            {"kind": "rate_of_change", "measure": "error.count", "per": None, "bound": 2, "for_s": 0, "window_s": 900},
            "Unexpected errors rises by more than 200 % against 1 h before, over 15 min",
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(db, actor_of, values, told):
    assert sentence(rule_actions.create(actor_of("developer"), **CPU | values)) == told


def test_a_silence_keeps_the_alert_and_says_so(opened, actor_of):
    opened("web-1", "web_1", "db-1")
    developer = actor_of("developer")
    ends = utc_now() + timedelta(hours=1)
    silence = silence_actions.create(developer, ends_at=ends, reason="Deploy", subject_pattern="WEB-*")
    told = {row["subject"]: (row["is_silenced"], row["silenced_until"]) for row in queries.listing(developer).rows}
    assert told == {"web-1": (True, ends), "web_1": (False, None), "db-1": (False, None)}
    assert (queries.counts(developer).live, queries.counts(developer).silenced) == (3, 1)
    silence_actions.expire(developer, silence.id)
    assert queries.counts(developer).silenced == 0


@pytest.mark.parametrize(
    ("matchers", "count"),
    [
        ({"areas": ["servers"]}, 2),
        ({"areas": ["servers"], "severities": ["critical"]}, 0),
        ({"severities": ["warning", "info"]}, 2),
        ({"rule_ids": [uuid4()]}, 0),
        ({"subject_pattern": "*"}, 2),
        ({"subject_pattern": "web"}, 0),
        ({"subject_pattern": "w%"}, 0),
        ({"subject_pattern": "*-1", "areas": ["servers"]}, 1),
    ],
)
def test_every_matcher_that_is_given_must_match(opened, actor_of, matchers, count):
    opened("web-1", "web-2")
    developer = actor_of("developer")
    silence_actions.create(developer, ends_at=utc_now() + timedelta(hours=1), reason="x", **matchers)
    assert queries.silences(developer)["matching"].tolist() == [count]
    assert queries.counts(developer).silenced == count


def test_a_silence_to_come_silences_nothing_yet(opened, actor_of):
    opened("web-1")
    developer, now = actor_of("developer"), utc_now()
    later = {"starts_at": now + timedelta(hours=1), "ends_at": now + timedelta(hours=2)}
    silence_actions.create(developer, reason="x", areas=["servers"], **later)
    assert queries.counts(developer).silenced == 0
    assert queries.silences(developer)["state"].tolist() == ["planned"]


@pytest.mark.parametrize(
    "values",
    [
        {"areas": []},
        {"ends_at": utc_now() - timedelta(minutes=1)},
        {"ends_at": utc_now() + timedelta(days=91)},
        {"severities": ["dire"]},
        {"subject_pattern": "x" * 201},
        {"starts_at": utc_now() + timedelta(hours=2)},
    ],
)
def test_a_silence_that_makes_no_sense_is_refused(db, actor_of, values):
    good = {"ends_at": utc_now() + timedelta(hours=1), "reason": "x", "areas": ["servers"]}
    with pytest.raises(Invalid):
        silence_actions.create(actor_of("developer"), **good | values)
