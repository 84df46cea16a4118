"""The dialogs of the page Credits."""

from pages._parts.dialogs import Dialogs

dialogs = Dialogs("credits")
