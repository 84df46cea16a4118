"""Which dialog of a page is open. It stays so over reruns, until it is done or dismissed: nothing that was typed is lost."""

from collections.abc import Callable
from typing import Any

import streamlit as st


class Dialogs:
    """The dialogs of one page; at most one of them is open."""

    def __init__(self, page: str) -> None:
        self._open, self._version = f"{page}_dialog", f"{page}_dialog_version"

    def open_now(self, name: str, version: int | None = None) -> None:
        """Opens the dialog at once; the run begins anew, so that only one is ever open."""
        st.session_state[self._open], st.session_state[self._version] = name, version
        st.rerun()

    def version(self) -> int | None:
        """What the dialog was opened on: a change that somebody made since is a conflict."""
        known: int | None = st.session_state.get(self._version)
        return known

    def is_open(self, name: str) -> bool:
        return bool(st.session_state.get(self._open) == name)

    def close(self) -> None:
        st.session_state.pop(self._open, None)

    def closing(self, said: str | Callable[[Any], str]) -> Callable[[Any], str]:
        """For `done=`: closes the dialog and says how it went."""

        def done(result: Any) -> str:
            self.close()
            return said if isinstance(said, str) else said(result)

        return done
