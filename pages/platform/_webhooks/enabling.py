"""The way back of a disabled endpoint: first a test, then it is enabled."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.times import utc_now
from core.platform.webhooks import actions, queries, testing
from core.platform.webhooks.catalogue import PING
from pages._parts.frame import run_action, zone
from pages._parts.moments import clock
from pages.platform._webhooks import exchange, texts

_PROBED = "webhooks_probed"


def banner(actor: Actor, webhook: dict[str, Any]) -> None:
    """Why it is disabled, since when, what waits, and the way back."""
    by_itself = texts.is_unknown(webhook["disabled_by"])
    who = "The portal disabled this webhook" if by_itself else "This webhook is disabled"
    since = clock(webhook["disabled_at"], zone(actor), now=utc_now())
    waiting = queries.waiting_count(actor, webhook["id"])
    held = (
        f"{texts.count(waiting, 'message')} {'waits' if waiting == 1 else 'wait'} and will be sent when it is enabled. "
    )
    said = (
        f"**{who}, since {since}.** {texts.plain(webhook['disabled_reason'] or '')}  \n"
        f"{held if waiting else 'No message waits. '}What happens meanwhile is not kept for it."
    )
    (st.error if by_itself else st.warning)(said, icon=":material/block:")
    if actor.may("webhooks:update"):
        _ways(actor, webhook)


def _ways(actor: Actor, webhook: dict[str, Any]) -> None:
    row = st.container(horizontal=True)
    if row.button("Test and enable", key="enable", type="primary", icon=":material/network_check:"):
        with st.spinner("Testing …"):
            run_action(_test_and_enable, actor, webhook, done="The test was answered well. Enabled.")
    probed = st.session_state.get(_PROBED, {})
    if probed.get("webhook_id") != webhook["id"]:
        return
    if row.button("Enable anyway", key="enable_anyway", icon=":material/play_arrow:"):
        run_action(_enable, actor, webhook["id"], done="Enabled.")
    if "call" in probed:
        exchange.verdict(probed["call"])
        exchange.show(probed["call"])


def _test_and_enable(actor: Actor, webhook: dict[str, Any]) -> None:
    probed = st.session_state[_PROBED] = {"webhook_id": webhook["id"]}
    body = testing.sample_of(PING, with_iris=webhook["sends_iris_headers"], tenant_id=webhook["tenant_id"])
    attempt = testing.test(actor, webhook["id"], body=body)
    if not attempt.is_success:
        probed["call"] = exchange.of(attempt, webhook["url"], body)
        raise Invalid(
            "The test failed, so the webhook stays disabled. Mend the receiver and test again, or enable it anyway."
        )
    _enable(actor, webhook["id"])


def _enable(actor: Actor, webhook_id: UUID) -> None:
    actions.enable(actor, webhook_id)
    st.session_state.pop(_PROBED, None)
