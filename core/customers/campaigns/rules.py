"""What may be said of a campaign. Pure."""

from core.kernel.errors import Invalid

STATUSES = ("draft", "running", "paused", "finished")
IN_SERVICE = ("active", "trial")
MAX_NAME = 200
MAX_ID = 200


def clean_name(text: str) -> str:
    """The name without needless spaces. Raises Invalid."""
    return _clean(text, "name", MAX_NAME)


def clean_id(text: str) -> str:
    """The product's id of a campaign. Raises Invalid."""
    return _clean(text, "external_id", MAX_ID)


def _clean(text: str, field: str, most: int) -> str:
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned) > most or not cleaned.isprintable():
        sentence = f"The {field.replace('_', ' ')} of a campaign has 1 to {most} characters."
        raise Invalid(sentence, {field: sentence})
    return cleaned


def require_status(status: str) -> None:
    """Raises Invalid for a status that is none."""
    if status not in STATUSES:
        sentence = f"A campaign is {', '.join(STATUSES[:-1])} or {STATUSES[-1]}."
        raise Invalid(sentence, {"status": sentence})


def status_for(wanted: str, tenant_status: str) -> tuple[str, bool]:
    """The status that is kept of the one that is wanted, and whether it is so because the tenant is out of service."""
    is_held = wanted == "running" and tenant_status not in IN_SERVICE
    return ("paused", True) if is_held else (wanted, False)
