"""The report of a month: what it holds, and that its files say the same."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest

from core.kernel.errors import Denied, Invalid, NotFound
from core.reliability.sla import crediting, report, report_making, report_pdf, report_words, report_workbook
from core.reliability.sla.report_charts import scale_below, scale_from_zero
from tests.core.reliability.sla import crediting as given
from tests.core.reliability.sla import measured

JUNE = date(2026, 6, 1)


@pytest.fixture
def contract_id(db, raw, system):
    """A contract in Berlin that was down for an hour of June 2026, with its periods and its draft."""
    of = given.contract(raw, zone="Europe/Berlin", tenant_id=given.tenant(raw, "=Æther & Söhne 東京"))
    tenant_id = raw("SELECT tenant_id FROM contract WHERE id = :id", id=of)[0].tenant_id
    given.monitor(of, raw, ("2026-06-10 08:00", "2026-06-10 09:00"))
    given.judge("2026-06", zone="Europe/Berlin")
    given.judged_until(raw, datetime(2026, 7, 1, tzinfo=UTC))
    crediting.compute(system, month=JUNE)
    month = {"observed_minutes": 43_200, "bad_minutes": 60, "uptime_target": 99.95, "latency_p99_ms": None}
    measured.period(raw, of, tenant_id, "month", given.at("2026-05-31 22:00"), **month)
    measured.period(raw, of, tenant_id, "month", given.at("2026-03-31 22:00"), observed_minutes=0)
    measured.period(raw, of, tenant_id, "month", given.at("2026-06-30 22:00"))
    measured.period(raw, of, tenant_id, "day", given.at("2026-06-09 22:00"), bad_minutes=60)
    measured.period(raw, of, tenant_id, "day", given.at("2026-06-30 22:00"), bad_minutes=7)
    violation = measured.violation(raw, of, tenant_id, given.at("2026-06-10 08:00"), minutes=60)
    measured.exclusion(raw, violation, decision="approved", decided_at=given.at("2026-06-11"), decided_by_name="Bob")
    measured.violation(raw, of, tenant_id, given.at("2026-07-01 08:00"))
    return of


def test_a_report_holds_what_belongs_to_the_month_of_the_contracts_zone(contract_id, actor_of):
    told = report.gather(actor_of("admin"), contract_id, JUNE)
    assert (told.starts_at, told.ends_at) == (given.at("2026-05-31 22:00"), given.at("2026-06-30 22:00"))
    assert list(told.days["day"]) == [date(2026, 6, 10)] and list(told.months["day"]) == [date(2026, 4, 1), JUNE]
    assert len(told.violations) == len(told.exclusions) == len(told.credits) == 1
    uptime, latency, errors, _ = report_words.summary(told)
    # 43,140 / 43,200 = 99.861111 %.
    assert (uptime.promised, uptime.measured, uptime.is_kept) == ("at least 99.95 %", "99.861 %", False)
    assert (latency.measured, latency.is_kept, errors.is_kept) == ("–", None, True)
    assert report_words.violation_rows(told)[0][1] == "10 Jun 2026 10:00"
    assert report_words.by_month(told)[1] == ["Apr 26", "May 26", "Jun 26"]
    assert report.choices(actor_of("admin"), JUNE)["contract_id"].tolist() == [str(contract_id)]
    assert report.choices(actor_of("admin"), date(2026, 5, 1)).empty


def test_who_does_not_see_credits_or_the_tenant_does_not_find_them_in_the_report(contract_id, actor_of, system, raw):
    told = report.gather(actor_of("support"), contract_id, JUNE)
    assert told.credits is None and told.zone.key == "Europe/Berlin"
    sheets = openpyxl.load_workbook(io.BytesIO(report_workbook.render(told))).sheetnames
    assert sheets == ["Summary", "Days", "Months", "Violations"]
    with pytest.raises(NotFound):
        report.gather(actor_of("client_success", scope="assigned"), contract_id, JUNE)
    with pytest.raises(NotFound):
        report.gather(system, contract_id, date(2026, 5, 1))
    with pytest.raises(Denied):
        report.gather(actor_of("hotline_operator"), contract_id, JUNE)


def test_customers_are_told_of_a_credit_once_it_is_approved(contract_id, system, raw):
    told = report.gather(system, contract_id, JUNE)
    assert report_words.told_credits(told) == [] and "waits for approval" in report_words.credit_state(told)
    raw("UPDATE sla_credit SET status = 'approved'")
    told = report.gather(system, contract_id, JUNE)
    assert [row["amount"] for row in report_words.told_credits(told)] == [Decimal("1000.00")]
    assert report_words.credit_state(told) is None
    raw("UPDATE sla_credit SET status = 'none', amount = 0")
    assert "No credit is owed" in report_words.credit_state(report.gather(system, contract_id, JUNE))


def test_the_workbook_has_numbers_as_numbers_and_charts_of_its_own(contract_id, system, raw):
    raw("UPDATE sla_credit SET status = 'approved'")
    book = openpyxl.load_workbook(io.BytesIO(report_workbook.render(report.gather(system, contract_id, JUNE))))
    assert book.sheetnames == ["Summary", "Days", "Months", "Violations", "Credit"]
    summary, days = book["Summary"], book["Days"]
    assert summary["A2"].value == "=Æther & Söhne 東京" and summary["A2"].data_type == "s"
    assert [cell.value for cell in summary[6]] == ["Uptime", "at least 99.95 %", "99.861 %", "Missed"]
    assert len(summary._charts) == 4
    rows = {row[0].value.day: [cell.value for cell in row] for row in days.iter_rows(min_row=2)}
    assert len(rows) == 30 and rows[10][2] == 60 and rows[11][1:] == [None] * 15
    assert rows[10][6] == pytest.approx(100 * 1380 / 1440)
    assert book["Credit"]["G2"].value == 1000 and book["Violations"]["I2"].value == "A probe of ours failed"


def test_the_pdf_is_the_same_for_the_same_report_and_grows_with_its_violations(contract_id, system, raw):
    told = report.gather(system, contract_id, JUNE)
    content = report_pdf.render(told)
    assert content.startswith(b"%PDF") and content == report_pdf.render(told)
    tenant_id = told.tenant_id
    for place in range(60):
        measured.violation(raw, contract_id, tenant_id, given.at(f"2026-06-{place % 28 + 1:02d} 1{place % 10}:00"))
    more = report_pdf.render(report.gather(system, contract_id, JUNE))
    assert more.count(b"/Type /Page\n") > content.count(b"/Type /Page\n") >= 2


def test_taking_a_report_takes_the_right_and_is_kept(contract_id, actor_of, raw):
    with pytest.raises(Denied):
        report_making.create(actor_of("support_tier_1"), contract_id, JUNE, "pdf")
    with pytest.raises(Invalid):
        report_making.create(actor_of("admin"), contract_id, JUNE, "docx")
    made = report_making.create(actor_of("admin"), contract_id, JUNE, "pdf")
    assert made.name == "sla-report-ther-s-hne-2026-06.pdf"
    (kept,) = raw("SELECT * FROM data_export")
    assert (kept.name, kept.format, kept.size_bytes) == ("sla-report", "pdf", len(made.content))
    assert kept.filters == {"contract_id": str(contract_id), "month": "2026-06-01"}
    outcomes = raw("SELECT outcome FROM audit_entry WHERE action = 'sla_reports.create' ORDER BY outcome")
    assert [row.outcome for row in outcomes] == ["denied", "done"]


@pytest.mark.parametrize(
    ("values", "least", "high"), [([], 10, 10), ([3, None, 7], 10, 10), ([101], 1, 150), ([0.03], 0.01, 0.03)]
)
def test_axes_end_at_a_round_number_above_all_values(values, least, high):
    scale = scale_from_zero(values, least=least)
    assert (scale.low, scale.high) == (0, pytest.approx(high)) and scale.ticks()[-1] == pytest.approx(high)


@pytest.mark.parametrize(("values", "low"), [([], 99.9), ([99.731, None, 100], 99.7), ([50.0], 40), ([100.0], 99.9)])
def test_axes_of_shares_begin_below_the_smallest(values, low):
    scale = scale_below(values, top=100)
    assert scale.low == pytest.approx(low) and scale.share(100) == 1
