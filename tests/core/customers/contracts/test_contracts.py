"""Contracts: what they may say, their versions, their life, and the terms in force over time."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.contracts import actions, amending, queries, renewals, rules
from core.customers.contracts.actions import Draft
from core.customers.contracts.queries import Filters
from core.customers.contracts.terms import TERMS
from core.customers.contracts.tiers import clean_tiers
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.kernel.times import utc_now
from tests.core.customers.contracts.making import TIERS, VALUE, draft, running
from tests.core.customers.test_tenants import make as make_tenant

D = Decimal


def today():
    return utc_now().date()


def spans(raw, contract):
    """(version, first day, day after the last one) in the contract's zone."""
    rows = raw(f"SELECT * FROM ({TERMS}) t WHERE contract_id = :c ORDER BY version_number", c=contract.id)
    zone = ZoneInfo(contract.time_zone)
    return [(row.version_number, row.valid_from.astimezone(zone), row.valid_until.astimezone(zone)) for row in rows]


def test_a_draft_becomes_active_with_its_terms_and_is_told(db, raw, actor_of):
    manager = actor_of("admin")
    contract = draft(manager, starts_on=date(2026, 3, 1), time_zone="Europe/Berlin", uptime_target="99.95")
    assert (contract.status, spans(raw, contract)) == ("draft", [])
    actions.activate(manager, contract.id, version=1)
    berlin = ZoneInfo("Europe/Berlin")
    assert spans(raw, contract) == [(1, datetime(2026, 3, 1, tzinfo=berlin), datetime(2027, 3, 1, tzinfo=berlin))]
    shown = queries.one(manager, contract.id)
    assert (shown["annual_value"], shown["last_day"], shown["renewal_on"]) == (
        VALUE,
        date(2027, 2, 28),
        date(2027, 3, 1),
    )
    assert (shown["credit_tiers"], shown["notice_on"]) == (TIERS, date(2026, 12, 30))
    entry = raw(
        "SELECT action, outcome FROM audit_entry WHERE tenant_id = :t ORDER BY occurred_at", t=contract.tenant_id
    )
    assert [row.action for row in entry][-2:] == ["contracts.create", "contracts.activate"]
    assert raw("SELECT payload->>'number' AS n FROM event WHERE type = 'contracts.activate'")[0].n == str(
        contract.number
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("annual_value", "-1"), ("annual_value", "1.005"), ("annual_value", "much"), ("term_months", 0), ("term_months", 121),
        ("notice_days", 731), ("payment_terms", "net_7"), ("billing_cycle", "weekly"), ("support_level", "gold"),
        ("uptime_target", "100.1"), ("uptime_target", 0), ("latency_p99_ms", 0), ("error_rate_target", "-1"),
        ("support_response_minutes", True), ("rpo_minutes", -1), ("credit_cap", 101), ("maintenance", "sometimes"),
        ("maintenance_minutes", -1), ("limits", {"mars": 1}), ("limits", {"users": -1}), ("renewal_on", date(2200, 1, 1)),
        ("renewal_on", date(2030, 1, 1)), ("credit_tiers", [{"below": "99.99", "percent": "10"}]), ("colour", "red"),
        ("credit_tiers", [{"below": "99", "percent": "10"}, {"below": "95", "percent": "10"}]),
        ("credit_tiers", [{"below": "99", "percent": "10"}, {"below": "99", "percent": "20"}]),
        ("credit_tiers", [{"below": "99"}]), ("credit_tiers", "10 %"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_field(db, raw, actor_of, field, value):
    with pytest.raises(Invalid) as caught:
        draft(actor_of("admin"), starts_on=date(2026, 3, 1), **{field: value})
    assert set(caught.value.fields) == {field}
    assert raw("SELECT count(*) AS n FROM contract")[0].n == 0


percent = st.decimals(min_value="0.0001", max_value=100, places=4)


@given(st.lists(st.fixed_dictionaries({"below": percent, "percent": percent}), max_size=5))
def test_tiers_are_kept_in_falling_order_with_rising_credit_or_refused(tiers):
    try:
        kept = clean_tiers("credit_tiers", tiers)
    except Invalid:
        bounds = sorted((D(one["below"]), -D(one["percent"])) for one in tiers)
        shares = [-share for _, share in bounds]
        assert (
            len({below for below, _ in bounds}) < len(tiers)
            or shares != sorted(shares, reverse=True)
            or len(set(shares)) < len(shares)
        )
        return
    assert sorted(kept, key=lambda one: D(one["below"]), reverse=True) == kept
    assert sorted(kept, key=lambda one: D(one["percent"])) == kept == clean_tiers("credit_tiers", kept)


def test_zone_currency_and_days_are_checked(db, actor_of):
    admin = actor_of("admin")
    tenant = make_tenant(admin)
    for field, wanted in {
        "time_zone": Draft(tenant.id, date(2026, 1, 1), time_zone="Mars/Base"),
        "currency": Draft(tenant.id, date(2026, 1, 1), currency="Dollar"),
        "starts_on": Draft(tenant.id, date(1900, 1, 1)), "csm_id": Draft(tenant.id, date(2026, 1, 1), csm_id=uuid4()),
    }.items():  # fmt: skip
        with pytest.raises(Invalid) as caught:
            actions.create(admin, wanted, annual_value="10")
        assert field in caught.value.fields, field


def test_an_amendment_is_a_further_version_and_the_first_stays_as_it_was(db, raw, actor_of):
    admin = actor_of("admin")
    contract = running(admin, starts_on=date(2026, 1, 1))
    before = raw("SELECT * FROM contract_version WHERE contract_id = :c", c=contract.id)
    second = amending.amend(
        admin, contract.id, effective_on=date(2026, 7, 15), reason="More seats", version=2, annual_value="150000",
        uptime_target="99.99",
    )  # fmt: skip
    assert (second.number, second.annual_value, second.latency_p99_ms) == (2, D("150000.00"), 100)
    assert raw("SELECT * FROM contract_version WHERE contract_id = :c AND number = 1", c=contract.id) == before
    middle = datetime(2026, 7, 15, tzinfo=UTC)
    assert [(number, begin == middle, end == middle) for number, begin, end in spans(raw, contract)] == [
        (1, False, True), (2, True, False)
    ]  # fmt: skip
    with pytest.raises(Conflict, match="changed"):
        amending.amend(admin, contract.id, reason="Stale", version=2, annual_value="1")
    with pytest.raises(Conflict, match="already"):
        amending.amend(admin, contract.id, reason="Same", uptime_target="99.99")
    with pytest.raises(ReasonRequired):
        amending.amend(admin, contract.id, reason=" ", annual_value="1")
    for day in (date(2026, 7, 14), date(2027, 1, 1)):
        with pytest.raises(Invalid) as caught:
            amending.amend(admin, contract.id, reason="When", effective_on=day, annual_value="1")
        assert set(caught.value.fields) == {"effective_on"}
    amending.amend(admin, contract.id, effective_on=date(2026, 7, 15), reason="A typing error", annual_value="151000")
    assert [number for number, _, _ in spans(raw, contract)] == [1, 3]
    assert list(queries.versions(admin, contract.id)["number"]) == [3, 2, 1]


def test_not_even_the_portal_changes_a_version(db, raw, system):
    running(system)
    rights = raw(
        "SELECT has_table_privilege('quarterdeck_app', 'contract_version', 'UPDATE') AS version,"
        " has_table_privilege('quarterdeck_app', 'contract_charge', 'UPDATE') AS charge"
    )[0]
    assert (rights.version, rights.charge) == (False, False)


def test_a_longer_term_moves_end_and_renewal_but_not_a_renewal_of_its_own(db, actor_of):
    admin = actor_of("admin")
    contract = running(admin, starts_on=date(2026, 1, 31))
    longer = amending.amend(admin, contract.id, reason="Two years", effective_on=date(2026, 2, 1), term_months=25)
    assert (longer.ends_on, longer.renewal_on) == (date(2028, 2, 28), date(2028, 2, 29))
    own = running(admin, starts_on=date(2026, 1, 1), renewal_on=date(2026, 10, 1))
    later = amending.amend(admin, own.id, reason="Two years", effective_on=date(2026, 2, 1), term_months=24)
    assert (later.ends_on, later.renewal_on) == (date(2027, 12, 31), date(2026, 10, 1))
    with pytest.raises(Invalid, match="before these terms begin"):
        amending.amend(admin, own.id, reason="Shorter", effective_on=date(2026, 12, 31), term_months=3)


def test_a_tenant_has_one_contract_at_a_time(db, actor_of):
    admin = actor_of("admin")
    first = running(admin, starts_on=date(2026, 1, 1))
    tenant = make_tenant.__globals__["queries"].one(admin, first.tenant_id)
    other = actions.create(admin, Draft(tenant["id"], date(2026, 6, 1)), annual_value="10")
    with pytest.raises(Invalid, match=rules.number_of(first.number)):
        actions.activate(admin, other.id)
    actions.terminate(admin, first.id, ended_on=date(2026, 6, 1), reason="Merger")
    with pytest.raises(Invalid, match="ends on 2026-06-01"):
        actions.activate(admin, other.id)
    later = actions.create(admin, Draft(tenant["id"], date(2026, 6, 2)), annual_value="10")
    assert actions.activate(admin, later.id).status == "active"


def test_termination_keeps_the_days_until_then_and_a_draft_never_ran(db, raw, actor_of):
    admin = actor_of("admin")
    contract = running(admin, starts_on=date(2026, 1, 1), time_zone="Asia/Tokyo")
    amending.amend(admin, contract.id, effective_on=date(2026, 9, 1), reason="Cheaper", annual_value="1")
    for day in (date(2025, 12, 30), date(2027, 1, 1)):
        with pytest.raises(Invalid) as caught:
            actions.terminate(admin, contract.id, ended_on=day, reason="Merger")
        assert set(caught.value.fields) == {"ended_on"}
    ended = actions.terminate(admin, contract.id, ended_on=date(2026, 8, 31), reason="Merger")
    assert (ended.status, ended.termination_reason) == ("terminated", "Merger")
    assert [(number, until.date()) for number, _, until in spans(raw, contract)] == [(1, date(2026, 9, 1))]
    for attempt in (
        lambda: actions.terminate(admin, contract.id, reason="again"), lambda: renewals.renew(admin, contract.id),
        lambda: amending.amend(admin, contract.id, reason="x", annual_value="2"), lambda: actions.activate(admin, contract.id),
        lambda: actions.update(admin, contract.id, account_executive="Zoe"),
        lambda: renewals.start_renewal(admin, contract.id),
    ):  # fmt: skip
        with pytest.raises(Invalid, match="terminated"):
            attempt()
    given_up = draft(admin)
    actions.terminate(admin, given_up.id, reason="Went elsewhere")
    assert spans(raw, given_up) == []


def test_contracts_expire_the_day_after_their_last_in_their_zone(db, raw, actor_of, system, monkeypatch):
    start = date(2026, 1, 1)
    early, late = (
        running(system, starts_on=start, time_zone=zone, term_months=1) for zone in ("Asia/Tokyo", "US/Hawaii")
    )
    for moment, expected in (
        (datetime(2026, 1, 31, 14, 59, tzinfo=UTC), ["active", "active"]),
        (datetime(2026, 1, 31, 15, 0, tzinfo=UTC), ["expired", "active"]),
        (datetime(2026, 2, 1, 10, 0, tzinfo=UTC), ["expired", "expired"]),
    ):
        monkeypatch.setattr("core.kernel.writes.utc_now", lambda moment=moment: moment)
        actions.expire(system)
        rows = {row.id: row for row in raw("SELECT id, status, ended_on FROM contract")}
        assert [rows[one.id].status for one in (early, late)] == expected
    assert {rows[one.id].ended_on for one in (early, late)} == {date(2026, 1, 31)}
    assert actions.expire(system) == 0
    assert raw("SELECT count(*) AS n FROM event WHERE type = 'contracts.expire'")[0].n == 2


def test_rights_and_sight(db, raw, actor_of):
    admin = actor_of("admin")
    contract = running(admin)
    for role in ("support", "developer", "hotline_operator"):
        with pytest.raises(Denied):
            queries.directory(actor_of(role), Filters())
        with pytest.raises(Denied):
            amending.amend(actor_of(role), contract.id, reason="x", annual_value="1")
    csm = actor_of("client_success")
    assert queries.directory(csm, Filters()).frame.empty
    for attempt in (
        lambda: queries.one(csm, contract.id), lambda: actions.terminate(csm, contract.id, reason="x"),
        lambda: renewals.renew(csm, contract.id), lambda: actions.create(csm, Draft(contract.tenant_id, today()), annual_value=1),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(Denied):
        actions.terminate(actor_of("support_admin"), contract.id, reason="x")
    assert raw("SELECT status FROM contract")[0].status == "active"
    raw("INSERT INTO tenant_assignment VALUES (:o, :t, now())", o=csm.operator_id, t=contract.tenant_id)
    assert queries.one(csm, contract.id)["annual_value"] == VALUE
    assert actions.update(csm, contract.id, account_executive=" Zoe  Bell ").account_executive == "Zoe Bell"


def test_the_list_is_in_the_order_of_renewals_and_filtered(db, actor_of):
    admin = actor_of("admin")
    acme = make_tenant(admin, "Zebra")
    soon = running(admin, tenant=acme, starts_on=today() - timedelta(days=345))
    later = running(admin, starts_on=today() - timedelta(days=300), support_level="premium")
    plain = draft(admin)
    pages = [queries.directory(admin, Filters(), limit=2)]
    pages.append(queries.directory(admin, Filters(), after=pages[0].next, limit=2))
    assert [str(key) for page in pages for key in page.frame["id"]] == [str(one.id) for one in (soon, later, plain)]
    found = {
        name: list(queries.directory(admin, filters).frame["number"])
        for name, filters in {
            "soon": Filters(renews_within=30), "both": Filters(renews_within=90), "status": Filters(statuses=("draft",)),
            "level": Filters(support_levels=("premium",)), "tenant": Filters(text="zeb"), "id": Filters(tenant_id=acme.id),
            "number": Filters(text=rules.number_of(plain.number)), "nobody": Filters(csm_id=uuid4()),
        }.items()
    }  # fmt: skip
    one, two, three = soon.number, later.number, plain.number
    assert found == {
        "soon": [one], "both": [one, two], "status": [three], "level": [two], "tenant": [one], "id": [one], "number": [three],
        "nobody": [],
    }  # fmt: skip
    assert [row["id"] for row in queries.listing(admin, Filters()).rows] == [soon.id, later.id, plain.id]
    assert queries.one(admin, soon.id)["days_left"] in (19, 20, 21)


def test_figures_are_counted_from_what_is_in_force(db, actor_of):
    admin, day = actor_of("admin"), today()
    assert queries.summary(admin).empty and queries.renewal_rate(admin).ratio is None
    first = running(admin, starts_on=day - timedelta(days=30), annual_value="100")
    running(admin, starts_on=day - timedelta(days=30), annual_value="51")
    running(admin, starts_on=day + timedelta(days=30), annual_value="1000")
    running(admin, starts_on=day - timedelta(days=9), annual_value="7", currency="EUR")
    amending.amend(admin, first.id, effective_on=day + timedelta(days=9), reason="Later", annual_value="900")
    draft(admin)
    ended = running(admin, starts_on=day - timedelta(days=100))
    actions.terminate(admin, ended.id, ended_on=day - timedelta(days=5), reason="Left")
    told = queries.summary(admin).set_index("currency")
    assert told.loc["USD"].to_dict() == {"active": 2, "arr": D(151), "average_value": D("75.50")}
    assert told.loc["EUR", "arr"] == 7
    renewed = running(admin, starts_on=day - timedelta(days=200), term_months=6)
    renewals.renew(admin, renewed.id)
    actions.terminate(admin, draft(admin).id, reason="Never ran")
    rate = queries.renewal_rate(admin)
    assert (rate.ended, rate.renewed, rate.ratio) == (2, 1, 0.5)
