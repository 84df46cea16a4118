"""A check of what is in a form, before it is saved: the result is shown below the form, and nothing is stored of it."""

from typing import Any

import streamlit as st

from core.health.monitors import testing
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, Invalid
from core.kernel.times import utc_now
from pages._parts.markdown import plain
from pages._parts.moments import milliseconds
from pages.health._monitors import texts

_KEPT = "monitors_trial"
_SHOWN = {"up": st.success, "degraded": st.warning, "down": st.error}


def forget() -> None:
    st.session_state.pop(_KEPT, None)


def show(actor: Actor, kind: str, settings: dict[str, Any], typed: dict[str, Any], *, is_wanted: bool) -> None:
    """Runs a check when it is wanted, and shows what came of the last one as long as the settings are the same."""
    tried = (kind, repr(settings), typed["timeout_s"], typed["allows_private"])
    if is_wanted:
        _run(actor, kind, settings, typed, tried)
    kept = st.session_state.get(_KEPT)
    if kept is not None and kept["of"] == tried:
        _result(kept["outcome"])


def _run(actor: Actor, kind: str, settings: dict[str, Any], typed: dict[str, Any], tried: tuple[Any, ...]) -> None:
    forget()
    try:
        with st.spinner("Checking …"):
            outcome = testing.test(
                actor,
                kind=kind,
                settings=settings,
                timeout_s=typed["timeout_s"],
                allows_private=typed["allows_private"],
            )
    except Invalid as error:
        for sentence in list(dict.fromkeys(error.fields.values())) or [str(error)]:
            st.error(sentence, icon=":material/error:")
    except ExpectedError as error:
        st.error(str(error), icon=":material/error:")
    else:
        st.session_state[_KEPT] = {"of": tried, "outcome": outcome}


def _result(outcome: Any) -> None:
    label, icon, _ = texts.STATES[outcome.state]
    took = "" if outcome.latency_ms is None else f" in {milliseconds(outcome.latency_ms)}"
    expires = outcome.certificate_expires_at
    left = "" if expires is None else f" The certificate expires in {texts.days_left(expires, utc_now())}."
    _SHOWN[outcome.state](f"**{label}**{took}: {plain(outcome.detail)}.{left}".replace("..", "."), icon=icon)
