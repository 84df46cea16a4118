"""Emergencies, for machines: a flag is killed or paused in one environment, and brought back."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from api.conventions import CurrentActor, Strict, area, entity
from api.platform.flags import Environment, EnvironmentOut, environment_of
from core.platform.flags import actions

router = area("/superadmin/flags", "flags")


class Reasoned(Strict):
    reason: Annotated[str, Field(min_length=1, max_length=500, examples=["Orders fail since the last deployment"])]


@router.post("/{flag_id}/environments/{environment}/kill", response_model=EnvironmentOut)
def kill_flag(
    request: Request, actor: CurrentActor, flag_id: UUID, environment: Environment, given: Reasoned
) -> Response:
    """Serves the off variant to everybody within two seconds, whatever else holds."""
    actions.kill(actor, flag_id, environment, reason=given.reason)
    return entity(request, environment_of(actor, flag_id, environment))


@router.post("/{flag_id}/environments/{environment}/revive", response_model=EnvironmentOut)
def revive_flag(
    request: Request, actor: CurrentActor, flag_id: UUID, environment: Environment, given: Reasoned
) -> Response:
    """Ends a kill: the flag is again what it was before."""
    actions.revive(actor, flag_id, environment, reason=given.reason)
    return entity(request, environment_of(actor, flag_id, environment))


@router.post("/{flag_id}/environments/{environment}/pause", response_model=EnvironmentOut)
def pause_flag(
    request: Request, actor: CurrentActor, flag_id: UUID, environment: Environment, given: Reasoned
) -> Response:
    """Serves the off variant until somebody resumes."""
    actions.pause(actor, flag_id, environment, reason=given.reason)
    return entity(request, environment_of(actor, flag_id, environment))


@router.post("/{flag_id}/environments/{environment}/resume", response_model=EnvironmentOut)
def resume_flag(
    request: Request, actor: CurrentActor, flag_id: UUID, environment: Environment, given: Reasoned
) -> Response:
    """Ends a pause, also one of a guardrail."""
    actions.resume(actor, flag_id, environment, reason=given.reason)
    return entity(request, environment_of(actor, flag_id, environment))
