"""On-call for machines: who is on call now and later, schedules with their rotations and overrides."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import (
    CurrentActor,
    Fields,
    IfMatch,
    Instant,
    Once,
    area,
    collection,
    entity,
    nothing,
    records,
)
from api.reliability.on_call_forms import (
    FeedOut,
    OnCallNowList,
    OverrideIn,
    OverrideList,
    OverrideOut,
    RotationList,
    RotationsIn,
    ScheduleChange,
    ScheduleIn,
    ScheduleList,
    ScheduleOut,
    ShiftList,
    SwapIn,
    Window,
)
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.on_call import actions, overrides, queries, rotations
from core.reliability.on_call.models import OnCallOverride

router = area("/superadmin/on-call", "on-call")
PATH = "/api/v1/superadmin/on-call"


def _version(actor: Actor, schedule_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one(actor, schedule_id)["version"]))


def _schedule(actor: Actor, schedule_id: UUID) -> dict[str, Any]:
    return ScheduleOut.model_validate(queries.one(actor, schedule_id)).model_dump()


def _override(row: OnCallOverride) -> dict[str, Any]:
    return OverrideOut.model_validate(row).model_dump()


@router.get("", response_model=OnCallNowList)
def list_on_call(request: Request, actor: CurrentActor, fields: Fields) -> Response:
    """Who is on call now, until when, and who is next: one row per schedule, by name."""
    return collection(request, records(queries.on_call_now(actor)), fields=fields)


@router.get("/shifts", response_model=ShiftList)
def list_shifts(
    request: Request, actor: CurrentActor, fields: Fields, since: Instant | None = None, until: Instant | None = None,
    schedule_id: Annotated[list[UUID] | None, Query(max_length=50)] = None,
) -> Response:  # fmt: skip
    """Shifts and gaps of a time of at most 370 days; the next seven days where nothing is said."""
    start = since or utc_now()
    end = until or start + timedelta(days=7)
    frame = queries.course(actor, start=start, end=end, schedule_ids=schedule_id)
    return collection(request, records(frame), fields=fields)


@router.get("/schedules", response_model=ScheduleList)
def list_on_call_schedules(request: Request, actor: CurrentActor, fields: Fields) -> Response:
    """The schedules in use, by name."""
    return collection(request, records(queries.schedules(actor)), fields=fields)


@router.post("/schedules", status_code=201, response_model=ScheduleOut)
def create_on_call_schedule(request: Request, actor: CurrentActor, given: ScheduleIn, once: Once) -> Response:
    """Makes a schedule on which nobody is on call yet."""
    made = actions.create_schedule(actor, **given.model_dump(), once=once)
    return entity(request, _schedule(actor, made.id), status=201, location=f"{PATH}/schedules/{made.id}")


@router.get("/schedules/{schedule_id}", response_model=ScheduleOut)
def get_on_call_schedule(request: Request, actor: CurrentActor, schedule_id: UUID) -> Response:
    """One schedule, with its version as ETag."""
    return entity(request, _schedule(actor, schedule_id))


@router.patch("/schedules/{schedule_id}", response_model=ScheduleOut)
def change_on_call_schedule(
    request: Request, actor: CurrentActor, schedule_id: UUID, given: ScheduleChange, match: IfMatch
) -> Response:
    """Changes name, description or zone. With If-Match, 412 when somebody was faster."""
    values = {name: value for name, value in given.model_dump(exclude_unset=True).items() if value is not None}
    actions.update_schedule(actor, schedule_id, version=_version(actor, schedule_id, match), **values)
    return entity(request, _schedule(actor, schedule_id))


@router.post("/schedules/{schedule_id}/archive", status_code=204)
def archive_on_call_schedule(actor: CurrentActor, schedule_id: UUID, match: IfMatch) -> Response:
    """Ends a schedule that no policy calls."""
    actions.archive_schedule(actor, schedule_id, version=_version(actor, schedule_id, match))
    return nothing()


@router.get("/schedules/{schedule_id}/rotations", response_model=RotationList)
def list_rotations(request: Request, actor: CurrentActor, schedule_id: UUID) -> Response:
    """The layers that are in force or will be, from the lowest to the highest."""
    queries.one(actor, schedule_id)
    found = [asdict(one) for one in queries.rotations(actor, schedule_id)]
    return collection(request, [{**one, "operator_ids": list(one.pop("people"))} for one in found])


@router.put("/schedules/{schedule_id}/rotations", response_model=ScheduleOut)
def set_rotations(
    request: Request, actor: CurrentActor, schedule_id: UUID, given: RotationsIn, match: IfMatch
) -> Response:  # fmt: skip
    """Makes these the layers from now on; who was on call before stays known. With If-Match, 412 when somebody was faster."""
    version = _version(actor, schedule_id, match)
    rotations.set_rotations(actor, schedule_id, rotations=given.model_dump()["rotations"], version=version)
    return entity(request, _schedule(actor, schedule_id))


@router.post("/schedules/{schedule_id}/feed", status_code=201, response_model=FeedOut)
def issue_calendar_feed(request: Request, actor: CurrentActor, schedule_id: UUID) -> Response:
    """Gives the calendar a new address, shown this once; one that was given out before counts no more."""
    issued = actions.issue_feed(actor, schedule_id)
    return entity(request, {"schedule_id": schedule_id, "address": issued.address}, status=201)


@router.delete("/schedules/{schedule_id}/feed", status_code=204)
def revoke_calendar_feed(actor: CurrentActor, schedule_id: UUID) -> Response:
    """Closes the calendar feed."""
    actions.revoke_feed(actor, schedule_id)
    return nothing()


@router.get("/overrides", response_model=OverrideList)
def list_overrides(
    request: Request, actor: CurrentActor, fields: Fields, schedule_id: UUID | None = None
) -> Response:  # fmt: skip
    """Overrides that run or come, the next one first."""
    frame = queries.overrides(actor, schedule_id=schedule_id).drop(columns=["schedule", "operator"])
    return collection(request, records(frame), fields=fields)


@router.post("/schedules/{schedule_id}/overrides", status_code=201, response_model=OverrideOut)
def create_override(
    request: Request, actor: CurrentActor, schedule_id: UUID, given: OverrideIn, once: Once
) -> Response:  # fmt: skip
    """Puts a colleague on call for that time, whatever the rotations say."""
    return entity(
        request, _override(overrides.override(actor, schedule_id, **given.model_dump(), once=once)), status=201
    )


@router.post("/schedules/{schedule_id}/swap", status_code=201, response_model=OverrideList)
def swap_shifts(request: Request, actor: CurrentActor, schedule_id: UUID, given: SwapIn) -> Response:
    """Two colleagues exchange two shifts, by two overrides."""
    windows = {"first": _window(given.first), "second": _window(given.second)}
    made = overrides.swap(actor, schedule_id, **windows, reason=given.reason)
    answer = collection(request, [_override(one) for one in made])
    answer.status_code = 201
    return answer


def _window(given: Window) -> tuple[Any, Any]:
    return given.starts_at, given.ends_at


@router.post("/overrides/{override_id}/cancel", response_model=OverrideOut)
def cancel_override(request: Request, actor: CurrentActor, override_id: UUID) -> Response:
    """Ends an override; one that runs ends now."""
    return entity(request, _override(overrides.cancel_override(actor, override_id)))
