"""Incidents and announced maintenance as an Atom feed (RFC 4287). Pure."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from core.reliability.status_page.markup import STATUSES, moment
from core.reliability.status_page.snapshot import Incident, Maintenance, Snapshot

NAMESPACE = "http://www.w3.org/2005/Atom"
MOST = 100


def _at(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def feed(snapshot: Snapshot, *, name: str, page_url: str, rendered_at: datetime) -> bytes:
    """The latest entries first. `updated` is that of the newest one: rendering alone is no news."""
    root = Element("feed", {"xmlns": NAMESPACE})
    entries: list[Incident | Maintenance] = [*snapshot.incidents, *snapshot.maintenances]
    entries = sorted(entries, key=lambda one: one.updated_at, reverse=True)[:MOST]
    _text(root, "id", f"{page_url}/")
    _text(root, "title", f"{name} status")
    _text(root, "updated", _at(entries[0].updated_at if entries else rendered_at))
    SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{page_url}/history.atom"})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": f"{page_url}/"})
    _text(SubElement(root, "author"), "name", name)
    for one in entries:
        _entry(root, one, page_url)
    indent(root)
    body: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body + b"\n"


def _text(parent: Element, tag: str, value: str) -> None:
    SubElement(parent, tag).text = value


def _entry(root: Element, one: Incident | Maintenance, page_url: str) -> None:
    entry = SubElement(root, "entry")
    address = f"{page_url}/incidents/{one.id}.html" if isinstance(one, Incident) else f"{page_url}/history.html"
    _text(entry, "id", f"urn:uuid:{one.id}")
    _text(entry, "title", one.title)
    _text(entry, "published", _at(one.created_at))
    _text(entry, "updated", _at(one.updated_at))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": address})
    content = SubElement(entry, "content", {"type": "text"})
    content.text = _told(one) if isinstance(one, Incident) else _planned(one)


def _told(one: Incident) -> str:
    return "\n\n".join(f"{moment(update.at)} – {STATUSES[update.status]}: {update.body}" for update in one.updates)


def _planned(one: Maintenance) -> str:
    return f"{moment(one.since)} to {moment(one.until)}\n\n{one.body}".strip()
