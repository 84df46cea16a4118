"""Tickets out of a real incident log: facts, history, a second run, and rows that nobody can read."""

import subprocess
import sys

import pandas as pd
import pytest

from core.kernel.errors import Denied, Invalid
from core.support.importing import actions
from core.support.importing.history import incident
from core.support.importing.loading import load
from core.support.importing.reading import read
from jobs import importing_tickets
from tests.core.support.importing.log import EXCERPT, WHOLE, cut, facts


@pytest.fixture(params=["excerpt", "whole"])
def path(request):
    if request.param == "whole" and not WHOLE.exists():
        pytest.skip(f"the real data are absent: {WHOLE}")
    return EXCERPT if request.param == "excerpt" else WHOLE


def stored(raw) -> pd.DataFrame:
    columns = ["number", "status", "priority", "team", "agent", "category", "opened", "resolved", "closed", "reopened"]
    rows = raw(
        "SELECT t.external_id, t.status, t.priority, s.name, t.assignee_label, t.category, t.created_at, t.resolved_at,"
        " t.closed_at, t.reopen_count FROM ticket AS t LEFT JOIN support_team AS s ON s.id = t.team_id ORDER BY 1"
    )
    frame = pd.DataFrame([tuple(row) for row in rows], columns=columns).set_index("number")
    for name in ("opened", "resolved", "closed"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame


def test_tickets_have_the_facts_of_the_log(raw, system, path):
    report = load(system, path)
    expected = facts(path).drop(columns="took")
    found = stored(raw)
    off = (found["resolved"] - expected["resolved"]).abs().max()
    assert (report.made, report.known, report.lost) == (len(expected), 0, ())
    assert off == pd.Timedelta(0)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_names=False)


def test_every_history_leads_from_open_to_what_the_ticket_is(raw, system, path):
    load(system, path)
    rows = raw("SELECT ticket_id, before, after FROM ticket_event WHERE kind = 'status' ORDER BY ticket_id, at, id")
    course: dict = {}
    for row in rows:
        assert course.get(row.ticket_id, "open") == row.before
        course[row.ticket_id] = row.after
    assert course == {row.id: row.status for row in raw("SELECT id, status FROM ticket WHERE status <> 'open'")}
    firsts = raw("SELECT DISTINCT ON (ticket_id) kind FROM ticket_event ORDER BY ticket_id, at, id")
    assert {row.kind for row in firsts} == {"created"}
    missing = raw(
        "SELECT external_id FROM ticket AS t WHERE resolved_at IS DISTINCT FROM (SELECT max(at) FROM ticket_event AS e"
        " WHERE e.ticket_id = t.id AND e.kind = 'status' AND e.after = 'resolved') AND status IN ('resolved', 'closed')"
    )
    assert missing == []


def test_clocks_of_imported_tickets_stop_at_the_resolution(raw, system):
    load(system, EXCERPT)
    rows = raw(
        "SELECT c.stopped_at, t.resolved_at, c.state FROM ticket AS t JOIN ticket_clock AS c ON c.ticket_id = t.id"
        " WHERE c.target = 'resolution'"
    )
    assert len(rows) == len(facts(EXCERPT))
    assert all(row.stopped_at == row.resolved_at and row.state in ("met", "missed") for row in rows)


def test_importing_again_changes_nothing(raw, system):
    load(system, EXCERPT)
    state = "SELECT t.*, (SELECT count(*) FROM ticket_event), (SELECT last FROM ticket_counter) FROM ticket AS t ORDER BY id"
    before, audited = raw(state), raw("SELECT count(*) FROM audit_entry")
    report = load(system, EXCERPT)
    assert (report.made, report.known) == (0, len(before))
    assert raw(state) == before and raw("SELECT count(*) FROM audit_entry") == audited


def test_numbers_follow_on_those_before(raw, system):
    raw("UPDATE ticket_counter SET last = 41")
    load(system, EXCERPT)
    numbers = [row.number for row in raw("SELECT number FROM ticket ORDER BY number")]
    assert numbers == list(range(42, 42 + len(numbers)))
    assert raw("SELECT last FROM ticket_counter")[0].last == numbers[-1]
    assert raw("SELECT count(*) FROM event WHERE type = 'tickets.import_many'")[0][0] == 1


def test_a_log_that_ends_early_leaves_tickets_open(raw, system, tmp_path):
    early = cut(EXCERPT, tmp_path / "early.csv", "2016-03-01 12:00")
    load(system, early)
    expected, found = facts(early), stored(raw)
    assert {"in_progress", "waiting", "closed"} & set(expected["status"]) and len(set(expected["status"])) > 2
    assert found["status"].to_dict() == expected["status"].to_dict()
    assert found["resolved"].isna().to_dict() == expected["resolved"].isna().to_dict()
    running = raw("SELECT count(*) FROM ticket_clock WHERE state IN ('running', 'paused') AND target = 'resolution'")
    assert running[0][0] == int(expected["resolved"].isna().sum())


def test_rows_that_cannot_be_read_are_told_and_the_others_taken(raw, system, tmp_path, capsys):
    lines = EXCERPT.read_text().splitlines()
    whole = lines[1].split(",")
    bad = [
        lines[1].replace("29-02-2016", "2016/02/29", 1), ",".join(whole[:5]), lines[1].replace("3 - Moderate", "Urgent"),
        ",".join(["INC9", "Sleeping", *whole[2:]]), ",".join(["?", *whole[1:]]), ",".join([*whole[:5], "-1", *whole[6:]]),
        ",".join(["INC8", "-100", *whole[2:]]),
    ]  # fmt: skip
    path = tmp_path / "log.csv"
    path.write_text("\n".join([lines[0], *bad, *lines[1:]]) + "\n")
    assert importing_tickets.main([str(path)]) == 0
    told = capsys.readouterr().out
    rejects = (tmp_path / "log.csv.rejects").read_text().splitlines()
    # Six of these, and the one of the excerpt whose count is there twice.
    assert len(rejects) == 1 + 6 + 1 and [line.split(",")[0] for line in rejects[1:7]] == ["2", "3", "4", "5", "6", "7"]
    assert "line 2 (" in told and "not a time" in told and "Sleeping" in told and "nothing could be read: INC9" in told
    kept = {row.external_id: row.status for row in raw("SELECT external_id, status FROM ticket")}
    assert set(kept) == {*facts(EXCERPT).index, "INC8"} and kept["INC8"] == "open"


def test_the_command_runs_on_its_own(committed_db, committed_raw, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(EXCERPT.read_text())
    words = [sys.executable, "-m", "jobs", "import-tickets", str(path), "--zone", "Europe/Lisbon"]
    first, second = (subprocess.run(words, capture_output=True, text=True, check=False) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "New tickets       12" in first.stdout and "New tickets        0" in second.stdout
    opened = committed_raw("SELECT count(*) FROM ticket WHERE created_at = '2016-02-29 01:16+00'")
    assert opened[0][0] == 1  # Lisbon is on UTC in winter
    wrong = subprocess.run([*words[:-1], "Nowhere/Land"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2 and "is no time zone" in wrong.stderr


def test_a_file_of_something_else_is_refused(system, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("name,city\nAda,London\n")
    with pytest.raises(Invalid, match="no column number"):
        load(system, other)
    other.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match="UTF-8"):
        load(system, other)
    with pytest.raises(Invalid, match="cannot be read"):
        load(system, tmp_path / "absent.csv")


def test_import_takes_the_right_to_everything(raw, actor_of):
    some = [incident(number, updates) for number, updates in read(EXCERPT).incidents.items()]
    with pytest.raises(Denied):
        actions.import_many(actor_of("support"), some)
    assert raw("SELECT count(*) FROM ticket")[0][0] == 0
    assert raw("SELECT outcome FROM audit_entry WHERE action = 'tickets.import_many'")[0].outcome == "denied"
