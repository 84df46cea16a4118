"""The files: valid, escaped, in the shape that clients know, and without anything that is internal."""

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import html5lib
import orjson
import pytest

from core.health.maintenance import actions as maintenance
from core.kernel.times import utc_now
from core.reliability.status_page import actions, files, reading, rendering
from core.reliability.status_page.rendering import Site
from core.reliability.status_page.state import TITLES
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.reliability.status_page.making import SYSTEM, component, incident, monitor, told

SITE = Site("Example <&> Co", "https://status.example.com", "https://deck.example.com/status")
ATOM = "{http://www.w3.org/2005/Atom}"
NASTY = "<script>alert('x')</script> & \"quotes\" </svg></title> \x00\x0b] ]]> {{ 7 * 7 }}"


@pytest.fixture
def full(db):
    """A page with everything on it, and much that must not be."""
    make_tenant(SYSTEM, "Secret Customer Ltd")
    one = component(
        "API " + NASTY[:60], description=NASTY, monitor_ids=[monitor("Secret monitor")], group_name="Core <b>"
    )
    component("Web", monitor_ids=[monitor("Secret other", state="down")])
    actions.set_state(SYSTEM, one.id, state="degraded_performance", reason="Secret reason")
    key = incident(public_title="Slow " + NASTY.replace("\x00", ""))
    told(key, NASTY.replace("\x00", ""), components={str(one.id): "partial_outage"})
    told(incident(status="resolved", resolved_at=utc_now(), public_title="Over"), "It works again.", "resolved")
    about = {"title": "Secret window", "reason": "Secret plan"}
    window = maintenance.create(SYSTEM, starts_at=utc_now() + timedelta(days=1), duration_s=3_600, **about)
    actions.announce(SYSTEM, window.id, title="Upgrade <i>", body=NASTY, component_ids=[one.id])
    return {one.path: one for one in rendering.render(reading.snapshot(SYSTEM), utc_now(), SITE)}


def test_every_page_is_valid_html_without_scripts(full):
    pages = [one for one in full.values() if one.path.endswith(".html")]
    assert {"index.html", "history.html", "subscribe.html"} < {one.path for one in pages} and len(pages) == 5
    for one in pages:
        parsed = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(one.body.decode())
        assert not list(parsed.iter("script")), one.path
        assert not [*parsed.iter("b"), *parsed.iter("i")], one.path
        ids = [tag.attrib["id"] for tag in parsed.iter() if "id" in tag.attrib]
        assert len(ids) == len(set(ids))
        assert parsed.attrib["lang"] == "en" and parsed.find(".//title").text
        assert not [
            tag for tag in parsed.iter() if "style" in tag.attrib or any(key.startswith("on") for key in tag.attrib)
        ]


def test_a_broken_page_would_not_pass_for_valid(full):
    broken = full["index.html"].body.decode().replace("</h1>", "", 1)
    with pytest.raises(html5lib.html5parser.ParseError):
        html5lib.HTMLParser(strict=True).parse(broken)


def test_links_between_the_files_lead_somewhere(full):
    for one in (one for one in full.values() if one.path.endswith(".html")):
        for target in re.findall(r'href="([^"]+)"', one.body.decode()):
            if target.startswith(("data:", "http")):
                continue
            base = one.path.rpartition("/")[0]
            path = target.removeprefix("../") if target.startswith("../") else f"{base}/{target}".lstrip("/")
            assert path in full, f"{one.path} links to {target}"


def test_nothing_internal_is_in_any_file(full):
    for one in full.values():
        text = one.body.decode().lower()
        assert "secret" not in text, f"{one.path}: {text[text.index('secret') - 80 :][:200]}"
        assert "acme" not in text and "inner" not in text, one.path


def test_every_file_says_when_it_was_rendered_or_cannot_go_stale(full):
    for path in ("index.html", "history.html"):
        assert re.search(rb"Rendered \d\d \w{3} \d{4} \d\d:\d\d UTC", full[path].body)
    summary = orjson.loads(full["api/v2/summary.json"].body)
    assert summary["page"]["updated_at"].endswith("Z")


def test_what_is_over_is_the_same_file_a_minute_later(db):
    key = incident(status="resolved", resolved_at=utc_now())
    told(key, "Over.", "resolved")
    snapshot, now = reading.snapshot(SYSTEM), utc_now()
    early, late = (
        {one.path: one.body for one in rendering.render(snapshot, at, SITE)} for at in (now, now + timedelta(minutes=1))
    )
    assert early[f"incidents/{key}.html"] == late[f"incidents/{key}.html"]
    assert early["index.html"] != late["index.html"]
    assert snapshot.digest() == reading.snapshot(SYSTEM).digest()
    told(key, "Really.", "resolved")
    assert snapshot.digest() != reading.snapshot(SYSTEM).digest()


# The shapes that https://metastatuspage.com/api/v2 documents.
PAGE = {"id", "name", "url", "time_zone", "updated_at"}
COMPONENT = {
    "id", "name", "status", "created_at", "updated_at", "position", "description", "showcase", "start_date", "group_id",
    "page_id", "group", "only_show_if_degraded",
}  # fmt: skip
INCIDENT = {
    "id", "name", "status", "created_at", "updated_at", "monitoring_at", "resolved_at", "impact", "shortlink", "started_at",
    "page_id", "incident_updates", "components",
}  # fmt: skip
UPDATE = {"id", "status", "body", "incident_id", "created_at", "updated_at", "display_at", "affected_components"}
PARTS = {
    "summary": {"components", "incidents", "scheduled_maintenances", "status"}, "status": {"status"},
    "components": {"components"}, "incidents": {"incidents"}, "incidents/unresolved": {"incidents"},
    "scheduled-maintenances": {"scheduled_maintenances"}, "scheduled-maintenances/upcoming": {"scheduled_maintenances"},
    "scheduled-maintenances/active": {"scheduled_maintenances"},
}  # fmt: skip


def test_json_has_the_shape_of_the_statuspage_api(full):
    read = {path: orjson.loads(full[f"api/v2/{path}.json"].body) for path in PARTS}
    for path, parts in PARTS.items():
        assert read[path].keys() == {"page", *parts} and read[path]["page"].keys() == PAGE
    summary = read["summary"]
    assert summary["status"] == {"indicator": "critical", "description": "Major System Outage"}
    group, *components = summary["components"]
    assert group["group"] and group["components"] == [components[0]["id"]] and components[0]["group_id"] == group["id"]
    assert all(one.keys() >= COMPONENT and one["status"] in TITLES for one in summary["components"])
    assert [len(read[path]["incidents"]) for path in ("incidents", "incidents/unresolved")] == [2, 1]
    live = summary["incidents"][0]
    assert live.keys() >= INCIDENT and live["incident_updates"][0].keys() >= UPDATE and live["impact"] == "major"
    affected = live["incident_updates"][0]["affected_components"][0]
    assert (affected["code"], affected["new_status"]) == (components[0]["id"], "partial_outage")
    planned = summary["scheduled_maintenances"][0]
    assert planned.keys() >= {*INCIDENT, "scheduled_for", "scheduled_until"} and planned["status"] == "scheduled"
    assert len(read["scheduled-maintenances/upcoming"]["scheduled_maintenances"]) == 1
    assert read["scheduled-maintenances/active"]["scheduled_maintenances"] == []


def test_the_feed_is_atom(full):
    root = ET.fromstring(full["history.atom"].body)
    entries = root.findall(f"{ATOM}entry")
    assert root.tag == f"{ATOM}feed" and len(entries) == 3
    for parent in (root, *entries):
        assert all(parent.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
    assert len({one.findtext(f"{ATOM}id") for one in entries}) == 3
    assert "<script>" in "".join(one.findtext(f"{ATOM}content") for one in entries), "text, and not markup"


def test_files_have_their_types(full):
    assert {path.rpartition(".")[2]: one.content_type for path, one in full.items()} == {
        "html": "text/html; charset=utf-8", "json": "application/json", "atom": "application/atom+xml; charset=utf-8",
    }  # fmt: skip
    with pytest.raises(KeyError):
        files.content_type("style.exe")


def test_an_empty_page_is_valid_and_not_green(db):
    made = {one.path: one for one in rendering.render(reading.snapshot(SYSTEM), utc_now(), SITE)}
    html5lib.HTMLParser(strict=True).parse(made["index.html"].body.decode())
    assert orjson.loads(made["api/v2/status.json"].body)["status"]["indicator"] == "unknown"
    assert b"All Systems Operational" not in made["index.html"].body
