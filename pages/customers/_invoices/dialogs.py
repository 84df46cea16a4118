"""The dialogs of the page Invoices."""

from pages._parts.dialogs import Dialogs

dialogs = Dialogs("invoices")
