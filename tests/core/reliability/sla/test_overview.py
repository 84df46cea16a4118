"""The overview's figures: against plain sums in Python, by filter, in sight, and unknown where nothing was observed."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.kernel.errors import Denied
from core.kernel.times import utc_now
from core.reliability.sla import courses, overview
from core.reliability.sla.overview import Filters
from tests.core.kernel.test_writes import make_tenant
from tests.core.reliability.sla import measured
from tests.core.reliability.sla.measured import DAY, midnight


@pytest.fixture
def given(raw, system):
    """Acme fell short lately, Zero was never observed, Old is no longer measured."""
    told = {}
    for name, values in (("Acme", {}), ("Zero", {"observed_minutes": 0, "unobserved_minutes": 1440, "requests": 0,
                                                 "errors": 0, "error_rate": None, "latency_p99_ms": None})):  # fmt: skip
        tenant = make_tenant(system, name).id
        key = measured.contract(raw, tenant)
        bad = {0: 20, 3: 30, 45: 100} if name == "Acme" else {}
        measured.days(raw, key, tenant, bad, **values)
        measured.period(
            raw, key, tenant, "month", midnight().replace(day=1), bad_minutes=sum(bad.values()) // 3, **values
        )
        told[name] = (key, tenant)
    old = make_tenant(system, "Old").id
    key = measured.contract(raw, old)
    measured.period(raw, key, old, "day", midnight() - 10 * DAY)
    measured.watermark(raw)
    return told | {"Old": (key, old)}


def test_figures_are_the_sums_of_the_days_and_unknown_is_last(given, actor_of):
    reader = actor_of("support_tier_1")
    found = overview.customers(reader).frame
    assert list(found["tenant"]) == ["Acme", "Zero"]
    acme, zero = found.iloc[0], found.iloc[1]
    since = utc_now() - 30 * DAY
    days = sum(midnight() - back * DAY >= since for back in range(60))
    assert acme["uptime"] == pytest.approx(100 - 100 * 50 / (days * 1440), abs=1e-9)
    assert (acme["bad_minutes"], acme["state"], acme["observed_ratio"]) == (50, "missed", 1)
    assert zero[["uptime", "margin", "error_rate", "latency_p99_ms"]].isna().all()
    assert (zero["state"], zero["observed_ratio"]) == ("unknown", 0)
    summary = overview.summary(reader)
    assert (summary.customers, summary.unknown, summary.below) == (2, 1, 1)
    assert summary.average == pytest.approx(acme["uptime"])
    course = courses.courses(reader, [given["Acme"][0], given["Zero"][0]])
    acme_course, zero_course = course[given["Acme"][0]], course[given["Zero"][0]]
    assert (len(acme_course.days), min(acme_course.days)) == (days, pytest.approx(100 - 100 * 30 / 1440))
    assert acme_course.before == pytest.approx(100 - 100 * 100 / ((60 - days) * 1440), abs=1e-4)
    assert (set(zero_course.days), zero_course.before) == ({None}, None)


def test_filters_find_by_name_state_and_end(given, actor_of):
    reader = actor_of("support_tier_1")

    def names(**values: object) -> list[str]:
        return list(overview.customers(reader, Filters(**values)).frame["tenant"])

    assert names(text="ac") == ["Acme"]
    assert names(text=str(given["Zero"][0])) == ["Zero"]
    assert names(states=("unknown",)) == ["Zero"]
    assert names(csm_id=uuid4()) == []
    assert sorted(names(with_ended=True)) == ["Acme", "Old", "Zero"]
    first = overview.customers(reader, sort="tenant", limit=1)
    second = overview.customers(reader, sort="tenant", limit=1, after=first.next)
    assert [*first.frame["tenant"], *second.frame["tenant"], second.next] == ["Acme", "Zero", None]


def test_violations_count_unless_they_were_taken_back_as_a_whole(given, raw, actor_of):
    reader, (key, tenant) = actor_of("support_tier_1"), given["Acme"]
    over = measured.violation(raw, key, tenant, utc_now() - 5 * DAY)
    half = measured.violation(raw, key, tenant, utc_now() - 6 * DAY)
    measured.violation(raw, key, tenant, utc_now() - 40 * DAY)
    last = measured.violation(raw, key, tenant, utc_now() - timedelta(hours=1), ended_at=None)
    decided = {"decision": "approved", "decided_at": utc_now()}
    measured.exclusion(raw, over, **decided)
    row = raw("SELECT started_at FROM sla_violation WHERE id = :id", id=half)[0]
    measured.exclusion(raw, half, ends_at=row.started_at + timedelta(minutes=2), **decided)
    measured.exclusion(raw, last)
    acme = overview.customers(reader).frame.iloc[0]
    assert (acme["violations"], acme["open_violations"], acme["state"]) == (2, 1, "violated")
    assert overview.summary(reader).open_violations == 1


def test_only_what_is_in_sight_is_shown(given, actor_of):
    own = actor_of("client_success")
    assert overview.customers(own).frame.empty
    assert overview.summary(own).customers == 0
    with pytest.raises(Denied):
        overview.customers(actor_of("hotline_operator"))
