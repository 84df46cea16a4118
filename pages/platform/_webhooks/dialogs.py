"""Which dialog is open. It stays so over reruns, until it is done or dismissed: nothing that was typed is lost."""

from collections.abc import Callable
from typing import Any

import streamlit as st

_OPEN = "webhooks_dialog"


def open_now(name: str) -> None:
    """Opens the dialog at once; the run begins anew, so that only one is ever open."""
    st.session_state[_OPEN] = name
    st.rerun()


def is_open(name: str) -> bool:
    return bool(st.session_state.get(_OPEN) == name)


def close() -> None:
    st.session_state.pop(_OPEN, None)


def closing(said: str | Callable[[Any], str]) -> Callable[[Any], str]:
    """For `done=`: closes the dialog and says how it went."""

    def done(result: Any) -> str:
        close()
        return said if isinstance(said, str) else said(result)

    return done
