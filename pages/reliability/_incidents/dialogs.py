"""The dialogs of the list of incidents, and the one that declares one, which other pages show as well."""

from pages._parts.dialogs import Dialogs

dialogs = Dialogs("incidents")
declaring_dialogs = Dialogs("incident_declare")
