"""What can be done with feature flags."""

from core.platform.flags.actions.due import apply_due, expire_overrides
from core.platform.flags.actions.environments import configure, kill, pause, resume, revive, set_ramp, toggle
from core.platform.flags.actions.flags import archive, create, restore, update
from core.platform.flags.actions.overrides import clear_override, set_override
from core.platform.flags.actions.review import approve, propose, reject, withdraw
from core.platform.flags.actions.segments import create_segment, delete_segment, update_segment

__all__ = [
    "apply_due", "approve", "archive", "clear_override", "configure", "create", "create_segment", "delete_segment",
    "expire_overrides", "kill", "pause", "propose", "reject", "restore", "resume", "revive", "set_override", "set_ramp",
    "toggle", "update", "update_segment", "withdraw",
]  # fmt: skip
