"""Post-mortems and action items: written, submitted, approved by somebody else, tracked until they are done."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from core.kernel.errors import Conflict, Denied, Invalid, NotFound
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.reliability.deployments import actions as deployments
from core.reliability.incidents import actions as incidents
from core.reliability.incidents.models import IncidentTenant
from core.reliability.review import (
    actions,
    correlating,
    document,
    document_pdf,
    figures,
    items,
    queries,
    rules,
    similar,
)
from core.reliability.review.queries import Filters
from tests.core.kernel.test_writes import make_tenant
from tests.core.support.tickets.given import add_operator

ZONE = ZoneInfo("Europe/Rome")


def resolved(actor, title="Checkout fails", **values):
    made = incidents.declare(actor, title=title, severity=values.pop("severity", "sev2"), **values)
    incidents.resolve(actor, made.id, resolution="Rolled back", root_cause=values.get("root_cause", "A full disk"))
    return made


@pytest.fixture
def writer(db, raw, actor_of):
    return actor_of("developer", name="Wes", operator_id=add_operator(raw, "Wes"))


@pytest.fixture
def approver(db, raw, actor_of):
    return actor_of("admin", name="Ada", operator_id=add_operator(raw, "Ada"))


def written(actor, incident):
    made = actions.begin(actor, incident.id)
    made = actions.save(
        actor, incident.id, version=made.version, summary="Checkout was down.", whys=["The disk was full", "", ""],
        factors=[{"kind": "monitoring", "text": "No alert on  disks"}], went_well="The rollback",
    )  # fmt: skip
    items.add(actor, incident.id, title="Alert on disks", due_on=date(2026, 1, 2), priority="high")
    return made


def test_it_is_written_submitted_and_approved_by_somebody_else(writer, approver, raw):
    incident = incidents.declare(writer, title="Down", severity="sev1")
    with pytest.raises(Invalid, match="Resolve the incident first"):
        actions.begin(writer, incident.id)
    incidents.resolve(writer, incident.id, resolution="Fixed")
    made = actions.begin(writer, incident.id)
    assert made.owner_id == writer.operator_id
    with pytest.raises(Invalid, match="has a post-mortem already"):
        actions.begin(approver, incident.id)
    with pytest.raises(Invalid, match="a summary, at least one why, an action item"):
        actions.submit(writer, incident.id)
    actions.save(writer, incident.id, version=made.version, summary="Short", whys=["Because"])
    items.add(writer, incident.id, title="Do better")
    actions.submit(writer, incident.id)
    with pytest.raises(Denied):
        actions.approve(writer, incident.id)
    actions.send_back(approver, incident.id, note="Say more")
    assert queries.post_mortem(writer, incident.id)["review_note"] == "Say more"
    actions.submit(writer, incident.id)
    actions.approve(approver, incident.id)
    shown = queries.post_mortem(writer, incident.id)
    assert (shown["status"], shown["reviewed_by_name"], shown["owner"]) == ("approved", "Ada", "Wes")
    actions.save(writer, incident.id, version=shown["version"], summary="Changed after")
    again = queries.post_mortem(writer, incident.id)
    assert (again["status"], again["reviewed_by_name"]) == ("draft", None)
    done = [
        row.action for row in raw("SELECT action FROM audit_entry WHERE action LIKE 'reviews.%' ORDER BY occurred_at")
    ]
    assert done.count("reviews.submit") == 2 and "reviews.approve" in done


def test_its_owner_does_not_approve_it(approver):
    incident = resolved(approver)
    written(approver, incident)
    actions.submit(approver, incident.id)
    with pytest.raises(Denied, match="You own this post-mortem"):
        actions.approve(approver, incident.id)


def test_everything_wrong_is_named_at_once_and_an_older_version_is_a_conflict(writer, approver):
    incident = resolved(writer)
    made = actions.begin(writer, incident.id)
    with pytest.raises(Invalid) as caught:
        actions.save(
            writer, incident.id, version=made.version, whys=["a", "", "c"], factors=[{"kind": "moon", "text": "x"}],
            summary="x" * 30_000,
        )  # fmt: skip
    assert set(caught.value.fields) == {"whys", "factors", "summary"}
    assert "why number 2" in caught.value.fields["whys"]
    with pytest.raises(Invalid) as caught:
        actions.save(writer, incident.id, version=made.version, owner_id=uuid4())
    assert "owner_id" in caught.value.fields
    actions.save(approver, incident.id, version=made.version, summary="theirs")
    with pytest.raises(Conflict, match="Ada changed summary"):
        actions.save(writer, incident.id, version=made.version, summary="mine")


@pytest.mark.parametrize(("given", "kept"), [(["a ", "b"], ["a", "b"]), (["", ""], []), (["a", "", " "], ["a"])])
def test_whys_end_with_the_last_answer(given, kept):
    assert rules.clean({"whys": given}) == {"whys": kept}


def test_action_items_are_tracked_until_they_are_done(writer, approver, actor_of):
    incident = resolved(writer)
    late = items.add(writer, incident.id, title="Late", due_on=utc_now().date() - timedelta(days=1))
    other = items.add(writer, incident.id, title="No day", owner_id=approver.operator_id)
    frame = queries.items(writer, Filters(incident_id=incident.id)).frame
    assert list(frame["title"]) == ["Late", "No day"]
    assert list(frame["is_overdue"]) == [True, False] and frame["owner"][1] == "Ada"
    assert list(queries.items(writer, Filters(is_overdue=True)).frame["title"]) == ["Late"]
    assert queries.counts(writer) == {"open": 2, "overdue": 1, "review": 0}
    items.complete(writer, late.id, note="Shipped")
    items.cancel(writer, other.id, reason="Not worth it")
    with pytest.raises(Invalid, match="not open any more"):
        items.complete(writer, late.id)
    assert queries.counts(writer) == {"open": 0, "overdue": 0, "review": 0}
    items.reopen(writer, late.id)
    shown = queries.items(writer, Filters(statuses=("open",))).frame.iloc[0]
    assert (shown["title"], shown["note"]) == ("Late", "Shipped")
    assert pd.isna(shown["done_by_name"]) and pd.isna(shown["done_at"])
    with pytest.raises(Denied):
        items.add(actor_of("hotline_operator"), incident.id, title="x")


def test_the_document_says_what_is_known_and_marks_the_unknown(writer):
    incident = resolved(writer, "Pipe | in the title")
    with pytest.raises(NotFound, match="no post-mortem yet"):
        document.compose(writer, incident.id, now=utc_now(), zone=ZONE)
    written(writer, incident)
    made = document.compose(writer, incident.id, now=datetime(2026, 1, 1, tzinfo=UTC), zone=ZONE)
    text = document.to_markdown(made)
    assert "1. Why? The disk was full" in text
    assert "| Monitoring | No alert on disks |" in text
    assert "| Alert on disks | nobody | 2026-01-02 | open |" in text
    assert "- **Tenants affected:** unknown" in text
    assert "Declared" in text and "What went well: The rollback" in text
    assert document_pdf.render(made) == document_pdf.render(made)
    assert document_pdf.render(made).startswith(b"%PDF")


def test_similar_incidents_share_words_or_more_so_services(writer):
    past = [
        resolved(writer, "Redis cluster loses quorum", services=["cache"]),
        resolved(writer, "Redis failover slow", services=["billing"]),
        resolved(writer, "Certificate expired", services=["web"]),
    ]
    now = incidents.declare(writer, title="Redis quorum lost again", severity="sev1", services=["cache"])
    found = similar.similar(writer, now.id)
    assert list(found["id"]) == [str(past[0].id), str(past[1].id)]
    assert found["shared_services"][0] == ["cache"] and found["rank"][0] > found["rank"][1]
    assert similar.words("The API and 'the' cache; DROP TABLE") == ["api", "cache", "drop", "table"]


def test_what_changed_before_comes_by_time_and_by_whom_it_touched(writer, system):
    hit, other = make_tenant(system, "Hit"), make_tenant(system, "Other")
    start = utc_now()
    incident = incidents.declare(writer, title="Down", severity="sev1", services=["checkout"], started_at=start)
    with record(system) as tx:
        tx.copy(IncidentTenant, [
            {"incident_id": incident.id, "tenant_id": hit.id, "found_by": ["requests"], "computed_at": start}
        ])  # fmt: skip
    for minutes, service in ((5, "checkout"), (5, "mail"), (600, "checkout")):
        deployments.report(writer, service=service, release=f"v{minutes}", at=start - timedelta(minutes=minutes))
    rows, hidden = correlating.changes(writer, incident.id)
    deployed = rows[rows["kind"] == "deployment"]
    assert [one.split(" to ")[0] for one in deployed["what"]] == ["checkout v5", "mail v5", "checkout v600"]
    assert list(deployed["overlap"]) == [1.0, 0.0, 1.0]
    assert deployed["score"].is_monotonic_decreasing
    assert "configuration" in hidden and "deployment" not in hidden
    assert rows["tenant_id"].isna().all() or other.id not in set(rows["tenant_id"])


def test_a_change_long_before_or_of_others_is_less_likely():
    assert correlating.score(0, 1.0) == 1.0
    assert correlating.score(60, 1.0) == 0.5 == correlating.score(-60, 1.0)
    assert correlating.score(5, 0.0) < correlating.score(5, None) < correlating.score(5, 1.0)


def test_figures_are_means_of_what_was_resolved(writer, raw):
    base = datetime(2026, 3, 1, 12, tzinfo=UTC)
    made: list[tuple[str, list[str], int, int | None, int | None]] = [
        ("sev1", ["a"], 0, 10, 60), ("sev1", ["a", "b"], 10, 20, 180), ("sev1", ["b"], 30, None, None), ("sev3", [], 5, 5, 600),
    ]  # fmt: skip
    for severity, services, hours, taken, took in made:
        incident = incidents.declare(writer, title="x", severity=severity, services=services)
        _put(raw, incident.id, base + timedelta(hours=hours), taken, took)
    found = figures.figures(writer, base, base + timedelta(days=5)).set_index("group")
    sev1 = found.loc["sev1"]
    assert (sev1["incidents"], sev1["live"], sev1["resolved"]) == (3, 1, 2)
    assert float(sev1["mtta_s"]) == 15 * 60 and float(sev1["mttr_s"]) == 120 * 60
    assert float(sev1["mtbf_s"]) == 15 * 3600
    assert (sev1["in_time"], sev1["judged"]) == (1, 3), "the one that still runs is past its two hours"
    assert found.loc["sev3", "judged"] == 0
    by_service = figures.figures(writer, base, base + timedelta(days=5), by="service").set_index("group")
    assert by_service["incidents"].to_dict() == {"": 1, "a": 2, "b": 2}
    months = figures.by_month(writer, base, base + timedelta(days=60), zone="UTC")
    assert list(months["incidents"]) == [3, 1] and set(months["month"]) == {"2026-03-01"}
    assert figures.figures(writer, base - timedelta(days=9), base - timedelta(days=8)).empty


def _put(raw, incident_id: UUID, start: datetime, taken: int | None, took: int | None) -> None:
    minutes = {"taken": taken, "took": took}
    at = {name: start + timedelta(minutes=value) if value is not None else None for name, value in minutes.items()}
    raw(
        "UPDATE incident SET started_at = :start, declared_at = :start, acknowledged_at = :taken, resolved_at = :took,"
        " status = CASE WHEN CAST(:took AS timestamptz) IS NULL THEN 'investigating' ELSE 'resolved' END WHERE id = :id",
        id=incident_id, start=start, **at,
    )  # fmt: skip
