"""The dialogs of this page."""

from pages._parts.dialogs import Dialogs

dialogs = Dialogs("status_page")
