"""All files of the page out of one snapshot. Pure: the same snapshot at the same moment gives the same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.reliability.status_page import atom, files, markup, places, statuspage_v2
from core.reliability.status_page.files import File
from core.reliability.status_page.snapshot import Incident, Maintenance, Snapshot
from core.reliability.status_page.state import worst

PAST = timedelta(days=14)  # what the first page shows of what is over


@dataclass(frozen=True, slots=True)
class Site:
    """What the page is called, where it is read, and where its forms go."""

    name: str
    page_url: str
    forms_url: str


def site() -> Site:
    """As it is configured."""
    return Site(places.name(), places.page_url(), places.forms_url())


def render(snapshot: Snapshot, rendered_at: datetime, of: Site) -> list[File]:
    """The files, those first that others link to: who reads while they are written finds every link."""
    told: dict[str, Any] = {"name": of.name, "page_url": of.page_url, "rendered_at": rendered_at}
    data = statuspage_v2.documents(snapshot, **told)
    data["history.atom"] = atom.feed(snapshot, **told)
    pages = dict(_pages(snapshot, rendered_at, of))
    return [files.of(path, body) for path, body in {**data, **pages}.items()]


def _pages(snapshot: Snapshot, now: datetime, of: Site) -> Iterator[tuple[str, bytes]]:
    known: dict[str, Any] = {
        "name": of.name, "page_url": of.page_url, "snapshot": snapshot, "form_action": places.origin(of.forms_url),
    }  # fmt: skip
    for one in snapshot.incidents:
        # Without the moment: what is over stays as it is, and is not written again each minute.
        page = markup.page("incident.html", one=one, root="../", rendered_at=now if one.is_live else None, **known)
        yield f"incidents/{one.id}.html", page.encode()
    yield "subscribe.html", markup.page("subscribe.html", forms_url=of.forms_url, **known).encode()
    yield "history.html", markup.page("history.html", months=_months(snapshot), rendered_at=now, **known).encode()
    past = [one for one in snapshot.incidents if not one.is_live and (one.resolved_at or now) >= now - PAST]
    overall = markup.IMPACT_TONES.get(snapshot.indicator) or worst(one.state for one in snapshot.components)
    about: dict[str, Any] = {"overall": overall, "past": past, "past_days": PAST.days, "rendered_at": now}
    yield "index.html", markup.page("index.html", **about, **known).encode()


def _months(snapshot: Snapshot) -> list[tuple[str, list[Incident | Maintenance]]]:
    """Incidents and maintenance that is over, by month (UTC), newest first."""
    begun: list[tuple[datetime, Incident | Maintenance]] = [(one.started_at, one) for one in snapshot.incidents]
    begun += [(one.since, one) for one in snapshot.of_status("completed", "in_progress")]
    months: dict[str, list[Incident | Maintenance]] = {}
    for since, one in sorted(begun, key=lambda pair: pair[0], reverse=True):
        months.setdefault(f"{since:%B %Y}", []).append(one)
    return list(months.items())
