"""What a page that raises shows: a sentence and the request id. The trace goes to the log and the error table."""

import streamlit as st

from core.health.errors.recording import record_error
from core.kernel.errors import ExpectedError
from core.kernel.logs import current_request_id


def on_script_error(error: Exception) -> bool:
    """Returns True: what there is to show has been shown."""
    if isinstance(error, ExpectedError):
        st.error(str(error), icon=":material/error:")
        return True
    record_error(error, route=st.context.url or "page")
    st.error(
        "Something went wrong on this page, and nothing was changed by it. Try again; if it stays, give the platform team"
        f" this request id: **{current_request_id()}**",
        icon=":material/error:",
    )
    return True
