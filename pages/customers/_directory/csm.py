"""Saying who answers for many."""

from collections.abc import Mapping
from uuid import UUID

import streamlit as st

from core.customers.tenants import bulk, queries
from core.kernel.actor import Actor
from pages._parts.moments import UNKNOWN
from pages.customers._directory import preview
from pages.customers._directory.choices import NOBODY
from pages.customers._directory.dialogs import dialogs


@st.dialog("Assign CSM", width="medium", on_dismiss=dialogs.close)
def dialog(actor: Actor, chosen: list[UUID], labels: Mapping[UUID, str]) -> None:
    """The operator, or nobody, and who answers for each tenant now."""
    found = queries.chosen(actor, chosen)
    by_label: dict[str, UUID | None] = {NOBODY: None} | {label: key for key, label in labels.items()}
    label = st.selectbox(
        "Answers for them", list(by_label), index=None, key="csm_choice", placeholder="Choose an operator"
    )
    before = [labels.get(UUID(one), UNKNOWN) if isinstance(one, str) else NOBODY for one in found["csm_id"]]
    preview.show(found, before, [label] * len(found) if label else before)
    st.caption("Who sees assigned tenants only is given them on the tenant's page, under Access.")
    if st.button("Assign", key="csm_submit", type="primary", disabled=label is None) and label is not None:
        preview.run(actor, found, bulk.assign_csm_many, csm_id=by_label[label])
