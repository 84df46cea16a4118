"""Which action a change of an incident is: one, so that all of it happens or nothing."""

from collections.abc import Mapping
from typing import Any

from api.conventions import Precondition
from api.reliability import incident_words as words
from api.reliability.incident_forms import IncidentChange
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.reliability.incidents import actions
from core.reliability.incidents.rules import LIVE

_ALONE = ("status", "severity", "assigned_to")
_WITH = {"note", "reason"}
_CLEARABLE = {"next_update_at"}


def change(actor: Actor, row: Mapping[str, Any], given: IncidentChange, match: Precondition) -> None:
    """Does what is asked for. Raises Invalid for what does not go together, and whatever the action raises."""
    sent = given.model_dump(exclude_unset=True)
    values = {name: value for name, value in sent.items() if value is not None or name in (*_CLEARABLE, "assigned_to")}
    acts = [name for name in _ALONE if name in values]
    version = match.against(lambda: int(row["version"]))
    if not acts:
        _edit(actor, row, values, version)
        return
    _require_alone(acts, values)
    {"status": _move, "severity": _grade, "assigned_to": _give}[acts[0]](actor, row, values, version)


def _require_alone(acts: list[str], values: Mapping[str, Any]) -> None:
    is_resolving = values.get("status") == "resolved"
    allowed = {acts[0], *_WITH} | ({"resolution_notes", "root_cause"} if is_resolving else set())
    others = sorted(set(values) - allowed)
    if others:
        sentence = f"Change {acts[0]} in a request of its own."
        raise Invalid(sentence, dict.fromkeys(others, sentence))


def _edit(actor: Actor, row: Mapping[str, Any], values: Mapping[str, Any], version: int | None) -> None:
    if lost := sorted(_WITH & set(values)):
        raise Invalid(f"{lost[0].capitalize()} goes with a change of status or severity, or into the timeline.")
    named = {words.COLUMNS.get(name, name): value for name, value in values.items()}
    actions.update(actor, row["id"], version=version or int(row["version"]), **named)


def _grade(actor: Actor, row: Mapping[str, Any], values: Mapping[str, Any], version: int | None) -> None:
    severity = words.severity_of(values["severity"])
    actions.set_severity(actor, row["id"], severity=severity, note=values.get("note", ""), version=version)


def _give(actor: Actor, row: Mapping[str, Any], values: Mapping[str, Any], _version: int | None) -> None:
    operator_id = values["assigned_to"]
    if operator_id is not None:
        actions.assign_role(actor, row["id"], role="lead", operator_id=operator_id)
    elif row["lead_id"] is not None:
        actions.remove_role(actor, row["id"], role="lead", operator_id=row["lead_id"])


def _move(actor: Actor, row: Mapping[str, Any], values: Mapping[str, Any], version: int | None) -> None:
    key, wanted = row["id"], values["status"]
    if wanted == "resolved":
        how, why = values.get("resolution_notes", ""), values.get("root_cause", "")
        actions.resolve(actor, key, resolution=how, root_cause=why, version=version)
    elif wanted == "closed":
        actions.close(actor, key, version=version)
    elif row["status"] not in LIVE and wanted in ("open", "investigating"):
        actions.reopen(actor, key, reason=values.get("reason", ""), version=version)
    else:
        state = "investigating" if wanted == "open" else wanted
        actions.set_status(actor, key, status=state, note=values.get("note", ""), version=version)
