"""The dialogs of a tenant's life: making one, and what is done with it."""

from pages._parts.dialogs import Dialogs

dialogs = Dialogs("tenant_life")
