"""The dialogs of the tab Subscription."""

from pages._parts.dialogs import Dialogs

dialogs = Dialogs("subscription")
