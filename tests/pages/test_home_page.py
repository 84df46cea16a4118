"""Home: what is quiet, what needs somebody, and what nobody knows."""

import pytest

from core.customers.tenants import actions
from core.health.components import queries as components
from core.health.errors.recording import record_error
from core.kernel.errors import TooSlow
from core.kernel.logs import new_request_id
from core.kernel.models import utc_now
from core.kernel.tasks import RunningJob
from core.platform.queue import queries as queue
from core.platform.queue.running import keep_run
from core.platform.schedules import actions as schedules
from tests.core.customers.test_tenants import make


def loud(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_what_nobody_checked_is_unknown_and_what_is_zero_is_quiet(open_page, actor_of, monkeypatch):
    monkeypatch.setattr(components, "beats", lambda _: {})
    monkeypatch.setattr(components, "LIVE", {})
    app = open_page(actor_of("super_admin"))
    assert not app.exception
    assert loud(app) == {"Components in trouble": "Unknown"}


def test_counts_need_somebody_only_where_the_role_may_look(open_page, actor_of, system):
    actions.suspend(system, make(system, "Alpha").id, reason="Unpaid")
    record_error(ValueError("no ink"), route="/tenants", request_id=new_request_id())
    assert {"Tenants suspended": "1", "Errors of 24 h": "1"}.items() <= loud(open_page(actor_of("support"))).items()
    assert "Errors of 24 h" not in loud(open_page(actor_of("client_success")))
    assert "Tenants suspended" not in loud(open_page(actor_of("developer")))


def test_count_that_cannot_be_read_is_unknown_and_stops_no_other(open_page, actor_of, system, monkeypatch):
    def too_slow(_):
        raise TooSlow("This took too long.")

    actions.suspend(system, make(system, "Alpha").id, reason="Unpaid")
    monkeypatch.setattr(components, "current", too_slow)
    app = open_page(actor_of("support"))
    assert loud(app)["Components in trouble"] == "Unknown"
    assert loud(app)["Tenants suspended"] == "1"


def test_failed_jobs_are_counted_as_the_page_lists_them(open_page, actor_of, raw):
    developer = actor_of("developer")
    job_id = schedules.run_now(developer, "audit.seal")
    raw("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = :id", id=job_id)
    for attempt in (1, 2):
        keep_run(RunningJob(job_id, "audit.seal", attempt, None, "r"), "failed", "no ink", started_at=utc_now())
    assert loud(open_page(developer))["Failed jobs"] == "1"
    assert len(queue.failed(developer)) == 1


@pytest.mark.parametrize("name", ["Alph", "alpha.", "ALPHA"])
def test_search_finds_a_tenant_and_links_to_it(open_page, actor_of, system, name):
    make(system, "Alpha", domain="alpha.example")
    app = open_page(actor_of("support"))
    app.text_input(key="search").set_value(name).run()
    links = [link.proto.label for link in app.sidebar.get("page_link")]
    assert "Alpha" in links
    app.text_input(key="search").set_value("zzz").run()
    assert any("Nothing found" in caption.value for caption in app.sidebar.caption)
