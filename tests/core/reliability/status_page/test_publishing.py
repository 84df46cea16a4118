"""Where the page is written: a folder, an S3 bucket, one rendering at a time, and the log of it."""

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from localbucket import S3Handler

from core.kernel.errors import Unavailable
from core.kernel.events import subscribers
from core.reliability.status_page import actions, files, places, publishing, tasks, writing
from core.reliability.status_page.files import CACHE
from tests.core.reliability.status_page.making import SYSTEM, component, incident, told


@pytest.fixture(autouse=True)
def _configured_anew(monkeypatch) -> Iterator[None]:
    places.settings.cache_clear()
    writing.forget()
    yield
    places.settings.cache_clear()


class Store:
    """A real S3 server on loopback, and what was put into it."""

    def __init__(self, root: Path) -> None:
        self.root, self.puts, self.answer = root, [], None

    def objects(self) -> dict[str, bytes]:
        found = (path for path in (self.root / "public").rglob("*") if path.is_file())
        return {str(path.relative_to(self.root / "public")): path.read_bytes() for path in found}


@pytest.fixture
def store(tmp_path, monkeypatch) -> Iterator[Store]:
    kept = Store(tmp_path / "s3")
    (kept.root / "public").mkdir(parents=True)

    class Handler(S3Handler):
        data_root = kept.root

        def do_PUT(self) -> None:
            kept.puts.append((self.path, dict(self.headers)))
            super().do_PUT()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    known = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "word",
        "AWS_REGION": "us-east-1", "STATUS_PAGE_BUCKET": "s3://public/page",
    }  # fmt: skip
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    yield kept
    server.shutdown()
    server.server_close()


def page(**changes: bytes) -> list[files.File]:
    bodies = {
        "index.html": b"one",
        "incidents/a.html": b"a",
        "incidents/b.html": b"b",
        "api/v2/status.json": b"{}",
    } | changes
    return [files.of(path, body) for path, body in bodies.items() if body]


def test_a_folder_gets_what_changed_and_loses_what_is_no_more(tmp_path):
    folder = tmp_path / "page"
    assert writing.to_folder(folder, page()) == 4
    (folder / "robots.txt").write_text("mine")
    written = (folder / "index.html").stat().st_mtime_ns
    assert writing.to_folder(folder, page(**{"incidents/a.html": b"", "incidents/b.html": b"new"})) == 1
    assert (folder / "index.html").stat().st_mtime_ns == written
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [
        "b.html",
        "index.html",
        "robots.txt",
        "status.json",
    ]
    assert (folder / "index.html").stat().st_mode & 0o777 == 0o644


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be written"):
        writing.to_folder(tmp_path / "file", page())


def test_a_bucket_gets_files_with_type_and_caching_and_only_what_changed(store):
    assert writing.to_bucket("s3://public/page", page()) == 4
    assert store.objects()["page/incidents/a.html"] == b"a"
    sent = {path.rpartition("/")[2]: headers for path, headers in store.puts}
    assert {name: headers["content-type"] for name, headers in sent.items()} == {
        "index.html": "text/html; charset=utf-8", "a.html": "text/html; charset=utf-8", "b.html": "text/html; charset=utf-8",
        "status.json": "application/json",
    }  # fmt: skip
    assert {headers["cache-control"] for headers in sent.values()} == {CACHE}
    assert sent["index.html"]["authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")
    store.puts.clear()
    assert writing.to_bucket("s3://public/page", page(**{"index.html": b"two", "incidents/a.html": b""})) == 1
    assert len(store.puts) == 1
    assert store.objects().keys() == {"page/index.html", "page/incidents/b.html", "page/api/v2/status.json"}


def test_publishing_writes_folder_and_bucket_alike(db, raw, store):
    component("API")
    done = publishing.publish(SYSTEM)
    assert [one.error for one in done] == [None, None] and done[0].changed == done[1].changed > 8
    folder = places.folder()
    for path, body in store.objects().items():
        assert (folder / path.removeprefix("page/")).read_bytes() == body
    assert {row.target for row in raw("SELECT target FROM status_render")} == {str(folder), "s3://public/page"}


def test_a_bucket_that_fails_does_not_keep_the_folder_from_being_written(db, raw, store, monkeypatch):
    monkeypatch.setenv("STATUS_PAGE_BUCKET", "s3://absent/page")
    folder, bucket = publishing.publish(SYSTEM)
    assert folder.error is None and (places.folder() / "index.html").is_file()
    assert bucket.error.startswith("The bucket s3://absent/page cannot be written")
    assert "X-Amz" not in bucket.error and "word" not in bucket.error
    assert [row.error for row in raw("SELECT error FROM status_render WHERE target LIKE 's3:%'")] == [bucket.error]


def test_the_log_has_one_row_per_content(db, raw):
    component("API")
    for _ in range(3):
        publishing.publish(SYSTEM)
    told(incident())
    tasks.render(SYSTEM)
    rows = raw("SELECT times, digest, files FROM status_render ORDER BY at")
    assert [row.times for row in rows] == [3, 1]
    assert rows[0].digest != rows[1].digest and rows[1].files == rows[0].files + 1


def test_a_change_has_the_page_rendered_once_however_many_come(db, raw):
    component("API")
    actions.render(SYSTEM)
    actions.render(SYSTEM)
    jobs = raw(
        "SELECT task_name FROM procrastinate_jobs WHERE status = 'todo' AND task_name LIKE 'status_page.%' ORDER BY 1"
    )
    assert [row.task_name for row in jobs] == ["status_page.mail", "status_page.render"]


def test_events_that_the_page_shows_have_it_rendered():

    known = next(one for one in subscribers() if one.name == actions.RENDER)
    shown = ("incident_messages.send", "status_page.set_state", "status_page.create_component", "maintenance.cancel",
             "monitors.change_state", "incidents.resolve")  # fmt: skip
    assert all(known.wants(name) for name in shown)
    assert not known.wants("status_page.render") and not known.wants("status_page.remove_subscriber")
