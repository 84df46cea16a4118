"""Credits and the SLA report as an operator sees them."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from core.reliability.sla import crediting
from tests.core.reliability.sla import crediting as given
from tests.core.reliability.sla import measured

JUNE = date(2026, 6, 1)
LONG = "Æther & Sons <b>Holding</b> " * 6


def texts(app) -> str:
    found = [*app.markdown, *app.info, *app.warning, *app.error, *app.caption, *app.subheader, *app.success]
    return " ".join(str(one.value) for one in found)


def keys(app) -> set[str]:
    return {one.key for one in app.button if one.key}


@pytest.fixture
def contract_id(db, raw):
    """A contract that was down for an hour of June 2026, which is judged."""
    of = given.contract(raw, tenant_id=given.tenant(raw, LONG))
    given.monitor(of, raw, ("2026-06-10 08:00", "2026-06-10 09:00"))
    given.judge("2026-06")
    given.judged_until(raw, datetime(2026, 7, 1, tzinfo=UTC))
    return of


@pytest.fixture
def credit_id(contract_id, system, raw):
    crediting.compute(system, month=JUNE)
    return str(raw("SELECT id FROM sla_credit")[0].id)


def test_credits_page_is_empty_at_first_and_refused_without_the_right(open_page, actor_of, db):
    page = open_page(actor_of("admin"), "reliability/credits")
    assert not page.exception and "There are no credits yet" in texts(page)
    assert "does not include" in texts(open_page(actor_of("support"), "reliability/credits"))


def test_credits_are_computed_listed_and_opened_with_their_proof(open_page, actor_of, contract_id, raw):
    admin = actor_of("admin")
    page = open_page(admin, "reliability/credits")
    page.button(key="compute").click().run()
    june = next(name for name in page.selectbox(key="compute_month").options if name == "June 2026")
    page.selectbox(key="compute_month").select(june)
    page.button(key="compute_submit").click().run()
    row = raw("SELECT * FROM sla_credit")[0]
    assert (row.amount, row.computed_by) == (1000, admin.operator_id)
    page = open_page(admin, "reliability/credits", month="June 2026")
    assert not page.exception and list(page.dataframe[0].value["amount"]) == ["USD 1,000.00"]
    assert page.metric[0].value == "USD 1,000.00"
    assert "No credit matches" in texts(open_page(admin, "reliability/credits", status="Issued"))
    opened = open_page(admin, "reliability/credits", credit=str(row.id))
    assert not opened.exception and opened.button(key="approve").disabled
    assert "43,200 − 60" in texts(opened)
    assert "60" in list(opened.dataframe[0].value[""])
    assert "may see" in texts(open_page(admin, "reliability/credits", credit="nothing"))


def test_a_credit_is_approved_issued_and_voided_by_the_buttons_of_its_status(open_page, actor_of, credit_id, raw):
    def status():
        return raw("SELECT status FROM sla_credit")[0].status

    page = open_page(actor_of("admin"), "reliability/credits", credit=credit_id)
    page.button(key="approve").click().run()
    assert status() == "approved" and "approve" not in keys(page)
    page.button(key="withdraw").click().run()
    page.button(key="void").click().run()
    page.button(key="void_submit").click().run()
    assert status() == "draft" and "Say why" in texts(page)
    page.text_area(key="void_reason").set_value("Waived")
    page.button(key="void_submit").click().run()
    assert status() == "void" and not keys(page) & {"approve", "issue", "void", "withdraw"}
    reader = open_page(actor_of("client_success", scope="all"), "reliability/credits", credit=credit_id)
    assert not reader.exception and not keys(reader) & {"approve", "again", "void"}


def test_report_shows_a_month_and_offers_it_as_a_file(open_page, actor_of, credit_id, contract_id, raw):
    tenant_id = raw("SELECT tenant_id FROM contract WHERE id = :id", id=contract_id)[0].tenant_id
    minutes = {"observed_minutes": 43_200, "bad_minutes": 60, "uptime_target": 99.95}
    measured.period(raw, contract_id, tenant_id, "month", given.at("2026-05-01"), observed_minutes=44_640)
    measured.period(raw, contract_id, tenant_id, "month", given.at("2026-06-01"), **minutes)
    measured.period(raw, contract_id, tenant_id, "day", given.at("2026-06-10"), bad_minutes=60)
    measured.violation(raw, contract_id, tenant_id, given.at("2026-06-10 08:00"), minutes=60)
    where = {"contract": str(contract_id), "month": "2026-06"}
    page = open_page(actor_of("admin"), "reliability/sla_report", **where)
    assert not page.exception, page.exception
    assert page.metric[0].value == "99.861 %" and "waits for approval" in texts(page)
    assert len(page.get("download_button")) == 2 and len(page.get("plotly_chart")) == 4
    without = open_page(actor_of("support_tier_1"), "reliability/sla_report", **where)
    assert not without.exception and "waits for approval" not in texts(without)
    assert all(one.proto.disabled for one in without.get("download_button"))
    unknown = open_page(actor_of("admin"), "reliability/sla_report", contract=str(uuid4()), month="2026-06")
    assert "no figures of this month" in texts(unknown)


def test_report_says_when_nothing_was_measured(open_page, actor_of, db):
    page = open_page(actor_of("admin"), "reliability/sla_report", month="2026-06")
    assert not page.exception and "Nothing was measured" in texts(page)
    assert "does not include" in texts(open_page(actor_of("hotline_operator"), "reliability/sla_report"))
