"""The dialogs of the page Plans."""

from pages._parts.dialogs import Dialogs

dialogs = Dialogs("plans")
