"""Settings of tenants: layers, overrides, requests of two persons, expiry, secrets, history, comparison."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.configuration import actions, queries, rules, tasks
from core.customers.configuration.catalogue import AREAS, PLAN_SETTINGS, SETTINGS
from core.customers.configuration.queries import Filters
from core.kernel.db import to_json
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.kernel.times import utc_now
from tests.core.customers.test_tenants import make

DIRECT, LIMITED, SECRET = "api.calls_per_minute", "data.retention_days", "messages.smtp_password"
WHY = "Asked for it in ticket 4711"


def _of(actor, tenant, key=DIRECT):
    return queries.one(actor, tenant.id, key)


def _set(actor, tenant, value=900, key=DIRECT, **given):
    return actions.set_override(actor, tenant.id, key, value=value, reason=WHY, **given)


def test_catalogue_agrees_with_its_own_rules():
    for setting in SETTINGS.values():
        assert setting.area in AREAS
        assert setting.is_secret == (setting.kind == "secret")
        if setting.default is not None:
            assert rules.clean(setting, setting.default) == setting.default
    for plan in PLAN_SETTINGS.values():
        assert all(rules.clean(SETTINGS[key], value) == value for key, value in plan.items())


@given(st.sampled_from(list(SETTINGS.values())), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3), max_leaves=4,
))  # fmt: skip
def test_clean_takes_only_what_it_takes_again(setting, value):
    try:
        cleaned = rules.clean(setting, value)
    except Invalid as error:
        assert set(error.fields) == {"value"}
    else:
        assert rules.clean(setting, cleaned) == cleaned


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sign_in.allowed_networks", ["203.0.113.0/24", "300.1.1.1"]), ("messages.reply_to", "nobody"),
        ("interface.time_zone", "Europe/Nowhere"), ("data.retention_days", 29), ("api.enabled", 1),
        ("interface.language", "tlh"), ("sign_in.scim_token", "short"), ("sign_in.email_domains", "example.com"),
        ("cases.reopen_days", True),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_are_refused(key, value):
    with pytest.raises(Invalid):
        rules.clean(SETTINGS[key], value)


def test_override_counts_before_plan_before_default(db, system):
    tenant = make(system, tier="pro")
    assert (_of(system, tenant)["value"], _of(system, tenant)["source"]) == (600, "plan")
    assert _of(system, tenant, "cases.first_response_hours")["source"] == "default"
    _set(system, tenant)
    found = _of(system, tenant)
    assert (found["value"], found["source"], found["plan_value"], found["default"]) == (900, "override", 600, 120)
    actions.clear_override(system, tenant.id, DIRECT, reason=WHY)
    assert _of(system, tenant)["source"] == "plan"


def test_values_keep_their_kind_in_the_list(db, system):
    tenant = make(system, tier="free")
    _set(system, tenant, ["example.com"], key="sign_in.email_domains")
    found = queries.effective(system, tenant.id).set_index("key")
    shown = [found.loc[key, "plan_value"] for key in ("data.attachment_mb", "data.exports")]
    assert [repr(one) for one in shown] == ["5", "None"]
    assert repr(found.loc["api.enabled", "value"]) == "False"
    assert found.loc["sign_in.email_domains", "value"] == ["example.com"]


def test_what_the_catalogue_does_not_allow_is_passed_over_and_told(db, system, raw):
    tenant = make(system, tier="pro")
    raw("""UPDATE plan SET settings = settings || '{"api.calls_per_minute": "many"}'::jsonb WHERE key = 'pro'""")
    found = _of(system, tenant)
    assert (found["value"], found["source"]) == (120, "default")
    assert "'many'" in found["problem"]


def test_set_leaves_row_history_audit_and_event(db, system, raw):
    tenant = make(system)
    row = _set(system, tenant)
    _set(system, tenant, 1_000, version=1)
    assert raw("SELECT value, version FROM tenant_setting WHERE id = :id", id=row.id) == [(1_000, 2)]
    assert raw("SELECT before, after FROM tenant_setting_change ORDER BY id") == [(None, 900), (900, 1_000)]
    entries = raw("SELECT tenant_id, reason FROM audit_entry WHERE action = 'configuration.set'")
    assert entries == [(tenant.id, WHY)] * 2
    events = raw("SELECT payload->>'setting' AS setting FROM event WHERE type = 'configuration.set'")
    assert {event.setting for event in events} == {DIRECT}


def test_two_editors_one_gets_the_conflict_and_nothing_is_lost(db, system, raw):
    tenant = make(system)
    _set(system, tenant, 900, version=0)
    for version in (0, 7):
        with pytest.raises(Conflict):
            _set(system, tenant, 50, version=version)
    actions.clear_override(system, tenant.id, DIRECT, reason=WHY, version=1)
    with pytest.raises(Conflict):
        _set(system, tenant, 50, version=1)
    assert raw("SELECT count(*) FROM tenant_setting")[0].count == 0


def test_refusals_change_nothing(db, system, actor_of, raw):
    tenant = make(system)
    support, stranger = actor_of("support_tier_2"), actor_of("client_success", grants=frozenset({"*"}))
    with pytest.raises(Denied):
        _set(support, tenant)
    with pytest.raises(NotFound):
        _set(stranger, tenant)
    with pytest.raises(NotFound):
        queries.effective(actor_of("implementation_specialist"), tenant.id)
    with pytest.raises(NotFound):
        _set(system, tenant, key="no.such_setting")
    with pytest.raises(ReasonRequired):
        actions.set_override(system, tenant.id, DIRECT, value=1, reason=" ")
    with pytest.raises(Invalid):
        _set(system, tenant, expires_at=utc_now() - timedelta(minutes=1))
    with pytest.raises(NotFound):
        actions.clear_override(system, tenant.id, DIRECT, reason=WHY)
    with pytest.raises(Denied):
        queries.effective(actor_of("hotline_operator"), tenant.id)
    assert raw("SELECT count(*) FROM tenant_setting")[0].count == 0


def test_limited_setting_takes_a_second_person_whoever_asks(db, system, actor_of, raw):
    tenant, boss, other = make(system), actor_of("super_admin"), actor_of("support_admin")
    with pytest.raises(Denied, match="second person"):
        _set(boss, tenant, 365, LIMITED)
    request = actions.propose(boss, tenant.id, LIMITED, value=365, reason=WHY)
    assert _of(boss, tenant, LIMITED) | {"waiting": True} == _of(boss, tenant, LIMITED)
    assert (queries.waiting(boss), queries.waiting(other)) == (0, 1)
    with pytest.raises(Denied, match="your own"):
        actions.approve(boss, request.id)
    actions.approve(other, request.id, version=1)
    found = _of(boss, tenant, LIMITED)
    assert (found["value"], found["source"], found["waiting"]) == (365, "override", False)
    assert (found["set_by_name"], found["approved_by_name"]) == (boss.name, other.name)
    entry = raw("SELECT actor_name, tenant_id FROM audit_entry WHERE action = 'configuration.approve'")
    assert entry == [(other.name, tenant.id)]
    with pytest.raises(Invalid, match="approved already"):
        actions.approve(other, request.id)


def test_who_may_only_propose_is_approved_by_who_may_only_approve(db, system, actor_of):
    tenant, asks = make(system), actor_of("support_tier_2")
    approver = actor_of(
        "support_admin", grants=frozenset({"configuration:approve", "configuration:read", "tenants:read"})
    )
    first = actions.propose(asks, tenant.id, DIRECT, value=700, reason=WHY)
    with pytest.raises(Invalid, match="waits already"):
        actions.propose(asks, tenant.id, DIRECT, value=701, reason=WHY)
    with pytest.raises(Denied):
        actions.approve(asks, first.id)
    actions.approve(approver, first.id)
    assert _of(asks, tenant)["value"] == 700
    clearing = actions.propose(asks, tenant.id, DIRECT, operation="clear", reason=WHY)
    actions.approve(approver, clearing.id)
    assert _of(asks, tenant)["source"] != "override"


def test_request_is_refused_or_withdrawn_and_changes_nothing(db, system, actor_of):
    tenant, asks, decides = make(system), actor_of("support_tier_2"), actor_of("admin")
    first = actions.propose(asks, tenant.id, DIRECT, value=700, reason=WHY)
    with pytest.raises(Denied, match="withdraw"):
        actions.withdraw(actor_of("support_tier_2"), first.id)
    actions.withdraw(asks, first.id)
    second = actions.propose(asks, tenant.id, DIRECT, value=700, reason=WHY)
    actions.reject(decides, second.id, reason="Not now")
    page = queries.requests(decides, Filters(tenant_id=tenant.id)).frame
    assert list(page["outcome"]) == ["rejected", "withdrawn"]
    assert page["decision_reason"].iloc[0] == "Not now"
    assert _of(asks, tenant)["source"] == "default" or _of(asks, tenant)["source"] == "plan"


def test_approval_of_what_was_changed_since_is_a_conflict(db, system, actor_of):
    tenant, asks, decides = make(system), actor_of("support_tier_2"), actor_of("admin")
    request = actions.propose(asks, tenant.id, DIRECT, value=700, reason=WHY)
    _set(decides, tenant, 800)
    with pytest.raises(Conflict, match="changed since"):
        actions.approve(decides, request.id)
    assert _of(asks, tenant)["value"] == 800


def test_requests_are_of_persons(db, system):
    tenant = make(system)
    with pytest.raises(Denied, match="persons"):
        actions.propose(system, tenant.id, LIMITED, value=365, reason=WHY)


def test_override_stops_to_count_at_its_time_and_goes_by_the_task(db, system, raw):
    tenant = make(system, tier="pro")
    _set(system, tenant, expires_at=utc_now() + timedelta(hours=1))
    kept = _set(system, tenant, 2, key="api.webhook_endpoints", expires_at=utc_now() + timedelta(hours=3))
    raw("UPDATE tenant_setting SET expires_at = now() - interval '1 second' WHERE key = :key", key=DIRECT)
    assert _of(system, tenant)["source"] == "plan"
    tasks.expire_overrides(system)
    tasks.expire_overrides(system)
    assert raw("SELECT id FROM tenant_setting") == [(kept.id,)]
    assert len(raw("SELECT 1 FROM audit_entry WHERE action = 'configuration.expire'")) == 1
    change = queries.history(system, tenant.id, key=DIRECT).frame.iloc[0]
    assert (change["change"], change["before"]) == ("expired", 900)


def test_secret_is_nowhere_to_be_read(db, system, actor_of, raw):
    tenant, secret = make(system), "correct-horse-battery-staple"
    _set(system, tenant, secret, SECRET)
    request = actions.propose(actor_of("admin"), tenant.id, "sign_in.scim_token", value=secret, reason=WHY)
    found = _of(system, tenant, SECRET)
    assert (found["value"], found["is_set"], found["source"]) == (None, True, "override")
    told = [
        queries.effective(system, tenant.id).to_csv(), queries.history(system, tenant.id).frame.to_csv(),
        queries.overrides(system, Filters()).frame.to_csv(), queries.requests(system, Filters()).frame.to_csv(),
        to_json(queries.whole(system, tenant.id).settings),
        *(str(row) for table in ("audit_entry", "event", "tenant_setting", "tenant_setting_request", "tenant_setting_change")
          for row in raw(f"SELECT t::text FROM {table} t")),
    ]  # fmt: skip
    assert not [one for one in told if secret in one]
    actions.approve(actor_of("support_admin"), request.id)
    assert raw("SELECT secret FROM tenant_setting_request") == [(None,)]
    assert _of(system, tenant, "sign_in.scim_token")["is_set"]


def test_compare_says_what_differs(db, system):
    one, other = make(system, "Alpha", tier="pro"), make(system, "Beta", tier="pro")
    assert not queries.compare(system, one.id, other.id)["differs"].any()
    _set(system, one)
    _set(system, other, "a secret", SECRET)
    found = queries.compare(system, one.id, other.id).set_index("key")
    assert set(found.index[found["differs"]]) == {DIRECT, SECRET}
    assert (found.loc[DIRECT, "first"], found.loc[DIRECT, "second"]) == (900, 600)
    assert (found.loc[SECRET, "first"], found.loc[SECRET, "second"]) == ("Not set", "Set")
    with pytest.raises(NotFound):
        queries.compare(system, one.id, uuid4())


def test_digest_changes_with_every_change_and_only_then(db, system):
    tenant = make(system)
    before = queries.whole(system, tenant.id).digest
    assert queries.whole(system, tenant.id).digest == before
    _set(system, tenant, "first", SECRET)
    first = queries.whole(system, tenant.id).digest
    _set(system, tenant, "second", SECRET)
    assert len({before, first, queries.whole(system, tenant.id).digest}) == 3


def test_overrides_of_all_tenants_are_listed_by_setting(db, system):
    for name in ("Alpha", "Beta"):
        _set(system, make(system, name))
    _set(system, make(system, "Gamma"), 4, key="api.webhook_endpoints")
    page = queries.overrides(system, Filters(key=DIRECT), limit=1)
    rest = queries.overrides(system, Filters(key=DIRECT), limit=1, after=page.next)
    assert [*page.frame["tenant"], *rest.frame["tenant"]] == ["Beta", "Alpha"]
    assert sum(len(chunk) for chunk in queries.chunks(system, Filters(), size=2)) == 3
