"""The dialogs of the queue."""

from pages._parts.dialogs import Dialogs

dialogs = Dialogs("tickets_many")
