"""The templates of the page: plain HTML without scripts; everything that people wrote is escaped. Pure."""

import base64
import hashlib
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core.reliability.status_page import history
from core.reliability.status_page.history import Day
from core.reliability.status_page.snapshot import Component
from core.reliability.status_page.state import TITLES

FOLDER = Path(__file__).parent / "templates"
STATUSES = {
    "investigating": "Investigating",
    "identified": "Identified",
    "monitoring": "Monitoring",
    "resolved": "Resolved",
}
MAINTENANCE_STATUSES = {"scheduled": "Scheduled", "in_progress": "In progress", "completed": "Completed"}
IMPACT_TONES = {"critical": "major_outage", "major": "partial_outage", "minor": "degraded_performance"}


def moment(value: datetime) -> str:
    """In UTC, as the page says it."""
    return f"{value.astimezone(UTC):%d %b %Y %H:%M} UTC"


def told_day(day: Day) -> str:
    """One day of a strip in words."""
    down = f", down {_length(day.down_s)}" if day.down_s else ""
    seen = "" if day.observed_ratio >= 1 else f", {int(day.observed_ratio * 100)} % of it observed"
    return f"{day.on:%d %b %Y}: {TITLES[day.state].lower()}{down}{seen}"


def _length(seconds: float) -> str:
    minutes = max(round(seconds / 60), 1)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def told_uptime(component: Component) -> str:
    share = history.percent(component.uptime_ratio)
    return "Uptime unknown" if share is None else f"{share} % uptime of what was observed"


def summed(component: Component) -> str:
    """A strip in words, for who does not see it."""
    counted = Counter(day.state for day in component.days)
    parts = (f"{counted[state]} {TITLES[state].lower()}" for state in TITLES if counted[state])
    return f"Last {len(component.days)} days of {component.name}: {', '.join(parts)}"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(moment=moment, told_day=told_day, told_uptime=told_uptime, summed=summed)
    made.globals.update(
        titles=TITLES,
        statuses=STATUSES,
        maintenance_statuses=MAINTENANCE_STATUSES,
        impacts=IMPACT_TONES,
        legend=list(TITLES),
    )
    return made


@cache
def style() -> str:
    return (FOLDER / "style.css").read_text(encoding="utf-8").strip()


def policy(form_action: str) -> str:
    """The content security policy: our own style, forms to one place, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action {form_action}; base-uri 'none'"


def page(template: str, *, form_action: str, **values: Any) -> str:
    """The page of a template. `page_url` None leaves out what links to the page's other files."""
    given = {"root": "", "rendered_at": None, "page_url": None, "style": Markup(style())} | values
    return _environment().get_template(template).render(policy=policy(form_action), **given)
