"""The flags of the demo company: every kind and every state, with what their rules say."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """`production` are values of the environment; staging is on for everybody. `age` and `quiet` are days since the flag
    was made and production last changed, `daily` evaluations a day, `expires` days from now."""

    key: str
    name: str
    description: str
    age: int
    quiet: int
    daily: int
    production: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    role: str = "developer"
    expires: int | None = None
    ramp: tuple[tuple[int, float], ...] = ()
    enable_in: int | None = None
    held: tuple[str, str] | None = None


def _when(attribute: str, operator: str, *values: Any) -> dict[str, Any]:
    return {"attribute": attribute, "operator": operator, "values": list(values)}


def _rule(
    description: str,
    *conditions: dict[str, Any],
    serve: str = "on",
    segment: str | None = None,
    percentage: float = 100,
) -> dict[str, Any]:
    return {"id": description.lower().replace(" ", "-")[:40] or segment, "description": description, "segment": segment,
            "conditions": list(conditions), "serve": {"variant": serve}, "percentage": percentage}  # fmt: skip


SEGMENTS: tuple[dict[str, Any], ...] = (
    {"key": "beta-testers", "name": "Beta testers", "description": "Signed the beta agreement: paying and in Europe.",
     "conditions": [_when("plan", "in", "pro", "enterprise"), _when("region", "in", "EU")]},
    {"key": "enterprise", "name": "Enterprise", "description": "Contracts with a service level.",
     "conditions": [_when("plan", "in", "enterprise")]},
    {"key": "own-people", "name": "Own people", "description": "Colleagues, wherever they sign in.", "match": "any",
     "conditions": [_when("email", "ends_with", "@quarterdeck.example"), _when("user_id", "starts_with", "internal-")]},
    {"key": "recent-app", "name": "Recent app", "description": "Mobile app 4.2 or later.",
     "conditions": [_when("app_version", "semver_gte", "4.2.0")]},
)  # fmt: skip

_ON = {"is_enabled": True, "rollout_percentage": 100}
_GUARD = {"metric": "api_error_ratio", "bound": 0.05, "direction": "above", "minimum": 200}

_PILOT = _rule("Pilot in Europe", _when("region", "in", "EU"), segment="enterprise", percentage=50)
_FIRED = (
    "Guardrail fired. Share of API requests that fail was 7.31% over 10 min (1,984 measured), above the bound of 5.00%."
)

EXAMPLES: tuple[Example, ...] = (
    Example("onboarding-checklist", "Onboarding checklist", "The list of first steps on the home page.", 310, 140, 0,
            {"is_enabled": False}, role="platform_admin", expires=-30),
    Example("message-priority-queue", "Message priority queue", "Transactional messages overtake campaigns.", 260, 74, 41_000,
            _ON),
    Example("sms-failover", "SMS failover", "A second provider takes over when the first one is slow.", 240, 21, 9_200,
            {"is_enabled": True, "rules": [_rule("", segment="enterprise")], "guardrails": [_GUARD]},
            {"is_protected": True, "config": {"timeout_ms": 4000, "provider": "second"}}, role="platform_admin"),
    Example("legacy-csv-export", "Legacy CSV export", "The export of before 2.0, for those who asked to keep it.", 420, 118, 12,
            {"is_enabled": False}),
    Example("new_campaign_builder", "New campaign builder", "Drag and drop in place of the form.", 35, 4, 5_300,
            {"is_enabled": True, "rules": [_rule("", segment="beta-testers")], "rollout_percentage": 10, "guardrails": [_GUARD]},
            expires=60, ramp=((2, 25), (5, 50), (9, 100))),
    Example("ai_powered_routing", "AI-powered routing", "A model chooses the channel of each message.", 50, 9, 2_900,
            {"is_enabled": True, "rules": [_PILOT],
             "prerequisites": [{"flag": "message-priority-queue", "variants": ["on"]}]}),
    Example("ai_interview_assistant", "AI interview assistant", "Suggests questions while an interview runs.", 80, 30, 1_450,
            {"is_enabled": True, "serve": {"split": {"small": 3, "large": 1}}, "rollout_percentage": 25},
            {"kind": "json", "off_variant": "none", "variants": {
                "none": {"model": None, "max_suggestions": 0}, "small": {"model": "small", "max_suggestions": 3},
                "large": {"model": "large", "max_suggestions": 5}}}),
    Example("checkout-button", "Checkout button", "Which words make people upgrade.", 28, 12, 8_800,
            {"is_enabled": True, "serve": {"split": {"upgrade": 1, "start-trial": 1, "compare": 1}}, "rollout_percentage": 60},
            {"kind": "multivariate", "unit": "user", "off_variant": "upgrade", "variants": {
                "upgrade": "Upgrade", "start-trial": "Start a trial", "compare": "Compare plans"}}, expires=21),
    Example("api-page-size", "API page size", "Rows per page of the public API, by plan.", 190, 44, 12_500,
            {"is_enabled": True, "rules": [_rule("Enterprise", _when("plan", "in", "enterprise"), serve="large"),
                                           _rule("Paying", _when("plan", "in", "pro"), serve="medium")]},
            {"kind": "multivariate", "off_variant": "small", "variants": {"small": 50, "medium": 200, "large": 1000}}),
    Example("dark-mode", "Dark mode", "The dark theme of the customer's own pages.", 66, 16, 15_300,
            {"is_enabled": True, "rules": [_rule("", segment="own-people")], "rollout_percentage": 50}, {"unit": "user"}),
    Example("eu-data-residency", "EU data residency", "Attachments stay in the region of the tenant.", 150, 61, 3_700,
            {"is_enabled": True, "rules": [_rule("Tenants in the EU", _when("region", "in", "EU"))]},
            {"is_protected": True}, role="platform_admin"),
    Example("realtime-dashboard", "Realtime dashboard", "Figures by the second over a socket.", 40, 2, 6_100,
            {**_ON, "rollout_percentage": 40}, held=("kill", "Sockets exhausted the load balancer")),
    Example("bulk-import-v2", "Bulk import v2", "Imports run as jobs and can be resumed.", 24, 1, 640,
            {"is_enabled": True, "rollout_percentage": 30, "guardrails": [_GUARD]},
            held=("pause", _FIRED)),
    Example("webhook-batching", "Webhook batching", "Several events in one delivery.", 12, 3, 90,
            {"rollout_percentage": 20}, {"config": {"most": 50, "wait_ms": 250}}, enable_in=1),
    Example("whatsapp-channel", "WhatsApp channel", "Messages over WhatsApp, for pilots only.", 44, 6, 380, {"is_enabled": True}),
    Example("summer-banner", "Summer banner", "The banner of the summer offer.", 130, 75, 0, {**_ON, "rollout_percentage": 80},
            expires=-48),
)  # fmt: skip
