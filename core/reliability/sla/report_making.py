"""A report leaves the portal as a file: the one way, and never without a trace."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from core.data.exports import rules
from core.data.exports.models import DataExport
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import write
from core.reliability.sla import report_pdf, report_workbook
from core.reliability.sla.report import Report, gather

Form = Literal["pdf", "xlsx"]
MIME: dict[str, str] = {"pdf": "application/pdf", "xlsx": rules.MIME["xlsx"]}
_RENDERERS: dict[str, Callable[[Report], bytes]] = {"pdf": report_pdf.render, "xlsx": report_workbook.render}


@dataclass(frozen=True, slots=True)
class Made:
    """A file of a report."""

    content: bytes
    name: str
    mime: str


def create(actor: Actor, contract_id: UUID, month: date, form: Form) -> Made:
    """The report as a file, and a record of who took it. Raises Denied, NotFound, Invalid."""
    if form not in _RENDERERS:
        raise Invalid("A report is a PDF or an Excel workbook.", {"format": "pdf or xlsx."})
    with write(actor, "sla_reports.create") as tx:
        report = gather(actor, contract_id, month)
        content = _RENDERERS[form](report)
        tx.add(DataExport(
            tenant_id=report.tenant_id, name="sla-report", format=form,
            filters={"contract_id": str(contract_id), "month": month.isoformat()}, columns=[], rows=len(report.days),
            is_truncated=False, size_bytes=len(content), created_by=actor.id, created_by_name=actor.name,
        ))  # fmt: skip
        tx.note(contract_id=str(contract_id), month=month.isoformat(), format=form)
    return Made(content, file_name(report, form), MIME[form])


def file_name(report: Report, form: Form) -> str:
    """Such as `sla-report-acme-2026-10.pdf`."""
    named = rules.clean_name(f"sla report {report.tenant}"[: rules.MAX_NAME])
    return f"{named}-{report.first_day:%Y-%m}.{form}"
