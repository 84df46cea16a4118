"""Which dialog of the page Violations is open."""

from pages._parts.dialogs import Dialogs

dialogs = Dialogs("violations")
