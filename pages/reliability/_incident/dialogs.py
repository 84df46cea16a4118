"""The dialogs of one incident."""

import streamlit as st

from pages._parts.dialogs import Dialogs


class IncidentDialogs(Dialogs):
    """Dialogs that go on after a conflict: it is told once, and the next attempt counts on the new state."""

    def rebase(self, version: int) -> None:
        st.session_state[self._version] = version

    def will_open(self, name: str) -> None:
        """For the end of an action: the dialog is open in the run that follows."""
        st.session_state[self._open], st.session_state[self._version] = name, None


dialogs = IncidentDialogs("incident")
