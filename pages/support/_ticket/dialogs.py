"""The dialogs of one ticket."""

import streamlit as st

from pages._parts.dialogs import Dialogs


class TicketDialogs(Dialogs):
    """Dialogs that go on after a conflict: it is told once, and the next attempt counts on the new state."""

    def rebase(self, version: int) -> None:
        st.session_state[self._version] = version


dialogs = TicketDialogs("ticket")
