"""Acting on the incident: in a dialog, on the version on which it was opened. A conflict is told once."""

from collections.abc import Callable
from typing import Any

from core.kernel.actor import Actor
from core.kernel.errors import Conflict
from core.reliability.incidents import queries
from pages._parts.frame import run_action
from pages.reliability._incident.dialogs import dialogs

Incident = dict[str, Any]


def run(actor: Actor, incident: Incident, action: Callable[..., Any], *, done: str, **values: Any) -> None:
    """Runs the action at once."""
    run_action(action, actor, incident["id"], done=done, **values)


def in_dialog(actor: Actor, incident: Incident, action: Callable[..., Any], *, done: str, **values: Any) -> None:
    """Runs the action on the version on which the dialog was opened, and closes the dialog."""

    def act(present: Actor, incident_id: Any, **given: Any) -> Any:
        try:
            return action(present, incident_id, version=dialogs.version(), **given)
        except Conflict:
            dialogs.rebase(queries.one(present, incident_id)["version"])
            raise

    run_action(act, actor, incident["id"], done=dialogs.closing(done), **values)
