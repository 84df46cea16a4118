"""Panels of the audit page: one entry in full, and the proof of the trail."""

import pandas as pd
import streamlit as st

from core.access.audit import verifying
from core.kernel.actor import Actor


def details(entry: pd.Series) -> None:
    """One entry in full."""
    with st.container(border=True):
        st.markdown(f"**{entry['action']}** by {entry['actor_name']} ({entry['actor_role'].replace('_', ' ')})")
        facts = {
            "Reason": entry["reason"],
            "Request id": entry["request_id"],
            "Address": entry["ip"],
            "Tenant": entry["tenant_id"],
            "Entry": entry["id"],
        }
        st.caption(" · ".join(f"{name}: {value}" for name, value in facts.items() if pd.notna(value)))
        for change in entry["changes"]:
            st.markdown(f"{change['operation'].capitalize()} `{change['table']}` {change.get('id') or ''}")
            pairs = change.get("columns")
            if pairs:
                rows = [(name, _text(before), _text(after)) for name, (before, after) in pairs.items()]
                st.dataframe(pd.DataFrame(rows, columns=["Column", "Before", "After"]), hide_index=True)
            else:
                st.json({key: change[key] for key in ("statement", "values", "rows") if key in change}, expanded=False)
        if entry["details"]:
            st.json(entry["details"], expanded=False)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def prove(actor: Actor) -> None:
    """Walks the whole chain and says what it found."""
    with st.spinner("Walking the chain …"):
        proof = verifying.verify(actor)
    if proof.finding is None:
        st.success(
            f"Sound: {proof.sealed:,} sealed entries; {proof.unsealed:,} are younger than the newest seal.",
            icon=":material/verified:",
        )
    else:
        st.error(
            f"{proof.finding.kind.capitalize()} at position {proof.finding.position:,}: {proof.finding.sentence}",
            icon=":material/gpp_bad:",
        )
