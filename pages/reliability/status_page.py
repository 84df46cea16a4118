"""Status page: what the public sees of us, announced maintenance, who gets mails, and where the page is written."""

import streamlit as st

from pages._parts.frame import begin_page
from pages.reliability._status_page import components, maintenance, preview, publishing, subscribers

PARTS = {
    "components": "Components", "maintenance": "Maintenance", "subscribers": "Subscribers", "publishing": "Publishing",
    "preview": "Preview",
}  # fmt: skip
_SHOWN = {
    "components": components, "maintenance": maintenance, "subscribers": subscribers, "publishing": publishing,
    "preview": preview,
}  # fmt: skip

actor = begin_page("reliability/status_page")
part = st.segmented_control(
    "View", list(PARTS.values()), default=PARTS["components"], key="view", bind="query-params", required=True,
    label_visibility="collapsed",
)  # fmt: skip
_SHOWN[next(key for key, title in PARTS.items() if title == part)].show(actor)
