"""What state a component is in, and the whole. Pure.

The words are those of the Statuspage API v2 (https://metastatuspage.com/api/v2), with `unknown` for what nobody observes:
it is never shown as operational.
"""

from collections.abc import Iterable, Sequence

WORST_FIRST = ("major_outage", "partial_outage", "degraded_performance", "under_maintenance", "unknown", "operational")
SETTABLE = ("operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance")
OUTAGES = ("major_outage", "partial_outage", "degraded_performance")
TITLES = {
    "operational": "Operational", "degraded_performance": "Degraded performance", "partial_outage": "Partial outage",
    "major_outage": "Major outage", "under_maintenance": "Under maintenance", "unknown": "Not observed",
}  # fmt: skip
# State of the worst component -> (indicator, description): as Statuspage says it, and what it has no word for.
OVERALL = {
    "major_outage": ("critical", "Major System Outage"),
    "partial_outage": ("major", "Partial System Outage"),
    "degraded_performance": ("minor", "Partially Degraded Service"),
    "under_maintenance": ("maintenance", "Service Under Maintenance"),
    "unknown": ("unknown", "Some Systems Are Not Observed"),
    "operational": ("none", "All Systems Operational"),
}
GRAVITY = ("none", "maintenance", "unknown", "minor", "major", "critical")  # indicators, the gravest last
OF_INCIDENTS = {"minor": "Minor Service Outage", "major": "Partial Service Outage", "critical": "Major Service Outage"}
IMPACTS = {"sev1": "critical", "sev2": "major", "sev3": "minor"}


def worst(states: Iterable[str]) -> str:
    """The gravest of them; `unknown` of none."""
    found = set(states)
    return next((state for state in WORST_FIRST if state in found), "unknown")


def of_monitors(states: Sequence[str]) -> str:
    """What monitors say together. Paused ones say nothing; one that is not observed leaves what is not worse unknown."""
    heard = [state for state in states if state != "paused"]
    if "down" in heard:
        observed = [state for state in heard if state != "unknown"]
        return "major_outage" if all(state == "down" for state in observed) else "partial_outage"
    if "degraded" in heard:
        return "degraded_performance"
    return "operational" if heard and "unknown" not in heard else "unknown"


def of_component(*, manual: str | None, monitors: Sequence[str], declared: Sequence[str], in_maintenance: bool) -> str:
    """What somebody set; else the worst of what monitors and live incidents say, where announced maintenance explains a
    monitor, but not an incident."""
    if manual is not None:
        return manual
    told = worst(declared) if declared else None
    if in_maintenance and told not in OUTAGES:
        return "under_maintenance"
    if not monitors:
        return told or "unknown"
    measured = of_monitors(monitors)
    return worst([measured, told]) if told else measured


def overall(states: Iterable[str], impacts: Iterable[str] = ()) -> tuple[str, str]:
    """Indicator and description of the whole page: of the worst component, or of a live incident that is graver."""
    said = OVERALL[worst(states)]
    gravest = max(impacts, key=GRAVITY.index, default="none")
    return (gravest, OF_INCIDENTS[gravest]) if GRAVITY.index(gravest) > GRAVITY.index(said[0]) else said
