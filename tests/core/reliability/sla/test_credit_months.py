"""Months reckoned by hand, from what monitors saw to the cent of the credit.

Unless said otherwise a contract is of 120,000.00 a year, so 10,000.00 a month, and its tiers are: under 99.95 % 10 %, under
99 % 25 %, under 95 % 100 %.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.reliability.sla import crediting
from tests.core.reliability.sla import crediting as given

LATER = datetime(2026, 12, 31, tzinfo=UTC)


@pytest.fixture
def credit(db, raw, system):
    """Computes a month; its only credit."""

    def compute(month):
        given.judged_until(raw, LATER)
        crediting.compute(system, month=month)
        rows = raw("SELECT * FROM sla_credit WHERE month = :month", month=month)
        assert len(rows) == 1
        minutes = rows[0].proof["minutes"]
        seen = tuple(minutes[name] for name in ("observed", "bad", "maintenance", "excluded", "unobserved"))
        return rows[0], seen

    return compute


def test_an_outage_across_the_midnight_of_the_month_end_is_split_between_its_months(credit, raw):
    # 21:20 to 22:15 UTC on 30 September is 23:20 to 00:15 in Berlin: 40 minutes in September, 15 in October.
    of = given.contract(raw, zone="Europe/Berlin")
    given.monitor(of, raw, ("2026-09-30 21:20", "2026-09-30 22:15"))
    given.judge("2026-09", zone="Europe/Berlin", months=2)
    # September: 30 × 1,440 = 43,200 minutes; 43,160 / 43,200 = 99.907407 % < 99.95 %: 10 % of 10,000.00.
    row, seen = credit(date(2026, 9, 1))
    assert seen == (43_200, 40, 0, 0, 0)
    assert (row.uptime, row.percent, row.amount, row.status) == (Decimal("99.907407"), 10, Decimal("1000.00"), "draft")
    # October: 31 × 1,440 + 60 = 44,700 minutes; 44,685 / 44,700 = 99.966442 % >= 99.95 %: nothing.
    row, seen = credit(date(2026, 10, 1))
    assert seen == (44_700, 15, 0, 0, 0)
    assert (row.uptime, row.percent, row.amount, row.status) == (Decimal("99.966442"), 0, Decimal("0.00"), "none")


def test_the_hour_that_october_has_twice_makes_the_same_outage_smaller(credit, raw):
    # 447 minutes (7 h 27 min) of 31 × 1,440 + 60 = 44,700: exactly 99 %, which is not under 99 %: 10 %.
    # (Of 44,640 minutes it would be 98.998656 %, and 25 %.) 100,000.00 / 12 = 8,333.33…; 10 % = 833.33…
    of = given.contract(raw, zone="Europe/Berlin", annual_value=Decimal("100000.00"))
    given.monitor(of, raw, ("2026-10-24 22:00", "2026-10-25 05:27"))
    row, seen = credit(given.judge("2026-10", zone="Europe/Berlin"))
    assert seen == (44_700, 447, 0, 0, 0)
    assert (row.uptime, row.percent, row.amount) == (Decimal("99.000000"), 10, Decimal("833.33"))
    assert (row.fee, row.cap_amount) == (Decimal("8333.33"), Decimal("8333.33"))


def test_the_hour_that_march_lacks_makes_the_same_outage_larger(credit, raw):
    # 446 minutes of 31 × 1,440 − 60 = 44,580: 44,134 / 44,580 = 98.999551 % < 99 %: 25 %. (Of 44,640: 99.000896 %, 10 %.)
    # 100,000.00 / 12 × 25 % = 2,083.33…
    of = given.contract(raw, zone="Europe/Berlin", annual_value=Decimal("100000.00"))
    given.monitor(of, raw, ("2026-03-10 00:00", "2026-03-10 07:26"))
    row, seen = credit(given.judge("2026-03", zone="Europe/Berlin"))
    assert seen == (44_580, 446, 0, 0, 0)
    assert (row.uptime, row.percent, row.amount) == (Decimal("98.999551"), 25, Decimal("2083.33"))


def test_maintenance_inside_an_outage_is_not_down_and_not_observed(credit, raw):
    # Down 10:00 to 14:00 (240), maintenance 11:00 to 12:30 (90) within: bad 150, observed 43,200 − 90 = 43,110.
    # 42,960 / 43,110 = 100 % − 0.347947… % = 99.652052 % < 99.95 %: 10 % of 60,000.00 / 12 = 5,000.00.
    of = given.contract(raw, annual_value=Decimal("60000.00"))
    given.monitor(of, raw, ("2026-11-05 10:00", "2026-11-05 14:00"))
    given.maintain(raw, "2026-11-05 11:00", "2026-11-05 12:30")
    row, seen = credit(given.judge("2026-11"))
    assert seen == (43_110, 150, 90, 0, 0)
    assert (row.uptime, row.amount) == (Decimal("99.652052"), Decimal("500.00"))


def test_hours_that_nobody_observed_count_neither_as_up_nor_as_down(credit, raw):
    # February has 28 × 1,440 = 40,320 minutes; no checker ran for 25 days = 36,000: observed 4,320, 44 of them down.
    # 4,276 / 4,320 = 98.981481 % < 99 %: 25 %. (With the unobserved as up it would be 99.890873 %, and 10 %.)
    of = given.contract(raw)
    given.monitor(of, raw, ("2026-02-02 12:00", "2026-02-02 12:44"))
    given.gap("2026-02-04 00:00", "2026-03-01 00:00")
    row, seen = credit(given.judge("2026-02"))
    assert seen == (4_320, 44, 0, 0, 36_000)
    assert (row.uptime, row.percent, row.amount) == (Decimal("98.981481"), 25, Decimal("2500.00"))


def test_minutes_of_overlapping_violations_count_once(credit, raw):
    # One monitor is down 00:00 to 05:00 (300), another 03:40 to 07:00 (200): together 420 minutes and not 500.
    # 42,780 / 43,200 = 99.027777 % >= 99 %: 10 %. (With 500 it would be 98.842592 %, and 25 %.)
    of = given.contract(raw)
    given.monitor(of, raw, ("2026-06-10 00:00", "2026-06-10 05:00"))
    given.monitor(of, raw, ("2026-06-10 03:40", "2026-06-10 07:00"))
    row, seen = credit(given.judge("2026-06"))
    assert seen == (43_200, 420, 0, 0, 0)
    assert (row.uptime, row.amount) == (Decimal("99.027777"), Decimal("1000.00"))


def test_after_an_amendment_in_mid_month_each_version_pays_for_its_own_days(credit, raw):
    # 500 minutes down on 3 April: 42,700 / 43,200 = 98.842592 % for the whole month, under 99 %.
    # 1 to 10 April: 120,000.00 / 12 × 10/30 = 3,333.33…, 25 % = 833.33…
    # 11 to 30 April: 180,000.00 / 12 × 20/30 = 10,000.00, 50 % = 5,000.00. Together 5,833.33 of 13,333.33.
    of = given.contract(raw)
    tiers = [{"below": "99.9", "percent": "20"}, {"below": "99", "percent": "50"}]
    given.version(raw, of, 2, "2026-04-11", annual_value=Decimal("180000.00"), credit_tiers=tiers)
    given.monitor(of, raw, ("2026-04-03 08:00", "2026-04-03 16:20"))
    row, seen = credit(given.judge("2026-04", cuts=("2026-04-11",)))
    assert seen == (43_200, 500, 0, 0, 0)
    assert (row.uptime, row.fee, row.amount) == (Decimal("98.842592"), Decimal("13333.33"), Decimal("5833.33"))
    # The percentage of it all: 5,833.33… / 13,333.33… = 43.75 %.
    assert row.percent == Decimal("43.75")
    assert [(part["version"], part["days"], part["amount"]) for part in row.proof["parts"]] == [
        (1, 10, "833.33"),
        (2, 20, "5000.00"),
    ]


def test_a_month_without_traffic_and_monitors_is_unobserved_and_comes_to_nothing(credit, raw):
    given.contract(raw)
    row, seen = credit(given.judge("2026-06"))
    assert seen == (0, 0, 0, 0, 43_200)
    assert (row.uptime, row.percent, row.amount, row.status) == (None, 0, Decimal("0.00"), "none")
    assert row.formula.startswith("Nothing was observed")


def test_a_credit_never_exceeds_the_cap(credit, raw):
    # 3,000 minutes (50 h): 40,200 / 43,200 = 93.055555 % < 95 %: 100 % of 10,000.00, but at most 30 %: 3,000.00.
    of = given.contract(raw, credit_cap=Decimal(30))
    given.monitor(of, raw, ("2026-06-10 00:00", "2026-06-12 02:00"))
    row, seen = credit(given.judge("2026-06"))
    assert seen == (43_200, 3_000, 0, 0, 0)
    assert (row.uptime, row.percent) == (Decimal("93.055555"), 100)
    assert (row.cap_amount, row.amount) == (Decimal("3000.00"), Decimal("3000.00"))


def test_minutes_excluded_with_approval_are_neither_down_nor_observed(credit, raw):
    # Down 08:00 to 09:00; 08:10 to 08:55 is excluded (45): bad 15, observed 43,155; 43,140 / 43,155 = 99.965241 %: nothing.
    # (Without the exclusion 60 of 43,200 are 99.861111 %, and 10 %.)
    of = given.contract(raw)
    given.monitor(of, raw, ("2026-06-10 08:00", "2026-06-10 09:00"))
    given.exclude(raw, of, "2026-06-10 08:10", "2026-06-10 08:55")
    row, seen = credit(given.judge("2026-06"))
    assert seen == (43_155, 15, 0, 45, 0)
    assert (row.uptime, row.amount) == (Decimal("99.965241"), Decimal("0.00"))


def test_a_contract_that_begins_in_mid_month_is_judged_and_pays_by_its_own_days(credit, raw):
    # 20 to 31 July: 12 days = 17,280 minutes, 9 down: 17,271 / 17,280 = 99.947916 % < 99.95 %: 10 %.
    # The outage of the 10th was before its time. 99,999.99 / 12 × 12/31 = 99,999.99 / 31 = 3,225.806129; 10 % = 322.5806129.
    of = given.contract(raw, starts_on="2026-07-20", annual_value=Decimal("99999.99"))
    given.monitor(of, raw, ("2026-07-10 00:00", "2026-07-10 20:00"), ("2026-07-25 23:55", "2026-07-26 00:04"))
    row, seen = credit(given.judge("2026-07", cuts=("2026-07-20",)))
    assert seen == (17_280, 9, 0, 0, 0)
    assert (row.uptime, row.fee, row.amount) == (Decimal("99.947916"), Decimal("3225.81"), Decimal("322.58"))


def test_half_a_cent_is_rounded_up(credit, raw):
    # 120,000.60 / 12 = 10,000.05; 10 % = 1,000.005: 1,000.01. 22 of 43,200 minutes: 99.949074 % < 99.95 %.
    of = given.contract(raw, annual_value=Decimal("120000.60"))
    given.monitor(of, raw, ("2026-06-10 08:00", "2026-06-10 08:22"))
    row, seen = credit(given.judge("2026-06"))
    assert seen == (43_200, 22, 0, 0, 0)
    assert (row.uptime, row.fee, row.amount) == (Decimal("99.949074"), Decimal("10000.05"), Decimal("1000.01"))
