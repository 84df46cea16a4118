"""The post-mortem as a document: what is known and what was written, in order, as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pandas as pd

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.reliability.incidents import queries, reading
from core.reliability.review.queries import Filters, items, post_mortem

UNKNOWN = "unknown"
UTC_ZONE = ZoneInfo("UTC")
IMPACT = {
    "tenants": "Tenants affected", "users": "Users affected", "requests": "Requests", "requests_failed": "Requests failed",
    "tickets": "Tickets", "contracts": "Contracts at risk", "violations": "SLA violations", "revenue": "Monthly revenue at risk",
    "contracts_value": "Contract value at risk",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with facts (label, value), paragraphs, and a table whose first row are its headings."""

    title: str
    facts: Sequence[tuple[str, str]] = ()
    texts: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """`status` is that of the post-mortem; what is not approved says so on its first page."""

    title: str
    reference: str
    status: str
    made_at: datetime
    sections: Sequence[Section]


def compose(actor: Actor, incident_id: UUID, *, now: datetime, zone: ZoneInfo) -> Document:
    """The post-mortem of an incident, out of its timeline, its impact and what was written. Raises Denied, NotFound."""
    review = post_mortem(actor, incident_id)
    if review is None:
        raise NotFound("This incident has no post-mortem yet. Begin it on the incident's page.")
    incident = queries.one(actor, incident_id)
    events = reading.events(actor, incident_id)
    actions = items(actor, Filters(incident_id=incident_id), limit=200).frame
    sections = (
        _about(incident, review, zone), Section("Summary", texts=_said(review["summary"])),
        _impact(queries.impact(actor, incident_id)), _timeline(events, zone), _cause(incident, review), _learned(review),
        _actions(actions),
    )  # fmt: skip
    return Document(incident["title"], incident["reference"], review["status"], now, sections)


def _moment(at: Any, zone: ZoneInfo) -> str:
    return UNKNOWN if at is None or pd.isna(at) else f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def length(start: Any, end: Any) -> str:
    """How long something took, such as `2 h 5 min`."""
    if start is None or end is None:
        return UNKNOWN
    minutes = max(int((end - start).total_seconds() // 60), 0)
    days, rest = divmod(minutes, 1440)
    parts = ((days, "d"), (rest // 60, "h"), (rest % 60, "min"))
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount) or "under a minute"


def _said(text: str) -> list[str]:
    return [text] if text.strip() else ["Nothing was written yet."]


def _about(incident: Mapping[str, Any], review: Mapping[str, Any], zone: ZoneInfo) -> Section:
    facts = [
        ("Severity", incident["severity"].upper()), ("Status", incident["status"].capitalize()),
        ("Services", ", ".join(incident["services"]) or UNKNOWN), ("Lead", incident["lead"] or "nobody"),
        ("Owner of this post-mortem", review["owner"] or "nobody"), ("Began", _moment(incident["started_at"], zone)),
        ("Declared", _moment(incident["declared_at"], zone)), ("Taken", _moment(incident["acknowledged_at"], zone)),
        ("Resolved", _moment(incident["resolved_at"], zone)),
        ("Time until taken", length(incident["declared_at"], incident["acknowledged_at"])),
        ("Time until resolved", length(incident["started_at"], incident["resolved_at"])),
    ]  # fmt: skip
    if review["reviewed_by_name"]:
        facts.append(("Approved by", f"{review['reviewed_by_name']}, {_moment(review['reviewed_at'], zone)}"))
    return Section("Incident", facts=facts)


def _impact(impact: Mapping[str, Any]) -> Section:
    facts = [(label, _figure(impact[field])) for field, label in IMPACT.items() if field in impact]
    return Section("Impact", facts=facts)


def _figure(figure: Mapping[str, Any]) -> str:
    value = figure["value"]
    if value is None:
        return UNKNOWN
    told = (
        ", ".join(f"{one['amount']} {one['currency']}" for one in value) or "0"
        if isinstance(value, list) else f"{value:,}"
    )  # fmt: skip
    return f"{told} (corrected by {figure['by_name']}: {figure['reason']})" if figure["is_corrected"] else told


def _timeline(events: pd.DataFrame, zone: ZoneInfo) -> Section:
    """What was marked as key; everything while nothing is."""
    shown = events[events["is_key"].astype(bool)] if events["is_key"].any() else events
    rows = [(_moment(row.at, zone), str(row.text), str(row.actor_name or "")) for row in shown.itertuples()]
    return Section("Timeline", table=[("When", "What", "Who"), *rows])


def _cause(incident: Mapping[str, Any], review: Mapping[str, Any]) -> Section:
    texts = [incident["root_cause"]] if incident["root_cause"] else ["The root cause was not written down yet."]
    texts += [f"{place}. Why? {why}" for place, why in enumerate(review["whys"], start=1)]
    factors = [(one["kind"].capitalize(), one["text"]) for one in review["factors"]]
    return Section("Root cause", texts=texts, table=[("Contributing factor", "What"), *factors] if factors else ())


def _learned(review: Mapping[str, Any]) -> Section:
    parts = (("What went well", "went_well"), ("What went wrong", "went_wrong"), ("Where we were lucky", "was_lucky"))
    return Section(
        "Lessons", texts=[f"{label}: {review[field]}" for label, field in parts if review[field]] or _said("")
    )


def _actions(frame: pd.DataFrame) -> Section:
    rows = [
        (row["title"], row["owner"] if pd.notna(row["owner"]) else "nobody",
         str(row["due_on"]) if pd.notna(row["due_on"]) else "no day", row["status"])
        for row in frame.to_dict("records")
    ]  # fmt: skip
    return Section("Action items", table=[("What", "Owner", "Due", "State"), *rows])


def to_markdown(document: Document) -> str:
    """CommonMark with tables; what people wrote is escaped where it would break a table."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    yield f"# {document.reference}: {document.title}"
    yield ""
    yield f"Post-mortem, {document.status}, made {document.made_at:%Y-%m-%d %H:%M} UTC."
    for section in document.sections:
        yield from ("", f"## {section.title}", "")
        yield from (f"- **{label}:** {value}" for label, value in section.facts)
        for text in section.texts:
            yield from (text, "")
        yield from _table(section.table)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for place, row in enumerate(rows):
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
        if place == 0:
            yield "|" + " --- |" * len(row)
