"""The report as a file: made when it is asked for, by the audited action."""

from collections.abc import Callable

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.sla import report_making
from core.reliability.sla.report import Report
from core.reliability.sla.report_making import Form
from pages._parts.downloading import deferred

_LABELS: dict[Form, tuple[str, str]] = {"pdf": ("PDF", "picture_as_pdf"), "xlsx": ("Excel", "table_view")}


def offer(actor: Actor, report: Report) -> None:
    """A button per form; who may not take files out is told so."""
    may = actor.may("exports:create")
    told = (
        "The audit keeps who took it." if may else "Your role does not take files out of the portal (exports:create)."
    )
    for form, (label, icon) in _LABELS.items():
        st.download_button(
            label, _content(actor, report, form), report_making.file_name(report, form), report_making.MIME[form],
            key=f"report_{form}", icon=f":material/{icon}:", on_click="ignore", disabled=not may, help=told,
        )  # fmt: skip


def _content(actor: Actor, report: Report, form: Form) -> Callable[[], bytes]:
    return deferred(
        actor, lambda present: report_making.create(present, report.contract_id, report.first_day, form).content
    )
