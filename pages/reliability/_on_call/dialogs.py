"""The dialogs of this page."""

from pages._parts.dialogs import Dialogs

dialogs = Dialogs("on_call")
