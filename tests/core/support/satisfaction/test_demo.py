"""The demo's answers: some of those who were asked, and the same for the same seed."""

from random import Random

from core.kernel.times import utc_now
from core.kernel.writes import write
from core.support.satisfaction import demo
from core.support.tickets import actions
from tests.core.customers.test_tenants import make


def test_demo_asks_about_resolved_tickets_and_some_answer(db, system, raw):
    tenant = make(system)
    for number in range(12):
        made = actions.create(system, subject=str(number), description="x", tenant_id=tenant.id, requester_name="Z")
        if number:
            actions.resolve(system, made.id, note="Done")
    raw("UPDATE ticket SET resolved_at = resolved_at - interval '20 days' WHERE resolved_at IS NOT NULL")
    with write(system, "demo.seed") as tx:
        demo.seed(tx, Random(3), utc_now())
    row = raw("SELECT count(*) AS asked, count(score) AS answered FROM survey WHERE kind = 'csat'")[0]
    assert row.asked == 11 and 0 < row.answered < 11
    assert raw("SELECT count(*) FROM ticket_mail WHERE outcome = 'sent' AND survey_id IS NOT NULL")[0].count == 11
