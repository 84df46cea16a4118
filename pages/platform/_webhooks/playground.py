"""The signature playground: why does a signature fail, and what should it be?"""

from datetime import UTC, datetime
from uuid import uuid4

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.times import utc_now
from core.platform.webhooks import actions, diagnosis, messages, signatures, testing
from core.platform.webhooks.catalogue import PING
from pages.platform._webhooks import choosing, texts

_VERIFY, _SIGN = "Verify a message", "Sign a body"
_ICONS = {
    True: (":green", ":material/check_circle:"),
    False: (":red", ":material/cancel:"),
    None: (":orange", ":material/lightbulb:"),
}


def show(actor: Actor) -> None:
    """Secret and body for both; headers to verify, or headers that result."""
    _take()
    mode = st.segmented_control(
        "What", [_VERIFY, _SIGN], default=_VERIFY, key="mode", required=True, label_visibility="collapsed"
    )
    st.caption("Nothing that you paste here is stored or sent.")
    _secret(actor)
    if mode == _VERIFY:
        _verify()
    else:
        _sign()


def _secret(actor: Actor) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Secret", key="play_secret", type="password", autocomplete="off", width=340, persist_state="page",
            placeholder="whsec_…, or whpk_… / whsk_… for v1a",
        )  # fmt: skip
        if actor.may("webhooks:update"):
            webhook_id = choosing.endpoint(
                actor, placeholder="Or take that of a webhook", key="play_endpoint", width=240
            )
            if st.button("Use its secret", key="play_use", icon=":material/key:", disabled=webhook_id is None):
                st.session_state["play_taken"] = actions.reveal(actor, webhook_id)[0] if webhook_id else ""
                st.rerun()
        st.button("Fill in an example", key="play_example", icon=":material/auto_fix_high:", on_click=_example)


def _take() -> None:
    """Puts a secret that was asked for into its field, which must not be drawn yet in this run."""
    taken = st.session_state.pop("play_taken", None)
    if taken:
        st.session_state["play_secret"] = taken


def _example() -> None:
    secret = signatures.new_secret("v1")
    body, message = testing.sample_of(PING), messages.message_id(uuid4())
    headers = signatures.headers_of(
        message_id=message, at=utc_now(), body=body.encode(), secrets=[secret], event_type=PING
    )
    st.session_state["play_secret"], st.session_state["play_body"] = secret, body
    st.session_state["play_headers"] = texts.lines(headers)


def _verify() -> None:
    left, right = st.columns(2)
    with left:
        headers = st.text_area(
            "Headers", key="play_headers", height=220, persist_state="page",
            placeholder="webhook-id: msg_…\nwebhook-timestamp: 1767225600\nwebhook-signature: v1,…",
        )  # fmt: skip
    with right:
        body = st.text_area(
            "Body, byte for byte", key="play_body", height=220, persist_state="page", placeholder='{"type": …}'
        )
    if not st.button("Verify", key="play_verify", type="primary", icon=":material/fact_check:"):
        return
    for finding in diagnosis.diagnose(
        st.session_state["play_secret"], diagnosis.parse_headers(headers), body, now=utc_now()
    ):
        colour, icon = _ICONS[finding.is_fine]
        st.markdown(f"{colour}[{icon}] {texts.plain(finding.sentence)}")


def _sign() -> None:
    body = st.text_area(
        "Body, byte for byte", key="play_body", height=220, persist_state="page", placeholder='{"type": …}'
    )
    left, right = st.columns(2)
    message = left.text_input("webhook-id", key="play_id", placeholder="Empty: a new one")
    stamp = right.text_input("webhook-timestamp", key="play_stamp", placeholder="Empty: now")
    if not st.button("Sign", key="play_sign", type="primary", icon=":material/draw:"):
        return
    try:
        headers = _signed(st.session_state["play_secret"], body, message.strip(), stamp.strip())
    except Invalid as error:
        st.error(str(error), icon=":material/error:")
        return
    st.code(texts.lines(headers), language=None, wrap_lines=True)


def _signed(secret: str, body: str, message: str, stamp: str) -> dict[str, str]:
    """The headers. Raises Invalid for a timestamp that is none, and for a secret that cannot sign."""
    if stamp and not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        raise Invalid("The timestamp is a whole number of seconds since 1970.")
    at = datetime.fromtimestamp(int(stamp), UTC) if stamp else utc_now()
    if secret.strip().startswith(signatures.PUBLIC_KEY):
        raise Invalid("A public key only verifies. Signing takes the private key, which begins with whsk_.")
    signatures.key_bytes(secret)
    return signatures.headers_of(
        message_id=message or messages.message_id(uuid4()), at=at, body=body.encode(), secrets=[secret.strip()], event_type=PING,
        with_iris=True,
    )  # fmt: skip
