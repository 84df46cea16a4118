"""Which customer and month a report is about; both are in the address."""

from datetime import date
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.times import utc_now
from core.reliability.sla.credit_rules import previous_month

_MONTHS = 36


def month() -> date:
    """The first day of the chosen month; at first the last one that is over."""
    present = utc_now().date().replace(day=1)
    months = [present]
    while len(months) < _MONTHS:
        months.append(previous_month(months[-1]))
    names = [f"{one:%Y-%m}" for one in months]
    chosen = st.selectbox("Month", names, index=1, key="month", bind="query-params", width=180)
    return months[names.index(chosen)]


def contract(found: pd.DataFrame) -> tuple[UUID, bool]:
    """The chosen contract among those that were measured in the month, and whether it is the one that was asked for."""
    ids = [str(one) for one in found["contract_id"]]
    names = _names(found)
    asked = st.query_params.get("contract")
    chosen = st.selectbox(
        "Customer", ids, index=ids.index(asked) if asked in ids else 0, key=f"customer_{len(ids)}_{asked}",
        format_func=names.__getitem__, width=420,
    )  # fmt: skip
    if chosen != asked and (asked in ids or asked is None):
        st.query_params["contract"] = chosen
    return UUID(chosen), asked is None or asked in ids


def _names(found: pd.DataFrame) -> dict[str, str]:
    """The tenant's name; where a month has two contracts of a tenant, with the beginning of the id."""
    is_double = found["tenant_id"].duplicated(keep=False)
    rows = zip(found["contract_id"], found["tenant"], is_double, strict=True)
    return {str(key): f"{name} ({str(key)[-4:]})" if double else str(name) for key, name, double in rows}
