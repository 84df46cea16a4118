"""Demo on-call: somebody is there now but for the one gap of the week, and pages were answered by who was called."""

from datetime import timedelta
from random import Random

from core.access.operators import demo as operators_demo
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.reliability.on_call import demo, queries
from tests.core.reliability.on_call.given import SYSTEM, incident


def test_demo_plans_are_whole_but_for_one_gap_a_week(db, raw):
    now = utc_now()
    with write(SYSTEM, "demo.seed") as tx:
        operators = operators_demo.seed(tx, Random(7), now)
    incident("sev1")
    raw("UPDATE incident SET acknowledged_at = declared_at + interval '7 minutes'")
    demo.seed(SYSTEM, Random(51), now, operators)
    shifts = queries.course(SYSTEM, start=now + timedelta(days=14), end=now + timedelta(days=21))
    gaps = shifts[shifts["operator"].isna()]
    # Eight hours by the clock, one more or less in the night in which it is changed.
    assert timedelta(hours=7) <= (gaps["ends_at"] - gaps["starts_at"]).sum() <= timedelta(hours=9)
    assert set(gaps["schedule"]) == {"Primary"}
    (page,) = raw("SELECT status, step, acknowledged_by FROM on_call_page")
    called = [row.operator_id for row in raw("SELECT operator_id FROM on_call_delivery")]
    assert (page.status, page.step, page.acknowledged_by in called) == ("acknowledged", 2, True)
