"""The permission table of the product: every action, what it asks for, and how grave it is."""

from core.kernel.permissions import Rule, declare

declare(
    {
        # access (sign-in, operators)
        # customers
        "tenants.create": Rule("tenants:create"),
        "tenants.update": Rule("tenants:update"),
        "tenants.update_many": Rule("tenants:update"),
        "tenants.suspend": Rule("tenants:update", reason=True, severity="warning"),
        "tenants.reactivate": Rule("tenants:update", severity="warning"),
        "tenants.assign_operator": Rule("assignments:create", severity="warning"),
        "tenants.unassign_operator": Rule("assignments:delete", severity="warning"),
        "tenants.queue_notice": Rule("notices:create"),
        "tenants.mark_notice": Rule("notices:update"),
        "users.create": Rule("users:create"),
        # platform
        "settings.start_maintenance": Rule(
            "settings:create", reason=True, severity="critical", during_maintenance=True
        ),
        "settings.end_maintenance": Rule("settings:update", severity="critical", during_maintenance=True),
        "settings.rotate_keys": Rule("settings:update", severity="critical"),
        "demo.seed": Rule("*"),
    }
)
