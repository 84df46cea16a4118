"""A tenant's logo: shown, replaced, removed."""

from typing import Any

import streamlit as st

from core.customers.branding import actions, logos
from core.customers.branding.logos import Logo
from core.kernel.actor import Actor
from pages._parts.frame import run_action
from pages._parts.moments import size

_LIMITS = (
    f"PNG or JPEG, {logos.LEAST_SIDE} to {logos.MOST_SIDE:,} pixels a side, at most {logos.MAX_BYTES // 1024} KiB. "
    "SVG is not taken, because it can carry scripts. The picture is drawn anew: nothing but its pixels is kept."
)


def show(
    actor: Actor, tenant: dict[str, Any], logo: Logo | None, version: int, *, can_edit: bool, can_remove: bool
) -> None:
    """What is there, and where the plan and the rights allow it, what can be done with it."""
    st.subheader("Logo", anchor=False)
    if logo is None:
        st.caption("The tenant has no logo of its own.")
    else:
        kind = logo.media_type.removeprefix("image/").upper()
        st.image(logo.content, width=min(logo.width, 240))
        st.caption(f"{kind}, {logo.width:,} × {logo.height:,} pixels, {size(logo.size_bytes)}")
        if can_remove:
            _remove(actor, tenant, version)
    if can_edit:
        _replace(actor, tenant, version)


def _remove(actor: Actor, tenant: dict[str, Any], version: int) -> None:
    with st.popover("Remove logo", icon=":material/delete:"):
        st.write("The product's own logo is shown again. Upload the picture again to bring it back.")
        if st.button("Remove logo", key="logo_remove", type="primary"):
            run_action(actions.remove_logo, actor, tenant["id"], version=version, done="Removed.")


def _replace(actor: Actor, tenant: dict[str, Any], version: int) -> None:
    given = st.file_uploader("New logo", key=f"logo_file_{version}", max_upload_size=1, help=_LIMITS)
    st.caption(_LIMITS)
    if st.button("Save logo", key="logo_save", disabled=given is None) and given is not None:
        content = given.getvalue()
        run_action(actions.set_logo, actor, tenant["id"], content=content, version=version, done="Logo saved.")
