"""One call as it was: what was sent, what came back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import streamlit as st

from core.platform.webhooks.sending import READ_BYTES, Attempt
from pages._parts.moments import milliseconds
from pages.platform._webhooks import texts


def of(attempt: Attempt, url: str, body: str) -> dict[str, Any]:
    """A call that was made just now, with the columns of `queries.tests`."""
    return asdict(attempt) | {"url": url, "request_body": body, "is_success": attempt.is_success}


def verdict(call: Mapping[Any, Any]) -> None:
    """Whether the receiver took it, in one line."""
    took = milliseconds(call["duration_ms"])
    if call["is_success"]:
        st.success(f"Answered {call['status']} in {took}.", icon=":material/check_circle:")
    else:
        st.error(f"Not taken: {texts.answer(call['status'], call['error'])}, after {took}.", icon=":material/error:")


def show(call: Mapping[Any, Any], *, body: str | None = None) -> None:
    """Request and response side by side; a `body` that is shown elsewhere already is only in the call for curl."""
    sent = body if body is not None else call["request_body"]
    left, right = st.columns(2)
    with left:
        st.markdown("**Request**")
        head = f"POST {call['url']}\n{texts.lines(call['request_headers'])}"
        st.code(head if body is not None else f"{head}\n\n{texts.pretty(sent)}", language=None, wrap_lines=True)
        with st.expander("The same call with curl", icon=":material/terminal:"):
            st.code(texts.curl(call["url"], call["request_headers"], sent or ""), language="bash", wrap_lines=True)
    with right:
        st.markdown("**Response**")
        if texts.is_unknown(call["status"]):
            st.info("There was no answer.", icon=":material/cloud_off:")
            return
        answered = texts.lines(None if texts.is_unknown(call["response_headers"]) else call["response_headers"])
        st.code(
            f"{call['status']}\n{answered}\n\n{texts.pretty(call['response_body'])}", language=None, wrap_lines=True
        )
        if len((call["response_body"] or "").encode()) >= READ_BYTES:
            st.caption("The first 1,024 bytes of the body; the rest was not read.")
