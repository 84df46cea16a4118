"""Where a message is written: by which way, to whom, from a template; whom it reaches is counted before it is sent."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.reads import as_id
from core.reliability.communication import actions, audience, queries, rules, templates
from core.reliability.incidents.rules import LIVE
from pages._parts.frame import run_action
from pages.platform._flags import tenants
from pages.reliability._incident import message_words as words
from pages.reliability._incident import reaching
from pages.reliability._incident.dialogs import dialogs
from pages.reliability._incident.message_dialogs import CHOSEN
from pages.reliability._incidents.words import STATUS

_TURN = "incident_message_turn"


def show(actor: Actor, incident: dict[str, Any]) -> None:
    """The composer; what is typed stays until it was stored, and each way has texts of its own."""
    with st.container(border=True):
        channel = st.segmented_control(
            "Tell by", list(words.CHANNEL), default="status_page", key="compose_channel", required=True,
            format_func=lambda one: f"{words.CHANNEL_ICONS[one]} {words.CHANNEL[one]}",
        )  # fmt: skip
        own = f"compose_{incident['id']}_{channel}_{st.session_state.setdefault(_TURN, 0)}"
        whom = _whom(actor, channel, own)
        _template(actor, incident, channel, whom["audience"], own)
        if channel == "status_page":
            st.session_state.setdefault(f"{own}_subject", incident["public_title"] or incident["title"])
        values = {"channel": channel, **whom, **_text(channel, own), **_shown(actor, incident, channel, own)}
        reaching.show(actor, incident, values)
        _buttons(actor, incident, values)


def _whom(actor: Actor, channel: str, own: str) -> dict[str, Any]:
    options = rules.AUDIENCES_OF[channel]
    audience_ = options[0]
    if len(options) > 1:
        audience_ = st.segmented_control(
            "To",
            options,
            default=options[0],
            key=f"{own}_audience",
            format_func=words.AUDIENCE.__getitem__,
            required=True,
        )
    given: dict[str, Any] = {"audience": audience_}
    if audience_ == "tenants":
        picked = tenants.pick_many(actor, "Customers", [], key=f"{own}_tenants")
        given["tenant_ids"] = [key for one in picked if (key := as_id(one))]
    if channel == "slack":
        known = audience.channels(actor)
        given["channel_ids"] = st.multiselect(
            "Channels", list(known), key=f"{own}_channels", format_func=known.__getitem__,
            placeholder="Choose alert channels" if known else "There is no alert channel yet: make one on Alerts, Channels",
        )  # fmt: skip
    return given


def _template(actor: Actor, incident: dict[str, Any], channel: str, audience_: str, own: str) -> None:
    found = templates.directory(actor)
    rows = {row["id"]: row for row in found[found["channel"] == channel].to_dict("records")}
    st.selectbox(
        "Template", list(rows), index=None, key=f"{own}_template", format_func=lambda key: rows[key]["name"],
        placeholder="Begin with a prepared text", on_change=_fill, args=(actor, incident, rows, audience_, own), width=420,
    )  # fmt: skip


def _fill(actor: Actor, incident: dict[str, Any], rows: dict[str, Any], audience_: str, own: str) -> None:
    """For a callback: puts the template's text, with what is known filled in, in place of what is there."""
    row = rows.get(st.session_state[f"{own}_template"] or "")
    if row is None:
        return
    status = st.session_state.get(f"{own}_status") or incident["status"]
    for field in ("subject", "body"):
        st.session_state[f"{own}_{field}"] = templates.filled(
            actor, incident["id"], row[field], status=STATUS[status].lower(), is_public=audience_ != "internal"
        )


def _text(channel: str, own: str) -> dict[str, Any]:
    label = {"status_page": "Title on the status page", "mail": "Subject", "slack": "Headline"}[channel]
    subject = st.text_input(label, key=f"{own}_subject", max_chars=rules.MAX_SUBJECT)
    body = st.text_area("Text", key=f"{own}_body", height=150, max_chars=rules.MAX_BODY)
    return {"subject": subject, "body": body}


def _shown(actor: Actor, incident: dict[str, Any], channel: str, own: str) -> dict[str, Any]:
    """What the status page shows beside the text, and when the next one comes."""
    given: dict[str, Any] = {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        given["next_update_minutes"] = st.selectbox(
            "Next update in",
            list(words.SPANS),
            index=2 if incident["status"] in LIVE else 0,
            key=f"{own}_next",
            format_func=words.SPANS.__getitem__,
            width=150,
        )
        if channel == "status_page":
            states = list(STATUS)
            given["incident_status"] = st.selectbox(
                "State shown", states, states.index(incident["status"]), key=f"{own}_status", format_func=STATUS.__getitem__,
                width=160,
            )  # fmt: skip
            given["components"] = _components(actor, own)
    return given


def _components(actor: Actor, own: str) -> dict[str, str]:
    known = queries.components(actor)
    if not known:
        return {}
    chosen = st.multiselect(
        "Components", list(known), key=f"{own}_components", format_func=known.__getitem__, width=280,
        placeholder="Leave as they are",
    )  # fmt: skip
    state = st.selectbox(
        "Show them as", list(words.COMPONENT), 3, key=f"{own}_state", format_func=words.COMPONENT.__getitem__, width=200,
        disabled=not chosen,
    )  # fmt: skip
    return dict.fromkeys(chosen, state)


def _buttons(actor: Actor, incident: dict[str, Any], values: dict[str, Any]) -> None:
    is_asked = rules.needs_approval(incident["severity"], values["audience"])
    if is_asked:
        st.caption(":material/verified_user: A SEV1: somebody else approves this before it is sent.")
    with st.container(horizontal=True):
        if is_asked:
            if st.button("Ask for approval", key="compose_submit", type="primary", icon=":material/how_to_reg:"):
                _write(actor, incident, values, _then("Waits for approval."))
        elif st.button("Look and send", key="compose_send", type="primary", icon=":material/preview:"):
            _write(actor, incident, values, _then("Look at it once more.", "send"))
        if st.button("Save as draft", key="compose_draft", icon=":material/save:"):
            _write(actor, incident, values | {"is_draft": True}, _then("Draft saved."))


def _write(actor: Actor, incident: dict[str, Any], values: dict[str, Any], done: Callable[[Any], str]) -> None:
    run_action(actions.compose, actor, incident["id"], done=done, **values)


def _then(said: str, dialog: str | None = None) -> Callable[[Any], str]:
    """Begins the next message empty, and opens the dialog that sends this one."""

    def done(message: Any) -> str:
        st.session_state[_TURN] += 1
        if dialog is not None:
            st.session_state[CHOSEN] = UUID(str(message.id))
            dialogs.will_open(dialog)
        return said

    return done
