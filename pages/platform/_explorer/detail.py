"""One operation: what it is, its form, the call as curl and Python, and what came back."""

import json

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.platform.explorer.operations import Operation
from core.platform.explorer.requests import Call, as_curl, as_python, build
from pages._parts.moments import milliseconds
from pages.platform._explorer import document, fields
from pages.platform._explorer.document import LARGEST_SHOWN, Answer

_COLOURS = {"GET": "blue", "POST": "green", "PUT": "orange", "PATCH": "orange", "DELETE": "red"}
_LAST = "explorer_last"


def show(actor: Actor, found: list[Operation], opened: str) -> None:
    """The operation of that id, or a sentence when there is none."""
    if st.button("All operations", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["operation"]
        st.rerun()
    operation = next((one for one in found if one.id == opened), None)
    if operation is None:
        st.warning("There is no such operation. It may have gone with a release.", icon=":material/search_off:")
        return
    _about(operation)
    left, right = st.columns([3, 2], gap="large")
    with left:
        values, text = fields.parameters(operation), fields.body(operation)
        is_ready, key = fields.credentials()
    call = _call(operation, values, text)
    with right:
        _examples(call)
    with left:
        _send(operation, call if is_ready else None, key)
    last: tuple[str, Answer] | None = st.session_state.get(_LAST)
    if last and last[0] == operation.id:
        _answer(last[1])


def _about(operation: Operation) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(operation.method, color=_COLOURS[operation.method])  # type: ignore[arg-type]
        st.code(f"/api{operation.path}", language=None, width="content")
    st.subheader(operation.summary, anchor=False)
    st.markdown(operation.description)
    if operation.is_deprecated:
        st.warning("This operation is deprecated and will go. Use its successor.", icon=":material/event_busy:")
    with st.expander("What it may answer"):
        st.table({"Status": list(operation.answers), "Meaning": list(operation.answers.values())}, hide_index=True)


def _call(operation: Operation, values: dict[tuple[str, str], object], text: str) -> Call | str:
    """The call, or the sentence that says what is missing."""
    try:
        return build(operation, values, text)
    except Invalid as error:
        return str(error)


def _examples(call: Call | str) -> None:
    if isinstance(call, str):
        st.info(call, icon=":material/edit:")
        return
    curl, python = st.tabs(["curl", "Python"])
    curl.code(as_curl(call, document.public_address()), language="bash", wrap_lines=True)
    python.code(as_python(call, document.public_address()), language="python", wrap_lines=True)
    st.caption("The key is left out: set the environment variable QUARTERDECK_KEY.")


def _send(operation: Operation, call: Call | str | None, key: str | None) -> None:
    is_meant = True
    if operation.changes:
        is_meant = st.checkbox("This call may change data. I mean to send it.", key=f"meant_{operation.id}")
    can_send = isinstance(call, Call) and is_meant
    if st.button("Send", key="send", type="primary", icon=":material/send:", disabled=not can_send):
        with st.spinner("Waiting for the answer"):
            st.session_state[_LAST] = (operation.id, document.send(call, key))  # type: ignore[arg-type]


def _answer(answer: Answer) -> None:
    st.subheader("Answer", anchor=False)
    if answer.status is None:
        st.error(answer.text, icon=":material/cloud_off:")
        return
    colour = "green" if answer.status < 300 else "blue" if answer.status < 400 else "red"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(f"{answer.status} {answer.reason}", color=colour)  # type: ignore[arg-type]
        st.caption(milliseconds(answer.took_ms))
    with st.expander("Headers"):
        st.code("\n".join(f"{name}: {value}" for name, value in answer.headers), language=None, wrap_lines=True)
    _body(answer)


def _body(answer: Answer) -> None:
    if not answer.text:
        st.caption("The answer has no body.")
        return
    kind = dict(answer.headers).get("content-type", "")
    shown = _indented(answer.text) if "json" in kind else answer.text
    st.code(shown[:LARGEST_SHOWN], language="json" if "json" in kind else None, height=420)
    if len(shown) > LARGEST_SHOWN:
        st.caption(f"The first {LARGEST_SHOWN:,} of {len(shown):,} characters.")


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
