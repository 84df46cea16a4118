"""The permission table of the product: every action, what it asks for, and how grave it is."""

from core.kernel.permissions import Rule, declare

declare(
    {
        # access
        "sessions.sign_in": Rule(None, during_maintenance=True),
        "sessions.start": Rule(None, during_maintenance=True),
        "sessions.sign_out": Rule(None, during_maintenance=True),
        "sessions.change_password": Rule(None, severity="warning"),
        "sessions.set_password": Rule("operators:update", reason=True, severity="critical"),
        "sessions.end_all": Rule("sessions:update", severity="warning", during_maintenance=True),
        "operators.create_first": Rule("*", severity="critical"),
        "operators.create": Rule("operators:create", severity="warning"),
        "operators.choose_time_zone": Rule(None),
        "operators.update": Rule("operators:update", severity="warning"),
        "operators.disable": Rule("operators:update", reason=True, severity="warning"),
        "operators.enable": Rule("operators:update", severity="warning"),
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
        "jobs.run_now": Rule("jobs:update"),
        "jobs.retry": Rule("jobs:update"),
        "jobs.cancel": Rule("jobs:update", severity="warning"),
        "jobs.pause": Rule("jobs:update", severity="warning"),
        "jobs.resume": Rule("jobs:update"),
        "jobs.retry_event": Rule("jobs:update"),
        "demo.seed": Rule("*"),
    }
)
