"""Import of a CSV file: what it would do, row by row, before anything is kept."""

import pandas as pd
import streamlit as st

from core.customers.invoices import importing, parsing
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from pages._parts.frame import run_action
from pages._parts.moments import UNKNOWN
from pages.customers._invoices.dialogs import dialogs
from pages.customers._plans import words

_EXAMPLE = (
    f"{','.join((*parsing.REQUIRED, *parsing.OPTIONAL))}\n"
    "INV-17,acme.example,2027-03-01,Pro a month,199.00,"
    "2027-03-15,USD,paid,2027-03-04,0.00,199.00,2027-03-01,2027-04-01,1,199.00\n"
)


@st.dialog("Import invoices", width="large", on_dismiss=dialogs.close, icon=":material/upload_file:")
def form(actor: Actor) -> None:
    """A file, what it would do, and doing it."""
    st.caption(
        "One row per line of an invoice; rows of one external_id are one invoice. tenant is an id or a domain."
        " What is there already stays as it is, so a file can be sent again."
    )
    st.download_button(
        "Example", _EXAMPLE, "invoices.csv", "text/csv", key="import_example", icon=":material/description:"
    )
    file = st.file_uploader("CSV file", type="csv", key="import_file", max_upload_size=parsing.MAX_BYTES // 1_000_000)
    if file is None:
        return
    data = file.getvalue()
    try:
        judged = importing.preview(actor, data)
    except ExpectedError as error:
        st.error(str(error), icon=":material/error:")
        return
    fresh = _summary(judged)
    label = f"Import {fresh:,} invoice{'' if fresh == 1 else 's'}"
    if st.button(label, type="primary", key="import_submit", disabled=not fresh):
        run_action(importing.import_many, actor, data, done=dialogs.closing(_said))


def _summary(judged: pd.DataFrame) -> int:
    counts = judged["outcome"].value_counts()
    with st.container(horizontal=True):
        for outcome in importing.OUTCOMES:
            st.metric(outcome.capitalize(), f"{int(counts.get(outcome, 0)):,}", border=True)
    ranks = judged["outcome"].map({"refused": 0, "new": 1, "known": 2})
    refused_first = judged.assign(rank=ranks).sort_values("rank", kind="stable")
    totals = [words.money(row["total"], row["currency"]) for row in refused_first.to_dict("records")]
    st.dataframe(
        refused_first.assign(total=totals)[["rows", "external_id", "tenant", "total", "outcome", "problem"]].head(500),
        hide_index=True, key="import_rows", placeholder=UNKNOWN, height=320,
        column_config={"rows": "Rows", "external_id": "External id", "tenant": "Tenant", "total": "Total", "outcome": "Outcome",
                       "problem": st.column_config.TextColumn("Problem", width="large")},
    )  # fmt: skip
    return int(counts.get("new", 0))


def _said(judged: pd.DataFrame) -> str:
    counts = judged["outcome"].value_counts()
    return f"Imported {int(counts.get('new', 0)):,}, refused {int(counts.get('refused', 0)):,}."
