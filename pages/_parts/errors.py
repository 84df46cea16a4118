"""What a page that raises shows: a sentence and the request id. The trace goes to the log and the error table."""

from urllib.parse import urlsplit

import streamlit as st

from core.health.errors.recording import record_error
from core.kernel.errors import ExpectedError
from core.kernel.logs import bound
from pages._parts import session


def on_script_error(error: Exception) -> bool:
    """Returns True: what there is to show has been shown."""
    if isinstance(error, ExpectedError):
        st.error(str(error), icon=":material/error:")
        return True
    known = session.request_id()
    with bound(request_id=known):
        path = urlsplit(st.context.url or "").path or "/"
        record_error(error, route=path, request_id=known, operator_id=session.operator_id())
    st.error(
        f"Something went wrong on this page. Try again; if it stays, give the platform team this request id: **{known}**",
        icon=":material/error:",
    )
    return True
