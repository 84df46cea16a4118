"""The page SLA: empty, with customers, unknown, forbidden, filters by the address."""

import pytest

from core.kernel.times import utc_now
from tests.core.kernel.test_writes import make_tenant
from tests.core.reliability.sla import measured
from tests.core.reliability.sla.measured import DAY, midnight

KEY = "reliability/sla"


@pytest.fixture
def customer(raw, system):
    def make(name: str, bad: dict[int, int], **values: object):
        tenant = make_tenant(system, name).id
        key = measured.contract(raw, tenant)
        measured.days(raw, key, tenant, bad, **values)
        measured.period(
            raw, key, tenant, "month", midnight().replace(day=1), bad_minutes=sum(bad.values()), ends_at=utc_now() + 20 * DAY,
            **values,
        )  # fmt: skip
        return key, tenant

    return make


def test_empty_page_says_so_and_others_may_not_open_it(open_page, actor_of):
    assert "Nothing was measured yet" in open_page(actor_of("support_tier_1"), KEY).info[0].value
    assert "sla:read" in open_page(actor_of("hotline_operator"), KEY).error[0].value


def test_customers_are_shown_the_nearest_to_a_breach_first_and_unknown_as_unknown(open_page, actor_of, customer, raw):
    name = "**Odd** [name](x) <b>"
    customer(name, {1: 20})
    unseen = {"observed_minutes": 0, "unobserved_minutes": 1440, "requests": 0, "errors": 0, "latency_p99_ms": None}
    customer("Dark", {}, **unseen)
    measured.watermark(raw)
    app = open_page(actor_of("support_tier_1"), KEY)
    rows = app.dataframe[0].value
    assert list(rows["tenant"]) == [name, "Dark"]
    assert [rows["uptime"].iloc[1], rows["month"].iloc[1], rows["errors"].iloc[1]] == ["–", "–", "– of 1 %"]
    assert [one[0] for one in rows["state"]] == ["Below so far", "Unknown"]
    assert rows["uptime"].iloc[0].startswith("99.9")
    assert [one.label for one in app.metric] == ["Customers measured", "Active violations", "Average uptime, 30 days"]
    manager = open_page(actor_of("admin"), KEY, text="Dark")
    assert list(manager.dataframe[0].value["tenant"]) == ["Dark"]
    assert manager.metric[3].value == "None"
    assert "No customer matches" in open_page(actor_of("support_tier_1"), KEY, state="On target").info[0].value
    assert not app.exception
