"""Errors by what they say, their type, fingerprint, or the correlation id of the request that raised them."""

import pandas as pd
from sqlalchemy import ColumnElement, Integer, Text, case, cast, func, literal, null, or_, select, union

from core.customers.search.asking import Asked
from core.customers.search.looking import PATIENCE_MS, as_rows, counted, limited
from core.customers.search.sources import COLUMNS, ELSEWHERE, EXACT, START_OF_NAME, START_OF_WORD, Source
from core.health.errors.models import ErrorGroup, ErrorRecord
from core.kernel.actor import Actor
from core.kernel.reads import AnySelect, Reading, read

LATEST = 2_000  # causes, of which the latest seen are looked through; a fingerprint or an id finds any


def find(actor: Actor, asked: Asked, limit: int) -> pd.DataFrame:
    """A correlation id finds the request's own page, everything else the causes."""
    with read(actor, timeout_ms=PATIENCE_MS) as rx:
        traced = _traced(rx, asked)
        return traced if len(traced) else _causes(rx, actor, asked, limit)


def _traced(rx: Reading, asked: Asked) -> pd.DataFrame:
    tenant = cast(null(), Text).label("tenant")
    columns = (
        ErrorRecord.request_id.label("id"), ErrorRecord.type.label("title"), ErrorRecord.message.label("subtitle"),
        ErrorRecord.tenant_id, tenant, literal(EXACT, Integer()).label("rank"), literal(1, Integer()).label("found"),
    )  # fmt: skip
    of_request = select(*columns).where(ErrorRecord.request_id == asked.text).order_by(ErrorRecord.at.desc())
    return as_rows(rx.frame(of_request.limit(1)), "health/errors", "request", "id")


def _causes(rx: Reading, actor: Actor, asked: Asked, limit: int) -> pd.DataFrame:
    frame = rx.frame(limited(_matching(actor, asked), limit))
    return as_rows(frame, "health/errors", "fingerprint", "id")[list(COLUMNS)]


def _matching(actor: Actor, asked: Asked) -> AnySelect:
    """Who does not see all tenants sees causes by their type, and what the latest error in his sight said."""
    sees_all, given = actor.scope == "all", func.lower(asked.text)
    recent = select(ErrorGroup).order_by(ErrorGroup.last_seen_at.desc()).limit(LATEST)
    latest = union(recent, select(ErrorGroup).where(ErrorGroup.fingerprint == asked.text)).subquery("latest").c
    told = func.lower(latest.type + " " + latest.message) if sees_all else func.lower(latest.type)
    message = latest.message if sees_all else _message_in_sight(latest.fingerprint)
    rank = case(
        (or_(latest.fingerprint == asked.text, func.lower(latest.type) == given), EXACT),
        (func.starts_with(told, given), START_OF_NAME),
        (func.strpos(told, literal(" ") + given) > 0, START_OF_WORD), else_=ELSEWHERE,
    )  # fmt: skip
    columns = (
        latest.fingerprint.label("id"), latest.type.label("title"), func.left(message, 200).label("subtitle"),
        cast(null(), Text).label("tenant_id"), cast(null(), Text).label("tenant"), cast(rank, Integer).label("rank"), counted(),
    )  # fmt: skip
    found = select(*columns).where(or_(latest.fingerprint == asked.text, func.strpos(told, given) > 0))
    found = found if sees_all else found.where(_is_in_sight(latest.fingerprint))
    return found.order_by(rank, latest.last_seen_at.desc(), latest.fingerprint)


def _is_in_sight(fingerprint: ColumnElement[str]) -> ColumnElement[bool]:
    return select(ErrorRecord.id).where(ErrorRecord.fingerprint == fingerprint).exists()


def _message_in_sight(fingerprint: ColumnElement[str]) -> ColumnElement[str]:
    latest = select(ErrorRecord.message).where(ErrorRecord.fingerprint == fingerprint)
    return latest.order_by(ErrorRecord.at.desc()).limit(1).scalar_subquery()


SOURCE = Source("errors", "Errors", "errors:read", "message, type, fingerprint or correlation id", find)
