"""What calls about tickets bring, and what they are answered."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.conventions import Out, Strict
from core.support.satisfaction.rules import MAX_COMMENT
from core.support.tickets import rules

Status = Literal["open", "in_progress", "waiting", "resolved", "closed", "reopened"]
Priority = Literal["urgent", "high", "medium", "low"]
Channel = Literal["portal", "email", "api", "phone", "import"]
SlaState = Literal["none", "ok", "warned", "breached", "paused", "met", "missed"]
Body = Annotated[str, Field(min_length=1, max_length=rules.MAX_BODY)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class TicketOut(Out):
    """A ticket; `reference` is its number as people know it. Times in UTC. Without users:pii the requester is masked."""

    id: UUID
    number: int
    reference: str
    tenant_id: UUID | None
    requester_id: UUID | None
    requester_name: str
    subject: str
    status: Status
    priority: Priority
    category: str | None
    channel: Channel
    tags: list[str]
    assignee_id: UUID | None
    team_id: UUID | None
    sla_state: SlaState
    due_at: datetime | None
    first_response_at: datetime | None
    resolved_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class TicketPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[TicketOut]
    next: str | None


class MessageOut(Out):
    """A message. Of a long one `body` has the first 20,000 characters; `length` is that of all of it."""

    id: UUID
    ticket_id: UUID
    author_kind: Literal["customer", "agent", "system"]
    author_name: str
    body: str
    length: int
    is_internal: bool
    created_at: datetime


class TicketWhole(TicketOut):
    """A ticket with its last 200 messages, the oldest first."""

    description: str
    requester_email: str | None
    messages: list[MessageOut]


class TicketIn(Strict):
    """`tenant_id` may be left out by a key that is bound to a tenant, and where `requester_id` is given."""

    subject: Annotated[str, Field(min_length=1, max_length=rules.MAX_SUBJECT, examples=["The report is empty"])]
    description: Body
    tenant_id: UUID | None = None
    requester_id: UUID | None = None
    requester_name: Name | None = None
    requester_email: Annotated[str, Field(min_length=3, max_length=320)] | None = None
    priority: Priority = "medium"
    category: Annotated[str, Field(max_length=rules.MAX_CATEGORY)] | None = None
    tags: Annotated[list[Annotated[str, Field(min_length=1, max_length=40)]], Field(max_length=20)] = Field(
        default_factory=list
    )
    correlation_id: Annotated[str, Field(min_length=1, max_length=rules.MAX_LABEL)] | None = None


class ReplyIn(Strict):
    """Of a key it is the customer who writes (`author_id` and `author_name` say who, else the requester does); of an
    operator it is the answer to the customer, or with `is_internal` a note to colleagues."""

    body: Body
    author_id: UUID | None = None
    author_name: Name | None = None
    is_internal: bool = False


class RatingIn(Strict):
    score: Annotated[int, Field(ge=1, le=5, strict=True)]
    comment: Annotated[str, Field(max_length=MAX_COMMENT)] | None = None


class RatingOut(Out):
    ticket_id: UUID
    score: int
    comment: str | None
    answered_at: datetime


class ArrivalOut(Out):
    """What became of a mail; `refused` says which of its files were not kept, and why."""

    outcome: Literal["received", "created", "ignored", "duplicate", "failed"]
    reason: str | None
    ticket_id: UUID | None
    number: str | None
    refused: list[str]
