"""Which dialog is open. It stays so over reruns, until it is done or dismissed: nothing that was typed is lost."""

from collections.abc import Callable
from typing import Any

import streamlit as st

_OPEN, _VERSION = "keys_dialog", "keys_dialog_version"


def open_now(name: str, version: int | None = None) -> None:
    """Opens the dialog at once; the run begins anew, so that only one is ever open."""
    st.session_state[_OPEN], st.session_state[_VERSION] = name, version
    st.rerun()


def version() -> int | None:
    """What the dialog was opened on: a change that somebody made since is a conflict."""
    known: int | None = st.session_state.get(_VERSION)
    return known


def is_open(name: str) -> bool:
    return bool(st.session_state.get(_OPEN) == name)


def close() -> None:
    st.session_state.pop(_OPEN, None)


def closing(said: str) -> Callable[[Any], str]:
    """For `done=`: closes the dialog and says how it went."""

    def done(_: Any) -> str:
        close()
        return said

    return done
