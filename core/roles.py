"""The default roles as data: the four of the admin tools and the nine internal ones, with scope and grants.

Sources: iris section 2.1 (super_admin to developer); phase 12 "Internal Roles" and "Access Control Matrix" (the rest).
The database holds them (tables role and role_grant), so that they can be changed there without a release.
"""

from dataclasses import dataclass

from core.kernel.actor import Scope


@dataclass(frozen=True, slots=True)
class Role:
    """`grants` are `resource:verb`, `resource:*` or `*`; `scope` is whose tenants the role sees."""

    title: str
    scope: Scope
    grants: frozenset[str]


def _each(resource: str, *verbs: str) -> set[str]:
    return {f"{resource}:{verb}" for verb in verbs}


# Everybody with an account sees whether the product works.
_EVERYBODY = _each("health", "read")
_READ_CUSTOMERS = _each("tenants", "read") | _each("users", "read")
_READ_HEALTH = (
    _each("alerts", "read") | _each("alert_rules", "read") | _each("monitors", "read") | _each("providers", "read")
)
_READ_PLATFORM = _each("webhooks", "read") | _each("flags", "read") | _each("api_keys", "read")
_READ_ACCOUNTS = (
    _each("plans", "read") | _each("subscriptions", "read") | _each("quotas", "read") | _each("configuration", "read")
    | _each("campaigns", "read")
)  # fmt: skip
_READ_DETAILS = _READ_ACCOUNTS | _each("invoices", "read") | _each("branding", "read") | _each("infrastructure", "read")
# What contracts are worth is told to those alone who deal with it, what was promised and kept to all who serve customers.
_READ_CONTRACTS = _each("contracts", "read") | _each("sla_credits", "read")
_READ_RELIABILITY = (
    _each("sla", "read") | _each("incidents", "read") | _each("on_call", "read") | _each("deployments", "read")
    | _each("status_page", "read")
)  # fmt: skip
_RUN_CONTRACTS = _READ_CONTRACTS | _each("contracts", "create", "update") | _each("sla", "update")
_RUN_INCIDENTS = _READ_RELIABILITY | _each("incidents", "create", "update") | _each("deployments", "create")
# Names and addresses of the tenants' people are shown in full to those alone who need them to work.
_SEE_PEOPLE = _each("users", "pii")
_EXPORT = _each("exports", "create")
# Who answers tickets, and who only opens or reads them.
_ANSWER = _each("tickets", "create", "read", "update") | _each("support_settings", "read")
_RUN_SUPPORT = _ANSWER | _each("support_settings", "update")

ROLES: dict[str, Role] = {
    "super_admin": Role("Super admin", "all", frozenset({"*"})),
    "admin": Role(
        "Admin", "all",
        frozenset(
            _EVERYBODY | _each("tenants", "create", "read", "update") | _each("users", "create", "read", "update", "delete")
            | _each("operators", "read") | _each("audit", "read") | _each("jobs", "read") | _each("errors", "read")
            | _READ_HEALTH | _each("alerts", "update") | _each("providers", "update") | _READ_PLATFORM
            | _READ_DETAILS | _SEE_PEOPLE | _EXPORT | _each("revenue", "read") | _each("plans", "create", "update")
            | _each("subscriptions", "create", "update") | _each("invoices", "create", "update")
            | _each("quotas", "update", "approve") | _each("configuration", "propose", "update", "approve")
            | _each("branding", "update") | _each("infrastructure", "create", "update") | _each("campaigns", "create", "update")
            | _RUN_SUPPORT
            | _RUN_CONTRACTS | _each("sla", "approve") | _each("sla_credits", "update", "approve")
            | _RUN_INCIDENTS | _each("incidents", "approve") | _each("on_call", "update") | _each("status_page", "update")
        ),
    ),
    "support": Role(
        "Support", "all",
        frozenset(
            _EVERYBODY | _READ_CUSTOMERS | _each("errors", "read") | _READ_HEALTH | _READ_PLATFORM
            | _READ_DETAILS | _SEE_PEOPLE | _EXPORT | _ANSWER
            | _RUN_INCIDENTS
        ),
    ),
    "developer": Role(
        "Developer", "all",
        frozenset(
            _EVERYBODY | _each("system", "read") | _each("jobs", "read", "update") | _each("errors", "read", "update")
            | _each("telemetry", "create") | _each("alerts", "read", "update")
            | _each("monitors", "create", "read", "update", "delete") | _each("providers", "create", "read", "update")
            | _each("alert_rules", "create", "read", "update", "delete")
            | _each("alert_channels", "create", "read", "update", "delete")
            | _each("webhooks", "create", "read", "update", "delete")
            | _each("flags", "create", "read", "update", "delete", "review", "kill", "evaluate")
            | _each("api_keys", "create", "read", "update", "delete") | _each("tickets", "read")
            | _RUN_INCIDENTS | _each("on_call", "update") | _each("status_page", "update")
        ),
    ),
    "support_tier_1": Role(
        "Support tier 1", "all",
        frozenset(_EVERYBODY | _READ_CUSTOMERS | _READ_ACCOUNTS | _ANSWER | _READ_RELIABILITY),
    ),
    "support_tier_2": Role(
        "Support tier 2", "all",
        frozenset(
            _EVERYBODY | _READ_CUSTOMERS | _each("errors", "read") | _READ_HEALTH | _READ_PLATFORM
            | _READ_DETAILS | _SEE_PEOPLE | _each("configuration", "propose") | _ANSWER
            | _RUN_INCIDENTS
        ),
    ),
    "support_admin": Role(
        "Support admin", "all",
        frozenset(
            _EVERYBODY | _READ_CUSTOMERS | _each("tenants", "update") | _each("users", "update")
            | _each("errors", "read", "update") | _each("audit", "read")
            | _READ_HEALTH | _each("alerts", "update") | _READ_PLATFORM
            | _READ_DETAILS | _SEE_PEOPLE | _EXPORT | _each("quotas", "update", "approve")
            | _each("configuration", "propose", "update", "approve") | _each("branding", "update")
            | _each("campaigns", "update") | _RUN_SUPPORT
            | _READ_CONTRACTS | _each("sla", "update") | _RUN_INCIDENTS | _each("incidents", "approve")
        ),
    ),
    "implementation_specialist": Role(
        "Implementation specialist", "assigned",
        frozenset(
            _EVERYBODY | _READ_CUSTOMERS | _each("flags", "read") | _READ_DETAILS | _SEE_PEOPLE
            | _each("configuration", "propose") | _each("branding", "update") | _each("infrastructure", "update")
            | _each("tickets", "create", "read")
            | _READ_RELIABILITY
        ),
    ),
    "implementation_manager": Role(
        "Implementation manager", "all",
        frozenset(
            _EVERYBODY | _READ_CUSTOMERS | _each("assignments", "create", "read", "delete") | _each("flags", "read")
            | _READ_DETAILS | _SEE_PEOPLE | _EXPORT | _each("configuration", "propose") | _each("branding", "update")
            | _each("infrastructure", "create", "update") | _each("tickets", "create", "read")
            | _READ_RELIABILITY
        ),
    ),
    "client_success": Role(
        "Client success", "assigned",
        frozenset(
            _EVERYBODY | _READ_CUSTOMERS | _each("flags", "read") | _READ_DETAILS | _SEE_PEOPLE | _EXPORT
            | _each("revenue", "read") | _each("tickets", "create", "read")
            | _READ_RELIABILITY | _RUN_CONTRACTS
        ),
    ),
    "hotline_operator": Role(
        "Hotline operator", "all",
        frozenset(
            _EVERYBODY | _each("tenants", "read") | _each("tickets", "create", "read") | _each("incidents", "read")
        ),
    ),
    "hotline_supervisor": Role(
        "Hotline supervisor", "all", frozenset(_EVERYBODY | _READ_CUSTOMERS | _ANSWER | _READ_RELIABILITY)
    ),
    "platform_admin": Role("Platform admin", "all", frozenset({"*"})),
}  # fmt: skip
