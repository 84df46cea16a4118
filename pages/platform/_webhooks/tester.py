"""The tester: a sample, edited or not, sent once; what was sent and what came back."""

from typing import Any

import orjson
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.platform.webhooks import queries, testing
from core.platform.webhooks.catalogue import PING, catalogue
from core.platform.webhooks.rules import ADVISED_BYTES
from pages._parts.frame import run_action
from pages.platform._webhooks import choosing, exchange, texts

_RESULT = "webhooks_tested"


def show(actor: Actor) -> None:
    """Choose an endpoint, then test it."""
    webhook_id = choosing.endpoint(actor, placeholder="Choose a webhook", key="tester_endpoint")
    if webhook_id is None:
        st.info("Choose the webhook to test. A disabled one can be tested, too.", icon=":material/network_check:")
        return
    try:
        webhook = queries.one(actor, webhook_id)
    except NotFound as error:
        st.warning(str(error), icon=":material/search_off:")
        return
    bench(actor, webhook)


def bench(actor: Actor, webhook: dict[str, Any]) -> None:
    """Event, body, send; the last result stays until the next one."""
    if not actor.may("webhooks:update"):
        st.info("Sending a test takes webhooks:update. Ask an administrator.", icon=":material/lock:")
        return
    kinds = [PING, *(kind.name for kind in catalogue().values() if kind.for_tenants or webhook["tenant_id"] is None)]
    kind = st.selectbox("Event", kinds, key="test_event", width=320)
    with st.form("test_webhook", border=False):
        body = st.text_area(
            "Body", _sample(webhook, kind), height=260, key=f"test_body_{webhook['id']}_{kind}",
            help="Made-up ids. Change it as you like, as long as it is JSON.",
        )  # fmt: skip
        if st.form_submit_button("Send test", key="test_submit", type="primary", icon=":material/send:"):
            with st.spinner("Sending …"):
                run_action(_send, actor, webhook, kind, body, done=_said)
    kept = st.session_state.get(_RESULT)
    if kept and kept["webhook_id"] == webhook["id"]:
        exchange.verdict(kept["call"])
        exchange.show(kept["call"])


def _sample(webhook: dict[str, Any], kind: str) -> str:
    """Made once per endpoint and event, so that a rerun does not change what is being edited."""
    samples: dict[Any, str] = st.session_state.setdefault("webhooks_samples", {})
    place = (webhook["id"], kind)
    if place not in samples:
        made = testing.sample_of(kind, with_iris=webhook["sends_iris_headers"], tenant_id=webhook["tenant_id"])
        samples[place] = texts.pretty(made)
    return samples[place]


def _send(actor: Actor, webhook: dict[str, Any], kind: str, body: str) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"The body is not JSON ({error}). Mend it and send again.") from error
    if len(body.encode()) > 10 * ADVISED_BYTES:
        raise Invalid(f"The body is longer than {10 * ADVISED_BYTES:,} bytes. Shorten it.")
    attempt = testing.test(actor, webhook["id"], event_type=kind, body=body)
    call = exchange.of(attempt, webhook["url"], body)
    st.session_state[_RESULT] = {"webhook_id": webhook["id"], "call": call}
    return attempt.is_success


def _said(is_success: bool) -> str:
    return "Sent, and taken." if is_success else "Sent, and not taken: see below."
