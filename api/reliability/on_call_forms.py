"""What the API of on-call takes and answers."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.conventions import Instant, Out, Strict
from core.reliability.on_call import rules

Name = Annotated[str, Field(min_length=1, max_length=rules.MAX_NAME, examples=["Primary"])]
Zone = Annotated[str, Field(max_length=60, examples=["Europe/Berlin"])]
Text = Annotated[str, Field(max_length=rules.MAX_DESCRIPTION)]
Why = Annotated[str, Field(max_length=rules.MAX_REASON)]
Unit = Literal["hour", "day", "week"]
Severity = Literal["sev1", "sev2", "sev3"]
Status = Literal["open", "acknowledged", "resolved", "exhausted"]
Weekday = Annotated[int, Field(strict=True, ge=0, le=6)]
Minute = Annotated[int, Field(strict=True, ge=0, le=1_440)]
Period = Annotated[tuple[Weekday, Minute, Minute], Field(examples=[[0, 540, 1020]])]
Periods = Annotated[
    list[Period],
    Field(max_length=70, description="Weekday (0 is Monday), first and last minute of the local day; none: always."),
]
People = Annotated[list[UUID], Field(min_length=1, max_length=rules.MAX_PEOPLE)]
Targets = Annotated[list[UUID], Field(max_length=rules.MAX_TARGETS)]
Minutes = Annotated[int, Field(strict=True, ge=0, le=rules.MAX_MINUTES)]
Services = Annotated[list[Name], Field(max_length=rules.MAX_SERVICES, examples=[["checkout"]])]


class OnCallNow(Out):
    """Who is on call on one schedule; operator_id null is nobody, until null is for more than 35 days. Times in UTC."""

    schedule_id: UUID
    schedule: str
    time_zone: str
    operator_id: UUID | None
    operator: str | None
    since: datetime | None
    until: datetime | None
    next_operator_id: UUID | None
    next_operator: str | None
    next_at: datetime | None


class OnCallNowList(Out):
    items: list[OnCallNow]
    next: None


class ShiftOut(Out):
    """A shift, or a gap (operator_id null). An override has its id, what a rotation says has the rotation's name."""

    schedule_id: UUID
    schedule: str
    operator_id: UUID | None
    operator: str | None
    starts_at: datetime
    ends_at: datetime
    rotation: str | None
    override_id: UUID | None


class ShiftList(Out):
    items: list[ShiftOut]
    next: None


class ScheduleOut(Out):
    """A schedule. `has_feed` is whether a calendar address was given out."""

    id: UUID
    name: str
    description: str
    time_zone: str
    has_feed: bool
    created_at: datetime
    version: int


class ScheduleList(Out):
    items: list[ScheduleOut]
    next: None


class ScheduleIn(Strict):
    name: Name
    time_zone: Zone = "UTC"
    description: Text = ""


class ScheduleChange(Strict):
    """Only what is given is changed; the zone only while there is no rotation."""

    name: Name | None = None
    time_zone: Zone | None = None
    description: Text | None = None


class RotationIn(Strict):
    """A layer: its people take turns of `length` units from `starts_at`. `id` names the one that it changes."""

    id: UUID | None = None
    name: Name
    starts_at: Instant
    ends_at: Instant | None = None
    unit: Unit = "week"
    length: Annotated[int, Field(strict=True, ge=1, le=366)] = 1
    operator_ids: People
    periods: Periods = Field(default_factory=list)


class RotationsIn(Strict):
    """All layers from now on, from the lowest to the highest; those that are left out end now."""

    rotations: Annotated[list[RotationIn], Field(max_length=rules.MAX_ROTATIONS)]


class RotationOut(Out):
    id: UUID
    name: str
    position: int
    starts_at: datetime
    effective_at: datetime | None
    ends_at: datetime | None
    unit: Unit
    length: int
    operator_ids: list[UUID]
    periods: list[Period]


class RotationList(Out):
    items: list[RotationOut]
    next: None


class OverrideIn(Strict):
    """Somebody stands in for that time, from now at the earliest."""

    operator_id: UUID
    starts_at: Instant
    ends_at: Instant
    reason: Why = ""


class Window(Strict):
    starts_at: Instant
    ends_at: Instant


class SwapIn(Strict):
    """Two times that come, each of one person: they exchange them."""

    first: Window
    second: Window
    reason: Why = ""


class OverrideOut(Out):
    id: UUID
    schedule_id: UUID
    operator_id: UUID
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_by_name: str


class OverrideList(Out):
    items: list[OverrideOut]
    next: None


class FeedOut(Out):
    """The address of the calendar, which is told this once."""

    schedule_id: UUID
    address: str


class StepIn(Strict):
    """Who is called when nobody has acknowledged for that long since the first step."""

    after_minutes: Minutes = 0
    schedules: Targets = Field(default_factory=list)
    operators: Targets = Field(default_factory=list)
    channels: Targets = Field(default_factory=list)


Steps = Annotated[list[StepIn], Field(min_length=1, max_length=rules.MAX_STEPS)]
Repeats = Annotated[int, Field(strict=True, ge=0, le=rules.MAX_REPEATS)]
Again = Annotated[int, Field(strict=True, ge=1, le=rules.MAX_MINUTES)]
Severities = Annotated[list[Severity], Field(max_length=3)]


class PolicyIn(Strict):
    """It pages by itself for incidents of these severities (none: only by hand) and services (none: all)."""

    name: Name
    steps: Steps
    repeats: Repeats = 0
    repeat_after_minutes: Again = 15
    severities: Severities = Field(default_factory=list)
    services: Services = Field(default_factory=list)


class PolicyChange(Strict):
    """Only what is given is changed, for pages that begin from now on."""

    name: Name | None = None
    steps: Steps | None = None
    repeats: Repeats | None = None
    repeat_after_minutes: Again | None = None
    severities: Severities | None = None
    services: Services | None = None


class PolicyOut(Out):
    id: UUID
    name: str
    steps: list[dict[str, Any]]
    repeats: int
    repeat_after_minutes: int
    severities: list[Severity]
    services: list[str]
    version: int


class PolicyList(Out):
    items: list[PolicyOut]
    next: None


class PageIn(Strict):
    """Calls people for the incident by the policy, now."""

    incident_id: UUID
    policy_id: UUID


class PageOut(Out):
    """A call of people; number, title and severity are the incident's. `step` comes next, at `next_at`."""

    id: UUID
    created_at: datetime
    incident_id: UUID
    number: int | None
    title: str | None
    severity: Severity | None
    policy_id: UUID
    policy: str | None
    status: Status
    round: int
    step: int
    steps: int
    next_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by_name: str | None
    version: int


class PageList(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[PageOut]
    next: str | None
