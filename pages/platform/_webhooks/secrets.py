"""A secret to hand to a receiver: shown after it was made until somebody says that he has it."""

from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.platform.webhooks import actions, signatures
from core.platform.webhooks.actions import Made
from pages.platform._webhooks.dialogs import dialogs

_KEPT, _REVEALED = "webhooks_made", "webhooks_revealed"
REVEAL = "reveal"


def keep(made: Made) -> None:
    """Keeps it in this browser tab's session until it was taken."""
    st.session_state[_KEPT] = {"name": made.webhook.name, "secret": made.secret}


def show() -> bool:
    """Shows a fresh secret over whatever page is open; says whether there was one."""
    kept = st.session_state.get(_KEPT)
    if kept is not None:
        _fresh(kept["name"], kept["secret"])
    return kept is not None


@st.dialog("Hand this to the receiver", width="medium", dismissible=False, icon=":material/key:")
def _fresh(name: str, secret: str) -> None:
    st.text(f"{name} signs its messages with this from now on.")
    values(secret)
    if st.button("I have it", key="secret_taken", type="primary"):
        st.session_state.pop(_KEPT, None)
        st.rerun()


def _forget() -> None:
    st.session_state.pop(_REVEALED, None)
    dialogs.close()


@st.dialog("Secret", width="medium", icon=":material/key:", on_dismiss=_forget)
def reveal(actor: Actor, webhook_id: UUID) -> None:
    """The present secret, asked for once per opening: each asking is in the audit."""
    if _REVEALED not in st.session_state:
        st.session_state[_REVEALED], _ = actions.reveal(actor, webhook_id)
    values(st.session_state[_REVEALED])
    if st.button("Close", key="secret_closed"):
        _forget()
        st.rerun()


def values(secret: str) -> None:
    """The secret, and for v1a the public key, which is all that the receiver needs."""
    public = signatures.public_key(secret)
    if public is not None:
        st.markdown("**Public key** for the receiver, which verifies with it:")
        st.code(public, language=None, wrap_lines=True)
        st.markdown("**Private key**, which stays here; nobody else needs it:")
        st.code(secret, language=None, wrap_lines=True)
        return
    st.markdown("**Secret**, which the receiver verifies with. Whoever has it can write messages in your name:")
    st.code(secret, language=None, wrap_lines=True)
