"""The dialogs of what is done with many."""

from pages._parts.dialogs import Dialogs

dialogs = Dialogs("tenants_many")
