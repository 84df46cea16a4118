"""The jobs page: empty, with runs and failures, forbidden, and what its buttons do."""

import pytest

from core.kernel.tasks import RunningJob
from core.kernel.times import utc_now
from core.platform.queue.beats import Heart
from core.platform.queue.running import keep_run
from core.platform.schedules import actions

KEY, SEAL = "platform/jobs", "audit.seal"


def ran(outcome: str = "succeeded", error: str | None = None) -> None:
    keep_run(RunningJob(5, SEAL, 1, SEAL, "req-5"), outcome, error, started_at=utc_now())


def test_without_processes_it_says_so_and_lists_every_job(open_page, actor_of):
    app = open_page(actor_of("developer"), KEY)
    assert not app.exception
    assert [warning.value.split(":")[0] for warning in app.warning] == ["No scheduler leads", "No worker lives"]
    jobs = app.dataframe[0].value.set_index("name")
    assert jobs.loc[SEAL, "schedule"] == "every minute"
    assert jobs["last_run_at"].isna().all()


def test_it_shows_who_works_and_what_ran(open_page, actor_of):
    Heart("scheduler").beat(is_leader=True)
    Heart("worker").beat()
    ran("failed", "ValueError: no ink")
    app = open_page(actor_of("developer"), KEY)
    assert not app.warning
    assert [metric.value for metric in app.metric] == ["1 leading", "1", "0", "0"]
    row = app.dataframe[0].value.set_index("name").loc[SEAL]
    assert (row["outcome"], row["failures"]) == ("Failed", 1)


EMPTY = [("Queue", "Nothing waits"), ("Failed", "Nothing failed"), ("Processes", "No scheduler")]


@pytest.mark.parametrize(("view", "told"), EMPTY)
def test_empty_views_say_so(open_page, actor_of, view, told):
    app = open_page(actor_of("developer"), KEY, view=view)
    assert not app.exception
    assert told in app.info[0].value


def test_views_with_rows(open_page, actor_of, raw):
    Heart("worker").beat()
    job_id = actions.run_now(actor_of("developer"), SEAL)
    assert list(open_page(actor_of("developer"), KEY, view="Queue").dataframe[0].value["job_id"]) == [job_id]
    assert list(open_page(actor_of("developer"), KEY, view="Processes").dataframe[0].value["state"]) == ["Works"]
    raw("UPDATE procrastinate_jobs SET status = 'failed'")
    raw("INSERT INTO event_failure VALUES ('tenants.x', gen_random_uuid(), 8, 'ValueError: no', now(), now())")
    keep_run(RunningJob(job_id, SEAL, 1, SEAL, "r"), "failed", "ValueError: no ink", started_at=utc_now())
    app = open_page(actor_of("developer"), KEY, view="Failed")
    assert list(app.dataframe[0].value["error"]) == ["ValueError: no ink"]
    assert list(app.dataframe[1].value["subscriber"]) == ["tenants.x"]


def test_one_job_with_its_runs_and_buttons(open_page, actor_of, raw):
    ran("retrying", "ValueError: no ink")
    app = open_page(actor_of("developer"), KEY, job=SEAL)
    assert list(app.dataframe[0].value["error"]) == ["ValueError: no ink"]
    app.button(key="run_now").click().run()
    assert raw("SELECT count(*) FROM procrastinate_jobs")[0].count == 1
    app.button(key="run_now").click().run()
    assert "waits in the queue already" in app.error[0].value
    app.button(key="pause").click().run()
    app.button(key="resume").click().run()
    assert [row.action for row in raw("SELECT action FROM audit_entry ORDER BY occurred_at")] == [
        "jobs.run_now", "jobs.pause", "jobs.resume",
    ]  # fmt: skip


def test_a_reader_sees_no_buttons_and_a_stranger_no_page(open_page, actor_of):
    app = open_page(actor_of("admin"), KEY, job=SEAL)
    assert {button.key for button in app.button} - {"account", "sign_out"} == {"back"}
    app = open_page(actor_of("support"), KEY)
    assert "jobs:read" in app.error[0].value
    assert not app.dataframe


def test_an_unknown_job_is_a_sentence(open_page, actor_of):
    app = open_page(actor_of("developer"), KEY, job="no.such")
    assert "no job of this name" in app.warning[0].value
