"""Every setting that a tenant can have: what it is, what it may be, and who may change it. Pure data.

What is not said for a tenant is said by its plan (Plan.settings), and else by the default here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["boolean", "integer", "text", "choice", "list", "secret"]
Sensitivity = Literal["normal", "sensitive", "secret"]
Control = Literal["direct", "limited"]

KINDS: tuple[Kind, ...] = ("boolean", "integer", "text", "choice", "list", "secret")
AREAS = ("Sign-in", "Data and privacy", "Cases", "Messages", "API", "AI", "Interface", "Support", "Plan")


@dataclass(frozen=True, slots=True)
class Setting:
    """`minimum` and `maximum` bound an integer, or the length of a text. `control` limited: changes only with the approval
    of a second person, whoever asks (phase 12, access matrix, "Limited"). A secret is shown as set or not set alone.
    """

    key: str
    title: str
    area: str
    kind: Kind
    default: Any
    about: str
    unit: str = ""
    options: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    sensitivity: Sensitivity = "normal"
    control: Control = "direct"

    @property
    def is_secret(self) -> bool:
        return self.sensitivity == "secret"


_DOMAIN = r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+"
_ADDRESS = r"[^@\s]+@[^@\s]+\.[^@\s]+"

_ALL = (
    # Sign-in
    Setting(
        "sign_in.sso_required", "Single sign-on only", "Sign-in", "boolean", False,
        "Passwords are refused; people come in through the identity provider.", sensitivity="sensitive", control="limited",
    ),
    Setting(
        "sign_in.second_factor", "Second factor", "Sign-in", "choice", "optional", "Whether people need a second factor.",
        options=("optional", "administrators", "everybody"), sensitivity="sensitive", control="limited",
    ),
    Setting(
        "sign_in.session_minutes", "Session without activity", "Sign-in", "integer", 480,
        "After this time without activity people sign in again.", unit="minutes", minimum=5, maximum=43_200,
    ),
    Setting(
        "sign_in.password_length", "Shortest password", "Sign-in", "integer", 12, "Passwords shorter than this are refused.",
        unit="characters", minimum=8, maximum=128, sensitivity="sensitive",
    ),
    Setting(
        "sign_in.allowed_networks", "Networks people may come from", "Sign-in", "list", [],
        "Addresses or networks, such as 203.0.113.0/24; empty is from anywhere.", maximum=50,
        pattern=r"[0-9a-fA-F.:]+(/\d{1,3})?", sensitivity="sensitive", control="limited",
    ),
    Setting(
        "sign_in.email_domains", "Domains of e-mail addresses", "Sign-in", "list", [],
        "People can be invited at these domains only; empty is any.", maximum=50, pattern=_DOMAIN,
    ),
    Setting(
        "sign_in.scim_token", "Token of the directory (SCIM)", "Sign-in", "secret", None,
        "With it the tenant's directory creates and removes people.", minimum=20, maximum=500, sensitivity="secret",
        control="limited",
    ),
    # Data and privacy
    Setting(
        "data.retention_days", "Closed cases are kept", "Data and privacy", "integer", 1_095,
        "After this time a closed case is removed for good.", unit="days", minimum=30, maximum=3_650,
        sensitivity="sensitive", control="limited",
    ),
    Setting(
        "data.activity_days", "Activity log is kept", "Data and privacy", "integer", 365,
        "How long the tenant can look back at what its people did.", unit="days", minimum=30, maximum=2_555,
        sensitivity="sensitive",
    ),
    Setting(
        "data.exports", "Exports by people", "Data and privacy", "choice", "administrators",
        "Who may take the tenant's data out.", options=("nobody", "administrators", "everybody"), sensitivity="sensitive",
    ),
    Setting(
        "data.attachment_mb", "Largest attachment", "Data and privacy", "integer", 25, "Larger files are refused.",
        unit="MB", minimum=1, maximum=500,
    ),
    Setting(
        "data.analytics", "Share of anonymous statistics", "Data and privacy", "boolean", True,
        "Counts without names go into comparisons across customers.", sensitivity="sensitive",
    ),
    # Cases
    Setting(
        "cases.anonymous_reports", "Anonymous reports", "Cases", "boolean", True, "Reporters need not say who they are.",
        sensitivity="sensitive", control="limited",
    ),
    Setting(
        "cases.assignment", "Assignment of new cases", "Cases", "choice", "manual", "Who gets a new case.",
        options=("manual", "round robin", "least busy"),
    ),
    Setting(
        "cases.first_response_hours", "First response within", "Cases", "integer", 48,
        "A case that waits longer is shown as late.", unit="hours", minimum=1, maximum=720,
    ),
    Setting(
        "cases.reopen_days", "Reopening of closed cases", "Cases", "integer", 14,
        "A reply within this time reopens the case; later it makes a new one.", unit="days", minimum=0, maximum=365,
    ),
    # Messages
    Setting(
        "messages.sender_name", "Name of the sender", "Messages", "text", "", "Empty is the tenant's name.", maximum=100,
    ),
    Setting(
        "messages.reply_to", "Replies go to", "Messages", "text", "", "An e-mail address; empty is nowhere.", maximum=254,
        pattern=_ADDRESS,
    ),
    Setting(
        "messages.digest", "Summary by mail", "Messages", "choice", "weekly", "How often administrators get a summary.",
        options=("never", "daily", "weekly", "monthly"),
    ),
    Setting(
        "messages.per_minute", "Messages a minute", "Messages", "integer", 60, "More than these wait in line.",
        unit="per minute", minimum=1, maximum=10_000,
    ),
    Setting(
        "messages.smtp_password", "Password of the own mail server", "Messages", "secret", None,
        "For tenants that send through a server of their own.", minimum=1, maximum=500, sensitivity="secret",
    ),
    # API
    Setting("api.enabled", "API", "API", "boolean", False, "Whether the tenant's programs may call the API."),
    Setting(
        "api.calls_per_minute", "Calls a minute", "API", "integer", 120, "More than these are answered 429.",
        unit="per minute", minimum=1, maximum=60_000,
    ),
    Setting(
        "api.webhook_endpoints", "Webhook endpoints", "API", "integer", 3, "How many endpoints the tenant may have.",
        minimum=0, maximum=200,
    ),
    # AI
    Setting(
        "ai.enabled", "AI features", "AI", "boolean", False, "Summaries and suggestions by a language model.",
        sensitivity="sensitive", control="limited",
    ),
    Setting(
        "ai.model", "Model", "AI", "choice", "standard", "Which class of models answers.",
        options=("economy", "standard", "best"),
    ),
    Setting(
        "ai.training", "Use of data for training", "AI", "boolean", False,
        "Whether what people write may improve models.", sensitivity="sensitive", control="limited",
    ),
    # Interface
    Setting(
        "interface.language", "Language", "Interface", "choice", "en", "For people who chose none.",
        options=("en", "de", "fr", "es", "it", "nl", "pl", "pt", "ja"),
    ),
    Setting("interface.time_zone", "Time zone", "Interface", "text", "UTC", "A name such as Europe/Berlin.", maximum=64),
    Setting(
        "interface.date_format", "Form of dates", "Interface", "choice", "YYYY-MM-DD", "In lists and reports.",
        options=("YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY"),
    ),
    # Support
    Setting(
        "support.access", "Access of our support", "Support", "choice", "on request",
        "Whether our support may look into the account without being asked.", options=("never", "on request", "always"),
        sensitivity="sensitive", control="limited",
    ),
    Setting(
        "support.priority", "Priority of tickets", "Support", "choice", "normal", "Where tickets of the tenant begin.",
        options=("normal", "high", "dedicated"),
    ),
    # What a plan opens
    Setting(
        "branding.white_label", "White-label", "Plan", "boolean", False,
        "The tenant may use a domain, a logo, colours and a name of its own.",
    ),
    Setting(
        "infrastructure.dedicated", "Dedicated infrastructure", "Plan", "boolean", False,
        "The tenant may run on hosts and a database of its own.",
    ),
)  # fmt: skip

SETTINGS: Mapping[str, Setting] = {one.key: one for one in _ALL}

# What the four plans come with; the migration puts it into Plan.settings, where the plans page changes it.
PLAN_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "free": {"data.attachment_mb": 5, "messages.per_minute": 10, "api.webhook_endpoints": 0, "data.activity_days": 30},
    "basic": {"api.enabled": True, "api.calls_per_minute": 120, "messages.per_minute": 60},
    "pro": {
        "api.enabled": True, "api.calls_per_minute": 600, "messages.per_minute": 300, "api.webhook_endpoints": 20,
        "ai.enabled": True, "support.priority": "high", "data.attachment_mb": 100,
        "branding.white_label": True,
    },
    "enterprise": {
        "api.enabled": True, "api.calls_per_minute": 6_000, "messages.per_minute": 2_000, "api.webhook_endpoints": 100,
        "ai.enabled": True, "ai.model": "best", "support.priority": "dedicated", "data.attachment_mb": 500,
        "data.activity_days": 2_555, "sign_in.second_factor": "administrators",
        "branding.white_label": True, "infrastructure.dedicated": True,
    },
}  # fmt: skip
