"""Which dialog about people is open."""

from pages._parts.dialogs import Dialogs

dialogs = Dialogs("users")
