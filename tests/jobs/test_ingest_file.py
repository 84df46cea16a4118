"""`python -m jobs ingest FILE`: a real access log against awk, a file killed in the middle, and files of all sorts."""

import gzip
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from core.health.ingest import files, loading
from core.health.ingest.loading import Options, load
from core.health.requests.models import ROUTE_ROLLUP
from core.kernel import rollups
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid
from core.kernel.times import utc_now
from jobs import ingesting
from tests.core.customers.test_tenants import make as make_tenant
from tests.jobs.processes import until

REAL = Path("../shared/data/access_logs/apache_logs.log")
LINE = '203.0.113.9 - - [17/May/2015:10:05:%02d +0000] "GET /orders/%d?page=%d HTTP/1.1" %d 512 "-" "curl/8"'


@pytest.fixture
def log(tmp_path) -> Path:
    path = tmp_path / "access.log"
    path.write_text("".join(LINE % (n % 60, n % 7, n, 500 if n % 5 == 0 else 200) + "\n" for n in range(100)))
    return path


@pytest.fixture
def run(committed_db, tmp_path):
    """The command in a process of its own: its exit code, output and standard error."""

    def start(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "jobs", "ingest", *map(str, words)]
        environment = os.environ | {"DATABASE_URL": committed_db}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return start


def awk(program: str, path: Path) -> list[list[str]]:
    done = subprocess.run(["awk", program, path], capture_output=True, text=True, check=True)
    return [line.split() for line in done.stdout.splitlines()]


def test_the_real_log_holds_what_awk_says(run, committed_raw, tmp_path):
    if not REAL.exists():
        pytest.skip(f"The real access log is absent ({REAL}): nothing was compared with awk.")
    path = tmp_path / REAL.name
    path.write_bytes(REAL.read_bytes())
    done = run(path, "--service", "shop")
    assert done.returncode == 0, done.stderr
    # One line of the file ends in the middle of its user agent: that one is rejected, and awk leaves it out.
    whole = '/"$/'
    ((count,),) = awk(f"{whole} {{ n++ }} END {{ print n }}", path)
    assert committed_raw("SELECT count(*) FROM request_record WHERE service = 'shop'")[0].count == int(count)
    statuses = awk(f"{whole} {{ n[$9]++ }} END {{ for (s in n) print s, n[s] }}", path)
    split = committed_raw("SELECT status, count(*) FROM request_record GROUP BY status")
    assert {row.status: row.count for row in split} == {int(status): int(n) for status, n in statuses}
    # One route is longer than the 500 characters that are kept.
    cut = 'sub(/[?#].*/, "", $7); n[substr($7, 1, 500)]++'
    routes = awk(f"{whole} {{ {cut} }} END {{ for (r in n) print n[r], r }}", path)
    top = committed_raw("SELECT route, count(*) FROM request_record GROUP BY route")
    assert {row.route: row.count for row in top} == {(route[0] if route else "/"): int(n) for n, *route in routes}
    sizes = awk(f'{whole} && $10 != "-" {{ n += $10 }} END {{ printf "%.0f", n }}', path)
    assert committed_raw("SELECT sum(response_bytes) AS total FROM request_record")[0].total == int(sizes[0][0])
    span = committed_raw("SELECT min(at), max(at), count(duration_ms) AS timed FROM request_record")[0]
    assert (str(span.min)[:19], str(span.max)[:10], span.timed) == ("2015-05-17 10:05:00", "2015-05-20", 0)
    best = Counter({row.route: row.count for row in top}).most_common(3)
    for status, n in statuses:
        assert f"{status}  {int(n):>12,}" in done.stdout
    for route, n in best:
        assert f"{n:>12,}  {route}" in done.stdout
    (reject,) = (tmp_path / f"{REAL.name}.rejects").read_bytes().splitlines()
    number, why, line = reject.split(b"\t")
    assert (int(number), why) == (8899, b"not in the common or combined format")
    assert line == path.read_bytes().splitlines()[8898]


def test_rollups_of_an_old_log_hold_what_its_rows_do(committed_db, committed_raw, log):
    load_it(log)
    raw_sums = committed_raw("SELECT route, status, count(*) FROM request_record GROUP BY 1, 2 ORDER BY 1, 2")

    def rolled() -> list:
        rollups.roll(ROUTE_ROLLUP)
        return committed_raw("SELECT route, status, total, timed FROM route_rollup_day ORDER BY 1, 2")

    # A transaction of another test on this server may hold the pass back for a while.
    until(lambda: len(rolled()) == len(raw_sums), within_s=60)
    assert [(row.route, row.status, row.total) for row in rolled()] == [tuple(row) for row in raw_sums]
    assert {row.timed for row in rolled()} == {0}
    days = committed_raw("SELECT DISTINCT bucket::date AS day FROM route_rollup_hour")
    assert [str(row.day) for row in days] == ["2015-05-17"]


def test_again_stores_nothing_and_tells_the_same(run, committed_raw, log):
    first, again = run(log), run(log)
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert committed_raw("SELECT count(*) FROM request_record")[0].count == 100
    assert "(100 of them by an earlier run)" in again.stdout
    assert again.stdout.replace(" (100 of them by an earlier run)", "") == first.stdout
    assert not log.with_name("access.log.rejects").exists()


def test_killed_in_the_middle_nothing_is_lost_or_doubled(committed_db, committed_raw, run, tmp_path):
    path = tmp_path / "big.log"
    bad = "no such line\n"
    with path.open("w") as file:
        for n in range(120_000):
            file.write(bad if n % 10_000 == 77 else LINE % (n % 60, n % 50, n, 200) + "\n")

    def stored() -> int:
        return committed_raw("SELECT count(*) FROM request_record")[0].count

    kills = []
    for _ in range(3):
        before = stored()
        command = [sys.executable, "-m", "jobs", "ingest", str(path)]
        victim = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": committed_db}, stderr=subprocess.DEVNULL)
        try:
            until(lambda before=before: stored() > before, within_s=60, every_s=0.005)
            time.sleep(0.02 * len(kills))
        finally:
            victim.kill()
            victim.wait(60)
        kills.append(stored())
    assert 0 < kills[0] < kills[-1] < 119_988, "each was killed on its way"
    done = run(path)
    assert done.returncode == 0, done.stderr
    assert stored() == 119_988
    routes = committed_raw("SELECT route, count(*) FROM request_record GROUP BY route")
    expected = Counter(f"/orders/{n % 50}" for n in range(120_000) if n % 10_000 != 77)
    assert {row.route: row.count for row in routes} == dict(expected)
    rejects = path.with_name("big.log.rejects").read_text().splitlines()
    assert [int(line.split("\t")[0]) for line in rejects] == [10_000 * n + 78 for n in range(12)]


def load_it(path: Path, **options: object):
    return load(Actor.system("test"), path, Options("web", **options))


def test_a_file_that_grew_is_gone_on_with(db, raw, log):
    load_it(log)
    with log.open("a") as file:
        file.write(LINE % (1, 1, 1, 404) + "\n")
    report = load_it(log)
    assert (report.accepted, report.known, report.statuses[404]) == (101, 100, 1)
    assert raw("SELECT count(*) FROM request_record")[0].count == 101


def test_a_packed_file_is_the_same_file(db, raw, log, tmp_path):
    load_it(log)
    packed = tmp_path / "access.log.gz"
    packed.write_bytes(gzip.compress(log.read_bytes()))
    assert load_it(packed).known == 100
    assert raw("SELECT count(*) FROM request_record")[0].count == 100


def test_other_options_for_the_same_file_are_refused(db, raw, log):
    load_it(log)
    with pytest.raises(Invalid, match="--service, --tenant or --fold-ids"):
        load_it(log, fold_ids=True)
    assert raw("SELECT count(*) FROM request_record")[0].count == 100


def test_ids_are_folded_when_asked_for(db, raw, log):
    assert load_it(log, fold_ids=True).routes == {"/orders/{id}": 100}
    assert {row.route for row in raw("SELECT route FROM request_record")} == {"/orders/{id}"}


def test_own_rows_and_json_of_others_side_by_side(db, raw, tmp_path, system):
    tenant = make_tenant(system)
    now = utc_now().isoformat()
    held = [
        {"type": "message", "at": now, "provider": "twilio", "channel": "sms", "status": "failed", "tenant_id": str(tenant.id)},
        {"type": "metric", "at": now, "name": "queue", "kind": "gauge", "value": 3},
        {"type": "request", "at": "2016-02-03T04:05:06Z", "service": "api", "route": "/x", "method": "GET", "status": 200},
        {"type": "access", "time": now, "method": "GET", "path": "/y", "status": 200, "request_time": 0.25},
        {"type": "request", "at": now, "service": "api"},
        {"type": "message", "at": now, "provider": "twilio", "channel": "sms", "status": "sent", "tenant_id": "acme"},
        {"time": "2099-01-01T00:00:00Z", "method": "GET", "path": "/y", "status": 200},
    ]  # fmt: skip
    path = tmp_path / "app.jsonl"
    path.write_text("\n\n".join(json.dumps(one) for one in held))
    report = load_it(path, tenant_id=tenant.id)
    assert (report.lines, report.accepted, report.rejected) == (13, 4, 3)
    assert report.routes == {"/x": 1, "/y": 1}
    rows = raw("SELECT service, route, tenant_id, duration_ms, at FROM request_record ORDER BY at")
    assert [(row.service, row.route, row.tenant_id) for row in rows] == [
        ("api", "/x", tenant.id),
        ("web", "/y", tenant.id),
    ]
    assert (rows[0].at.year, rows[0].duration_ms, float(rows[1].duration_ms)) == (2016, None, 250)
    rejects = path.with_name("app.jsonl.rejects").read_text().splitlines()
    assert [line.split("\t")[:2] for line in rejects] == [
        ["9", "route is missing."], ["11", "tenant_id is not a UUID."],
        ["13", rejects[2].split("\t")[1]],
    ]  # fmt: skip
    assert "10 minutes ahead" in rejects[2]


def test_long_lines_and_lines_that_are_no_text_are_rejects(db, raw, log, tmp_path):
    with log.open("ab") as file:
        file.write(b"x" * (files.LINE * 3) + b"\n\xff\xfe\x00\n")
    report = load_it(log)
    assert (report.lines, report.accepted, report.rejected) == (102, 100, 2)
    first, second = log.with_name("access.log.rejects").read_bytes().splitlines()
    assert first.startswith(b"101\tlonger than 64 KiB\t")
    assert second == b"102\tnot in the common or combined format\t\xff\xfe\x00"


def test_routes_that_are_too_many_to_count_are_told_as_about(db, log, monkeypatch):
    monkeypatch.setattr(loading, "MOST_ROUTES", 4)
    report = load_it(log)
    assert (report.is_exact, len(report.routes)) == (False, 2)
    assert "about" in ingesting.told(report, log)


def test_who_may_not_send_telemetry_may_not_load(db, raw, log, actor_of):
    with pytest.raises(Denied):
        load(actor_of("support"), log, Options("web"))
    assert raw("SELECT count(*) FROM request_record")[0].count == 0


def test_words_that_make_no_sense_are_told(db, log, tmp_path, capsys):
    for words, said in (
        ([tmp_path / "nowhere"], "cannot be read"), ([tmp_path], "cannot be read"),
        ([log, "--tenant", "Nobody"], "No tenant is called Nobody"),
    ):  # fmt: skip
        assert ingesting.main([*map(str, words)]) == 1
        assert said in capsys.readouterr().err
    for words, said in (([], "FILE"), ([str(log), "--service", "portal"], "other than portal")):
        with pytest.raises(SystemExit) as ended:
            ingesting.main(words)
        assert ended.value.code == 2
        assert said in capsys.readouterr().err


def test_the_tenant_is_found_by_its_domain(db, raw, log, system, capsys):
    tenant = make_tenant(system, "Acme")
    assert ingesting.main([str(log), "--tenant", tenant.domain, "--service", "shop"]) == 0
    assert {(row.tenant_id, row.service) for row in raw("SELECT tenant_id, service FROM request_record")} == {
        (tenant.id, "shop")
    }
    assert "Stored             100" in capsys.readouterr().out
