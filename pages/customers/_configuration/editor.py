"""The forms that set, clear and request."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.configuration import actions
from core.customers.configuration.catalogue import SETTINGS, Setting
from core.kernel.actor import Actor
from pages._parts.dialogs import Dialogs
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages.customers._configuration import words
from pages.platform._flags import times

dialogs = Dialogs("configuration")
SET, CLEAR = "set", "clear"


def is_direct(actor: Actor, setting: Setting) -> bool:
    """Whether the actor changes the setting at once; else he asks a second person."""
    return setting.control == "direct" and actor.may("configuration:update")


def may_change(actor: Actor, setting: Setting) -> bool:
    return is_direct(actor, setting) or actor.may("configuration:propose")


def buttons(actor: Actor, tenant_id: UUID, row: Mapping[Any, Any]) -> None:
    """What can be done with the setting that is open."""
    setting = SETTINGS[row["key"]]
    if row["waiting"] or not may_change(actor, setting):
        return
    direct, has_override = is_direct(actor, setting), bool(row["version"])
    if direct:
        labels = ("Change override" if has_override else "Override", "Clear override")
    else:
        labels = ("Request a change", "Request clearing")
    version = int(row["version"])
    if st.button(labels[0], key="setting_set", icon=":material/edit:", type="primary"):
        dialogs.open_now(SET, version)
    if has_override and st.button(labels[1], key="setting_clear", icon=":material/undo:"):
        dialogs.open_now(CLEAR, version)
    if dialogs.is_open(SET):
        _set(actor, tenant_id, row)
    if dialogs.is_open(CLEAR):
        _clear(actor, tenant_id, row)


@st.dialog("Override a setting", on_dismiss=dialogs.close)
def _set(actor: Actor, tenant_id: UUID, row: Mapping[Any, Any]) -> None:
    setting, direct = SETTINGS[row["key"]], is_direct(actor, SETTINGS[row["key"]])
    st.markdown(f"**{setting.title}**  \n{setting.about}")
    with st.form("setting_form", border=False):
        value = _FIELDS[setting.kind](setting, row["value"])
        known = None if pd.isna(row["expires_at"]) else row["expires_at"].to_pydatetime()
        ends = times.pick("Until", known, zone(actor), key="setting_until", help="Empty: until somebody clears it.")
        reason = st.text_input("Reason", key="setting_reason", max_chars=500, placeholder="Asked for it in ticket 4711")
        _tell(direct)
        if st.form_submit_button("Override" if direct else "Request", type="primary", key="setting_submit"):
            wish = {"value": value, "reason": reason, "expires_at": ends, "version": dialogs.version()}
            action = actions.set_override if direct else actions.propose
            run_action(action, actor, tenant_id, setting.key, **wish, done=dialogs.closing(_done(direct)))


def _tell(direct: bool) -> None:
    if not direct:
        st.caption(":material/rate_review: A second person looks at this before it counts.")


def _done(direct: bool) -> str:
    return "Override set." if direct else "Requested. Somebody else can approve it now."


@st.dialog("Clear an override", on_dismiss=dialogs.close)
def _clear(actor: Actor, tenant_id: UUID, row: Mapping[Any, Any]) -> None:
    setting, direct = SETTINGS[row["key"]], is_direct(actor, SETTINGS[row["key"]])
    has_plan = row["plan_value"] is not None
    back = row["plan_value"] if has_plan else setting.default
    told = "not set" if setting.is_secret else plain(words.value(back, setting.unit))
    st.markdown(f"**{setting.title}** becomes {told} again, as the {'plan' if has_plan else 'default'} says.")
    with st.form("setting_clear_form", border=False):
        reason = st.text_input("Reason", key="setting_clear_reason", max_chars=500)
        _tell(direct)
        if st.form_submit_button("Clear override" if direct else "Request", type="primary", key="setting_clear_submit"):
            given = {"reason": reason, "version": dialogs.version()}
            if direct:
                done = dialogs.closing("Override cleared.")
                run_action(actions.clear_override, actor, tenant_id, setting.key, **given, done=done)
            else:
                done = dialogs.closing(_done(direct))
                run_action(actions.propose, actor, tenant_id, setting.key, operation="clear", **given, done=done)


def _boolean(setting: Setting, value: Any) -> Any:
    chosen = st.segmented_control(
        "Value", ["On", "Off"], default="On" if value else "Off", key="setting_value", required=True
    )
    return chosen == "On"


def _integer(setting: Setting, value: Any) -> Any:
    label = f"Value ({setting.unit})" if setting.unit else "Value"
    return st.number_input(label, setting.minimum, setting.maximum, int(value), 1, key="setting_value")


def _text(setting: Setting, value: Any) -> Any:
    return st.text_input("Value", value or "", key="setting_value", max_chars=setting.maximum)


def _choice(setting: Setting, value: Any) -> Any:
    return st.selectbox("Value", setting.options, setting.options.index(value), key="setting_value")


def _list(setting: Setting, value: Any) -> Any:
    return st.text_area("Value, one per line", "\n".join(value or ()), key="setting_value").splitlines()


def _secret(setting: Setting, value: Any) -> Any:
    return st.text_input(
        "New secret", key="setting_value", type="password", max_chars=setting.maximum, autocomplete="new-password",
        help="It is stored encrypted, and nobody is shown it again.",
    )  # fmt: skip


_FIELDS: Mapping[str, Callable[[Setting, Any], Any]] = {
    "boolean": _boolean, "integer": _integer, "text": _text, "choice": _choice, "list": _list, "secret": _secret,
}  # fmt: skip
