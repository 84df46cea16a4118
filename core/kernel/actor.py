"""Who acts: the one argument that every query and every action takes first."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from core.kernel.logs import current_request_id, new_request_id

Scope = Literal["all", "assigned", "tenant"]
Channel = Literal["page", "api", "job", "cli"]


@dataclass(frozen=True, slots=True)
class Actor:
    """An operator or a machine, with what it may do and how it came in.

    `grants` holds `resource:verb`, `resource:*` or `*`. `scope` says whose tenants are in sight; an API key that is bound
    to one tenant has the scope `tenant`, and sees `tenant_id` alone.
    """

    operator_id: UUID | None
    name: str
    role: str
    grants: frozenset[str]
    scope: Scope = "assigned"
    channel: Channel = "page"
    request_id: str = field(default_factory=new_request_id)
    session_id: UUID | None = None
    ip: str | None = None
    user_agent: str | None = None
    time_zone: str = "UTC"
    key_id: UUID | None = None
    tenant_id: UUID | None = None

    @property
    def id(self) -> UUID | None:
        """The operator or the API key; None for the portal itself."""
        return self.operator_id or self.key_id

    @property
    def sight(self) -> str:
        """The scope as the database's policies read it."""
        return f"tenant:{self.tenant_id}" if self.scope == "tenant" else self.scope

    @classmethod
    def system(cls, name: str, *, request_id: str | None = None, channel: Channel = "job") -> "Actor":
        """The portal itself, with every right; `name` says which part of it."""
        known = request_id or current_request_id() or new_request_id()
        return cls(None, name, "system", frozenset({"*"}), "all", channel, known)

    def may(self, permission: str) -> bool:
        """True when a grant covers `resource:verb`."""
        resource = permission.partition(":")[0]
        return not self.grants.isdisjoint((permission, f"{resource}:*", "*"))
