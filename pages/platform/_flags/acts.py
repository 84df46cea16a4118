"""What can be done with one flag in all its environments: settings, archive, restore."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import actions
from pages._parts.frame import run_action
from pages.platform._flags import settings, words


def of_flag(actor: Actor, flag: dict[str, Any]) -> None:
    """Settings, archive and restore."""
    is_archived = flag["archived_at"] is not None
    with st.container(horizontal=True, gap="xsmall", width="content"):
        if (
            actor.may("flags:update")
            and not is_archived
            and st.button("Settings", key="settings", icon=":material/tune:")
        ):
            settings.edit(actor, flag)
        if not actor.may("flags:delete"):
            return
        if is_archived and st.button("Restore", key="restore", icon=":material/unarchive:"):
            run_action(actions.restore, actor, flag["id"], done="Restored.")
        if not is_archived and st.button("Archive", key="archive", icon=":material/archive:"):
            archive(actor, flag)


@st.dialog("Archive flag", icon=":material/archive:")
def archive(actor: Actor, flag: dict[str, Any]) -> None:
    """Out of service everywhere; it can be restored."""
    st.markdown(
        f"**{words.plain(flag['name'])}** goes out of service in every environment. Code that still asks for it gets its "
        "own default. It can be restored."
    )
    with st.form("archive_flag", border=False):
        reason = st.text_area("Reason", key="archive_reason", max_chars=500, placeholder="Its code is gone")
        if st.form_submit_button("Archive", type="primary", key="archive_submit"):
            run_action(actions.archive, actor, flag["id"], reason=reason, version=flag["version"], done="Archived.")
