"""API keys for machines: the same queries and actions as the page, under the same rights."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Instant,
    Limit,
    Once,
    Out,
    Search,
    Strict,
    area,
    collection,
    entity,
    records,
)
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.times import utc_now
from core.platform.keys import actions, format, queries, rules
from core.platform.keys.models import ApiKey

router = area("/superadmin/api-keys", "api keys")
PATH = "/api/v1/superadmin/api-keys"

Mode = Literal["live", "test"]
Status = Literal["active", "expired", "revoked"]
Flag = Literal["never used", "unused", "never expires", "expires soon"]
Name = Annotated[str, Field(min_length=1, max_length=rules.MAX_NAME, examples=["Nightly sync"])]
Scopes = Annotated[list[str], Field(min_length=1, max_length=200, examples=[["tenants:read"]])]
Rate = Annotated[int, Field(strict=True, ge=1, le=rules.MAX_RATE, description="Calls a minute.")]
Networks = Annotated[
    list[Annotated[str, Field(max_length=50)]],
    Field(max_length=rules.MAX_NETWORKS, examples=[["203.0.113.0/24"]], description="CIDR; none means anywhere."),
]
Reason = Annotated[str, Query(min_length=1, max_length=500, description="Why, for the audit.")]


class KeyOut(Out):
    """A key without its secret; times in UTC. `tenant_id` is null for a key of the whole platform, `hint` ends the secret."""

    id: UUID
    name: str
    tenant_id: UUID | None
    prefix: str
    mode: Mode
    hint: str
    scopes: list[str]
    expires_at: datetime | None
    rate_limit_per_minute: int
    allowed_networks: list[str]
    created_at: datetime
    created_by_name: str
    rotated_at: datetime | None
    previous_expires_at: datetime | None
    revoked_at: datetime | None
    revocation_reason: str | None
    status: Status
    version: int


class IssuedOut(KeyOut):
    """`key` is shown here and never again."""

    key: str


class SeenOut(KeyOut):
    """A key and what is known of its use."""

    tenant: str | None
    flags: list[str]
    last_used_at: datetime | None
    last_ip: str | None
    previous_used_at: datetime | None


class KeyPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[SeenOut]
    next: str | None


class KeyIn(Strict):
    """Without `expires_at` the key never expires, and is flagged for it."""

    name: Name
    scopes: Scopes
    tenant_id: UUID | None = None
    mode: Mode = "live"
    expires_at: Instant | None = None
    rate_limit_per_minute: Rate = rules.DEFAULT_RATE
    allowed_networks: Networks = Field(default_factory=list)


class KeyChange(Strict):
    """Only what is given is changed; `expires_at` null means never."""

    name: Name | None = None
    scopes: Scopes | None = None
    expires_at: Instant | None = None
    rate_limit_per_minute: Rate | None = None
    allowed_networks: Networks | None = None


class Rotation(Strict):
    """For how long the old secret counts beside the new one."""

    overlap_hours: Annotated[float, Field(ge=0, le=168)] = 24


class Found(Strict):
    """A whole key, such as one that was found in a log."""

    key: Annotated[str, Field(min_length=1, max_length=200)]


def _row(row: ApiKey) -> dict[str, Any]:
    status = rules.status_of(row.revoked_at, row.expires_at, now=utc_now())
    names = (name for name in KeyOut.model_fields if name != "status")
    return {**{name: getattr(row, name) for name in names}, "status": status}


def _version(actor: Actor, key_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one(actor, key_id)["version"]))


@router.get("", response_model=KeyPage)
def list_api_keys(  # noqa: PLR0913, PLR0917  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    search: Annotated[Search, Query(description="Start of a name, last four characters, or an id.")] = "",
    status: Annotated[tuple[Status, ...], Query()] = (),
    mode: Annotated[tuple[Mode, ...], Query()] = (),
    flag: Annotated[tuple[Flag, ...], Query(description="Keys that somebody should look at.")] = (),
    tenant_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The keys in your scope, newest first."""
    if format.is_key(search.strip()):
        sentence = "Send a whole key to /superadmin/api-keys/identify, so that it stays out of logs."
        raise Invalid(sentence, {"search": sentence})
    filters = queries.Filters(search, status, mode, flag, tenant_id)
    page = queries.directory(actor, filters, after=cursor, limit=limit)
    return collection(request, records(page.frame), page.next, fields=fields)


@router.post("", status_code=201, response_model=IssuedOut)
def create_api_key(request: Request, actor: CurrentActor, given: KeyIn, once: Once) -> Response:
    """Makes a key and shows it, this once. Only scopes that you hold yourself; a test key only reads."""
    issued = actions.create(actor, **given.model_dump(), once=once)
    return entity(request, {**_row(issued.row), "key": issued.key}, status=201, location=f"{PATH}/{issued.row.id}")


@router.post("/identify", response_model=SeenOut)
def identify_api_key(request: Request, actor: CurrentActor, given: Found) -> Response:
    """Which key a whole key is, also after it was rotated out or revoked."""
    return entity(request, queries.identified(actor, given.key))


@router.get("/{key_id}", response_model=SeenOut)
def get_api_key(request: Request, actor: CurrentActor, key_id: UUID) -> Response:
    """One key, with its version as ETag."""
    return entity(request, queries.one(actor, key_id))


@router.patch("/{key_id}", response_model=KeyOut)
def change_api_key(request: Request, actor: CurrentActor, key_id: UUID, given: KeyChange, match: IfMatch) -> Response:
    """Changes a key, everywhere within 5 s. With If-Match, 412 when somebody was faster."""
    sent = given.model_dump(exclude_unset=True)
    values = {name: value for name, value in sent.items() if value is not None or name == "expires_at"}
    row = actions.update(actor, key_id, version=_version(actor, key_id, match), **values)
    return entity(request, _row(row))


@router.post("/{key_id}/rotate", response_model=IssuedOut)
def rotate_api_key(
    request: Request, actor: CurrentActor, key_id: UUID, given: Rotation, match: IfMatch, once: Once
) -> Response:
    """Makes a new secret and shows it, this once; the old one counts for the overlap."""
    version, overlap = _version(actor, key_id, match), timedelta(hours=given.overlap_hours)
    issued = actions.rotate(actor, key_id, overlap=overlap, version=version, once=once)
    return entity(request, {**_row(issued.row), "key": issued.key})


@router.delete("/{key_id}", response_model=KeyOut)
def revoke_api_key(request: Request, actor: CurrentActor, key_id: UUID, match: IfMatch, reason: Reason) -> Response:
    """Revokes a key for good, everywhere within 5 s."""
    row = actions.revoke(actor, key_id, reason=reason, version=_version(actor, key_id, match))
    return entity(request, _row(row))
