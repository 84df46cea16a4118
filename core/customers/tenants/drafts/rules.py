"""What a draft of a new tenant may hold. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.customers.tenants import rules
from core.kernel.errors import Invalid

STEPS = {
    "identity": ("name", "domain"),
    "plan": ("tier", "interval", "seats"),
    "region": ("region",),
    "owner": ("owner_name", "owner_email"),
    "trial": ("is_trial", "trial_ends_on"),
}
FIELDS = tuple(field for fields in STEPS.values() for field in fields)
MAX_TEXT = 500


def clean(step: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept: as they were typed, so that nothing is lost; only of known fields. Raises Invalid."""
    if step not in STEPS:
        raise Invalid("This is no step of the form for a new tenant.")
    kept = {field: values[field] for field in FIELDS if values.get(field) is not None}
    if any(isinstance(value, str) and len(value) > MAX_TEXT for value in kept.values()):
        raise Invalid(f"A field takes {MAX_TEXT} characters at most.")
    return {field: value.isoformat() if isinstance(value, date) else value for field, value in kept.items()}


def require_step(step: str, values: Mapping[str, Any], today: date) -> None:
    """That everything which belongs to the step is right. Raises one Invalid that names every bad field of it."""
    if step == "owner":
        rules.clean_owner(str(values.get("owner_name") or ""), str(values.get("owner_email") or ""))
    elif step == "trial":
        if values.get("is_trial"):
            rules.require_future(values.get("trial_ends_on") or today, today)
    else:
        rules.clean({field: values.get(field, "") for field in STEPS[step] if field != "interval"})
