"""The lines of a timeline for what was collected. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

Detail = Mapping[str, Any]
Line = tuple[str, str, bool]  # kind, text, whether it belongs into the post-mortem

# Actions whose entries in the audit trail are changes that may break or mend the product. What only proposes or rejects
# changes nothing.
FLAGS = (
    "flags.create", "flags.update", "flags.configure", "flags.toggle", "flags.set_ramp", "flags.archive", "flags.restore",
    "flags.kill", "flags.revive", "flags.pause", "flags.resume", "flags.set_override", "flags.clear_override",
    "flags.expire_overrides", "flags.apply_due", "flags.approve", "flags.update_segment", "flags.delete_segment",
)  # fmt: skip
CONFIGURATION = (
    "configuration.set", "configuration.clear", "configuration.approve", "configuration.expire", "providers.create",
    "providers.update", "providers.enable", "providers.disable", "providers.reorder", "infrastructure.update",
    "infrastructure.make_ready", "infrastructure.retire", "quotas.set_override", "quotas.clear_override", "plans.update",
    "maintenance.create", "maintenance.update", "maintenance.cancel", "settings.start_maintenance",
    "settings.end_maintenance", "settings.rotate_keys",
)  # fmt: skip
ACCESS = ("emergency_access.", "impersonation.")  # beginnings of actions
_GRAVE_FLAGS = {"flags.kill", "flags.revive", "flags.toggle", "flags.pause"}
_METRICS = {
    "uptime": "uptime", "latency_p99": "latency", "error_rate": "error rate", "support_response": "support response",
}  # fmt: skip


def watched(actions: Mapping[str, Any]) -> list[str]:
    """Those of all the product's actions that timelines tell of."""
    return [name for name in actions if name in FLAGS or name in CONFIGURATION or name.startswith(ACCESS)]


def _with(text: str, *more: Any) -> str:
    return ": ".join([text, *(str(one).strip() for one in more if one and str(one).strip())])


def _alert(detail: Detail) -> Line:
    happened = str(detail["happened"])
    note = None if happened in ("opened", "reopened") else detail.get("note")
    text = _with(f"Alert {happened}", detail["summary"], note)
    return "alert", text, happened in ("opened", "resolved") and detail["severity"] == "critical"


def _deployment(detail: Detail) -> Line:
    status = str(detail["status"]).replace("_", " ")
    text = _with(f"{detail['service']} {detail['release']} deployment {status}", detail.get("summary"))
    return "deployment", text, True


def _audited(detail: Detail) -> Line | None:
    action = str(detail["action"])
    if action.startswith("flags."):
        return _flag(action, detail)
    kind = "access" if action.startswith(ACCESS) else "configuration"
    area, _, verb = action.partition(".")
    name = f"{area} {verb}".replace("_", " ").capitalize()
    details = detail.get("details") or {}
    about = details.get("setting") or details.get("to_provider")
    return kind, _with(name, about, detail.get("tenant"), detail.get("reason")), True


def _flag(action: str, detail: Detail) -> Line | None:
    """None for what touches other environments than production."""
    environment = detail.get("environment")
    if environment and "production" not in str(environment):
        return None
    verb = action.partition(".")[2].replace("_", " ")
    text = _with(f"Flag {detail.get('flag') or 'segment'}", verb, detail.get("tenant"), detail.get("reason"))
    return "flag", text, action in _GRAVE_FLAGS


def _message(detail: Detail) -> Line:
    channel = {"status_page": "Status page", "mail": "Mail", "slack": "Slack"}.get(str(detail["channel"]), "Message")
    return "message", _with(f"{channel} to {detail['audience']}", detail.get("subject")), True


def _violation(detail: Detail) -> Line:
    more = int(detail["contracts"]) - 1
    first = detail.get("tenant") or "a customer"
    also = f" and {more} more" if more > 0 else ""
    metric = _METRICS.get(str(detail["metric"]), str(detail["metric"]))
    return "violation", f"SLA violation, {metric}: {first}{also}", True


_LINES: dict[str, Callable[[Detail], Line | None]] = {
    "alert_history": _alert, "deployment": _deployment, "audit_entry": _audited, "incident_message": _message,
    "sla_violation": _violation,
    "on_call_page": lambda detail: ("page", _with("Paged", detail["policy"]), False),
    "on_call_acknowledgement": lambda _: ("page", "Page acknowledged", False),
}  # fmt: skip


def line(source: str, detail: Detail) -> Line | None:
    """None for what is not worth a line."""
    return _LINES[source](detail)
