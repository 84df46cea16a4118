"""What state a tenant is in where that is out of the ordinary, and the certificate of one that was purged."""

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.customers.tenants.purge import pdf, queries
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import clock


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """Nothing for a tenant in service."""
    if tenant["status"] == "suspended":
        st.warning(f"Suspended: {plain(str(tenant['suspension_reason']))}", icon=":material/pause_circle:")
    elif tenant["status"] == "deleted":
        _deleted(actor, tenant)
    elif tenant["status"] == "purged":
        _purged(actor, tenant)


def _deleted(actor: Actor, tenant: dict[str, Any]) -> None:
    now = utc_now()
    when = clock(tenant["deleted_at"], zone(actor), now=now) if tenant["deleted_at"] else "at an unknown time"
    why = plain(str(tenant["deletion_reason"] or "no reason was kept"))
    st.warning(f"Deleted on {when}: {why}. {_left(tenant, actor)}", icon=":material/delete:")


def _left(tenant: dict[str, Any], actor: Actor) -> str:
    until = tenant["purge_after"]
    if until is None:
        return "Its data stay until it is restored."
    left: timedelta = until - utc_now()
    if left <= timedelta():
        return "The days to restore it are over; its data are being removed."
    days = "less than a day" if left.days < 1 else "1 day" if left.days == 1 else f"{left.days} days"
    return (
        f"It can be restored until {clock(until, zone(actor), now=utc_now())} ({days} left); then its data are removed."
    )


def _purged(actor: Actor, tenant: dict[str, Any]) -> None:
    st.info("This tenant was deleted and its data were removed for good.", icon=":material/delete_forever:")
    found = queries.certificate_of(actor, tenant["id"])
    content = found["content"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Certificate of deletion", anchor=False, width="content")
        if found["problem"]:
            st.badge("Not sound", icon=":material/gpp_bad:", color="red")
        else:
            st.badge("Signature checked", icon=":material/verified_user:", color="green")
    if found["problem"]:
        st.error(found["problem"], icon=":material/gpp_bad:")
    st.caption(
        f"{found['number']} · {clock(found['issued_at'], zone(actor), now=utc_now())} · {plain(content['tenant']['name'])}"
    )
    st.metric("Rows removed", f"{content['removed_rows']:,}", border=True, width=220)
    left, right = st.columns(2)
    with left:
        _table("Removed", content["removed"], "certificate_removed")
    with right:
        _table("Kept, and why", content["kept"], "certificate_kept")
    with st.container(horizontal=True):
        st.download_button(
            "Download PDF", lambda: pdf.render(found), f"{found['number']}.pdf", "application/pdf", key="certificate_pdf",
            icon=":material/picture_as_pdf:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Download JSON", found["document"], f"{found['number']}.json", "application/json", key="certificate_json",
            icon=":material/data_object:", on_click="ignore",
        )  # fmt: skip
    with st.expander("Proof", icon=":material/key:"):
        st.caption("Ed25519 over the bytes of the JSON document; anybody can check it with the public key.")
        for label, name in (("SHA-256", "digest"), ("Signature", "signature"), ("Public key", "public_key")):
            st.text(label)
            st.code(found[name], language=None, wrap_lines=True)


def _table(title: str, rows: list[dict[str, Any]], key: str) -> None:
    st.markdown(f"**{title}**")
    if not rows:
        st.caption("Nothing.")
        return
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, key=key, column_order=["table", "rows", "reason"],
        height="content" if len(rows) < 10 else 380,
        column_config={
            "table": st.column_config.TextColumn("Table", width="medium"),
            "rows": st.column_config.NumberColumn("Rows", format="localized", width="small"),
            "reason": st.column_config.TextColumn("Why", width="large"),
        },
    )  # fmt: skip
