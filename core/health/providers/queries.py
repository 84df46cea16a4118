"""Reads of providers: the configured ones and those seen in traffic, how they do, and who is to be used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, cast, func, select

from core.health.messages.models import PROVIDER_ROLLUP
from core.health.providers import rules
from core.health.providers.models import Provider
from core.health.requests.percentiles import percentiles
from core.health.requests.window import floor, window
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read
from core.kernel.times import utc_now

LOOKED_AT, COST_OF = timedelta(hours=1), timedelta(hours=24)
LIMIT = 200  # providers of all channels; more are not run by anybody
WHO = ("provider", "channel")
COUNTS = ("sent", "delivered", "failed", "timed", "priced")
CONFIGURED = (
    Provider.id, Provider.name, Provider.channel, Provider.is_enabled, Provider.position, Provider.note,
    Provider.disabled_at, Provider.disabled_by_name, Provider.disabled_reason, Provider.version,
)  # fmt: skip


def configured(actor: Actor, *, channel: str = "") -> pd.DataFrame:
    """One row per provider, by channel and position: id, name, channel, is_enabled, position, note, disabled_at (UTC),
    disabled_by_name, disabled_reason, version, is_active (the first enabled one of its channel: that is used)."""
    require(actor, "providers:read")
    return _configured(actor, channel)


def _configured(actor: Actor, channel: str = "") -> pd.DataFrame:
    found = select(*CONFIGURED).order_by(Provider.channel, Provider.position)
    with read(actor) as rx:
        frame = rx.frame(found.where(Provider.channel == channel) if channel else found, limit=LIMIT)
    enabled = frame[frame["is_enabled"].astype(bool)]
    first = enabled.drop_duplicates("channel").index
    return frame.assign(is_active=pd.Series(frame.index.isin(first), index=frame.index, dtype="boolean"))


def one(actor: Actor, provider_id: UUID) -> dict[str, Any]:
    """One configured provider. Raises NotFound."""
    require(actor, "providers:read")
    with read(actor) as rx:
        found = rx.one(select(*CONFIGURED).where(Provider.id == provider_id))
    if found is None:
        raise NotFound("This provider does not exist, or is not among those you may see.")
    return found._asdict()


@dataclass(frozen=True, slots=True)
class Route:
    """Who is to be used on a channel now, and who follows. `active` is None when nobody is enabled."""

    channel: str
    active: str | None
    order: tuple[str, ...]


def route(actor: Actor, channel: str) -> Route:
    """The enabled providers of a channel in their order. Raises Invalid for what is no channel's name."""
    if not channel.strip():
        raise Invalid("Say which channel, such as sms.", {"channel": "Say which channel, such as sms."})
    frame = configured(actor, channel=channel.strip().lower())
    order = tuple(frame.loc[frame["is_enabled"].astype(bool), "name"])
    return Route(channel.strip().lower(), order[0] if order else None, order)


def counted(table: Any, *, names: Sequence[str] = COUNTS) -> list[ColumnElement[Any]]:
    """The sums of these counts of a provider's or message's rollup."""
    return [cast(func.coalesce(func.sum(table[name]), 0), BigInteger).label(name) for name in names]


def traffic(actor: Actor, since: datetime, until: datetime, *, now: datetime | None = None) -> pd.DataFrame:
    """One row per provider and channel that messages went through in the time, most messages first.

    Columns: provider, channel, sent, delivered, failed, timed, priced, messages, error_ratio, delivery_ratio (NA without
    traffic), p50, p95, p99 (ms; NA without durations).
    """
    require(actor, "health:read")
    span = window(PROVIDER_ROLLUP, since, until, now=now or utc_now())
    model = span.model(PROVIDER_ROLLUP)
    table = model.__table__.c
    where = [table.bucket >= span.since, table.bucket < span.until]
    with read(actor) as rx:
        frame = rx.frame(_most(table, where))
        shares = rx.frame(percentiles(model, where, sets=[WHO])).drop(columns="of")
    return with_ratios(frame).merge(shares, on=list(WHO), how="left")


def _most(table: Any, where: list[ColumnElement[bool]]) -> AnySelect:
    groups = [table[name] for name in WHO]
    return (
        select(*groups, *counted(table)).where(*where).group_by(*groups)
        .order_by(func.sum(table.total).desc(), *groups).limit(LIMIT)
    )  # fmt: skip


def with_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame of counts with messages, error_ratio and delivery_ratio by the rules."""
    rows = [tuple(map(int, row)) for row in frame[["sent", "delivered", "failed"]].itertuples(index=False)]
    known = [
        (rules.messages(*counts), rules.error_ratio(*counts), rules.delivery_ratio(*counts[:2])) for counts in rows
    ]
    made = pd.DataFrame(known, columns=["messages", "error_ratio", "delivery_ratio"], index=frame.index)
    return frame.assign(
        messages=made["messages"].astype("Int64"), error_ratio=made["error_ratio"].astype("Float64"),
        delivery_ratio=made["delivery_ratio"].astype("Float64"),
    )  # fmt: skip


def _of_last_hour(actor: Actor, now: datetime) -> pd.DataFrame:
    """provider, channel, hour_messages, hour_failed, hour_error_ratio and status, of the last 60 minutes and this one."""
    table = PROVIDER_ROLLUP.minute.__table__.c
    where = [table.bucket >= floor(now, "minute") - LOOKED_AT, table.bucket <= now]
    with read(actor) as rx:
        frame = with_ratios(rx.frame(_most(table, where)))
    statuses = [rules.status_of(None if pd.isna(ratio) else float(ratio)) for ratio in frame["error_ratio"]]
    named = {"messages": "hour_messages", "failed": "hour_failed", "error_ratio": "hour_error_ratio"}
    made = frame.rename(columns=named).assign(status=pd.Series(statuses, index=frame.index, dtype="string"))
    return made[[*WHO, *named.values(), "status"]]


def _costs(actor: Actor, now: datetime) -> pd.DataFrame:
    """provider, channel, cost_24h (currency -> amount as Decimal) and unpriced_24h (messages without a price)."""
    table = PROVIDER_ROLLUP.minute.__table__.c
    where = [table.bucket > now - COST_OF, table.bucket <= now]
    groups = [*(table[name] for name in WHO), table.currency]
    found = select(*groups, *counted(table), func.sum(table.cost_sum).label("cost")).where(*where).group_by(*groups)
    with read(actor) as rx:
        rows = rx.frame(found, limit=10 * LIMIT)
    priced = rows[rows["priced"] > 0]
    costs = [
        {
            **dict(zip(WHO, key, strict=True)),
            "cost_24h": dict(zip(part["currency"].fillna("?"), part["cost"], strict=True)),
        }
        for key, part in priced.groupby(list(WHO))
    ]
    whole = with_ratios(rows.groupby(list(WHO), as_index=False)[list(COUNTS)].sum())
    unpriced = whole.assign(unpriced_24h=(whole["messages"] - whole["priced"]).clip(lower=0))
    return unpriced[[*WHO, "unpriced_24h"]].merge(
        pd.DataFrame(costs, columns=[*WHO, "cost_24h"]), on=list(WHO), how="left"
    )


def directory(actor: Actor, since: datetime, until: datetime, *, now: datetime | None = None) -> pd.DataFrame:
    """One row per provider and channel, configured or seen in traffic, by channel and position, the unconfigured last.

    The columns of `configured` (NA where it is not: see is_configured) with `provider` for the name, those of `traffic` in
    the time, of the last hour status (a band of rules.status_of), hour_messages, hour_failed, hour_error_ratio, and of the
    last 24 hours cost_24h (currency -> amount, NA when nothing was priced) and unpriced_24h (messages).
    """
    require(actor, "providers:read")
    at = now or utc_now()
    known = _configured(actor).rename(columns={"name": "provider"}).assign(is_configured=True)
    frame = known.merge(traffic(actor, since, until, now=at), on=list(WHO), how="outer")
    frame = frame.merge(_of_last_hour(actor, at), on=list(WHO), how="outer").merge(
        _costs(actor, at), on=list(WHO), how="outer"
    )
    frame["is_configured"] = frame["is_configured"].eq(True)
    counts = [*COUNTS, "messages", "hour_messages", "hour_failed", "unpriced_24h"]
    frame[counts] = frame[counts].fillna(0)
    frame["status"] = frame["status"].fillna("unknown")
    ordered = frame.sort_values(["channel", "position", "provider"], na_position="last", kind="stable")
    return ordered.reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class Summary:
    """How providers do, for a card. `down`, `degraded`, `unknown` name providers like `twilio (sms)`, `stranded` channels
    that have none enabled. `status` is also `not_configured` when there is none at all."""

    status: str
    sentence: str
    down: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    stranded: tuple[str, ...] = ()


def summary(actor: Actor, *, now: datetime | None = None) -> Summary:
    """Of the enabled providers, after their last hour; a channel without an enabled one counts as down."""
    require(actor, "health:read")
    known = _configured(actor)
    if known.empty:
        return Summary("not_configured", "No provider is configured.")
    used = known[known["is_enabled"].astype(bool)].rename(columns={"name": "provider"})
    used = used.merge(_of_last_hour(actor, now or utc_now()), on=list(WHO), how="left")
    titles = used["provider"] + " (" + used["channel"] + ")"
    statuses = used["status"].fillna("unknown")
    of = {status: tuple(titles[statuses == status]) for status in rules.STATUSES}
    stranded = tuple(sorted(set(known["channel"]) - set(used["channel"])))
    status = "down" if stranded else rules.worst(statuses)
    return Summary(status, _sentence(of, stranded), of["down"], of["degraded"], of["unknown"], stranded)


def _sentence(of: dict[Any, tuple[str, ...]], stranded: tuple[str, ...]) -> str:
    told = [f"Nobody is enabled for {', '.join(stranded)}."] if stranded else []
    told += [f"{word}: {', '.join(of[key])}." for key, word in (("down", "Down"), ("degraded", "Degraded")) if of[key]]
    if of["healthy"]:
        told.append(f"{len(of['healthy'])} healthy in the last hour.")
    if of["unknown"]:
        told.append(f"{len(of['unknown'])} without traffic.")
    return " ".join(told)
