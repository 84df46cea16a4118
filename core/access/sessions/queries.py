"""Who is behind a token: one statement per page run or API call."""

from typing import cast

from sqlalchemy import func, select

from core.access.operators.models import Operator
from core.access.roles.models import RoleGrant, RoleRow
from core.access.sessions.models import OperatorSession
from core.kernel import crypto
from core.kernel.actor import Actor, Channel, Scope
from core.kernel.reads import read


def resolve(
    token: str, *, request_id: str, channel: Channel, ip: str | None = None, user_agent: str | None = None
) -> Actor | None:
    """The actor, or None for a session that ended or expired, an operator that is disabled, or a token nobody was given.

    Nothing is cached: a revocation works at the very next step.
    """
    grants = select(func.array_agg(RoleGrant.permission)).where(RoleGrant.role == Operator.role).scalar_subquery()
    scope = func.coalesce(Operator.scope, RoleRow.scope).label("scope")
    columns = (Operator.id, Operator.name, Operator.role, Operator.time_zone, OperatorSession.id.label("session_id"))
    live = (
        select(*columns, scope, grants.label("grants"))
        .join(OperatorSession, OperatorSession.operator_id == Operator.id)
        .join(RoleRow, RoleRow.name == Operator.role)
        .where(
            OperatorSession.token_digest == crypto.digest(token),
            OperatorSession.ended_at.is_(None),
            OperatorSession.expires_at > func.now(),
            Operator.disabled_at.is_(None),
        )
    )
    with read(Actor.system("session", request_id=request_id, channel=channel)) as rx:
        row = rx.one(live)
    if row is None:
        return None
    return Actor(
        operator_id=row.id, name=row.name, role=row.role, grants=frozenset(row.grants or ()), scope=cast(Scope, row.scope),
        channel=channel, request_id=request_id, session_id=row.session_id, ip=ip, user_agent=user_agent,
        time_zone=row.time_zone or "",
    )  # fmt: skip
