"""The page Satisfaction: nobody answered, answers, low ones to look after, forbidden."""

from datetime import timedelta

import pytest

from core.kernel.times import utc_now
from core.support.satisfaction import actions
from core.support.tickets import actions as tickets
from pages._parts.moments import UNKNOWN
from tests.core.customers.test_tenants import make

KEY = "support/satisfaction"
NAUGHTY = "<script>alert(1)</script> **bold** $x^2$"


def rated(system, tenant, score, comment=None, *, name="Zoé Quinn"):
    ticket = tickets.create(
        system, subject=f"Rated {score}", description="Help", tenant_id=tenant.id, requester_name=name,
        requester_email="zoe@acme.example",
    )  # fmt: skip
    tickets.resolve(system, ticket.id, note="Done")
    return actions.rate(system, ticket.id, score=score, comment=comment)


@pytest.fixture
def acme(db, system):
    return make(system, "Acme")


def _values(app) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


def test_what_nobody_answered_is_unknown_and_not_zero(open_page, actor_of):
    app = open_page(actor_of("support"), KEY)
    assert not app.exception
    assert {value for _, value in _values(app).items()} == {UNKNOWN}
    assert "Nobody answered" in app.info[0].value and "No low rating" in app.info[1].value
    assert "tickets:read" in open_page(actor_of("client_success", grants=frozenset()), KEY).error[0].value


def test_answers_are_scored_listed_and_low_ones_marked_as_done(open_page, actor_of, system, acme, raw):
    for score, comment in ((5, "Quick"), (4, None), (1, NAUGHTY), (2, None)):
        rated(system, acme, score, comment)
    app = open_page(actor_of("support"), KEY)
    assert not app.exception
    values = _values(app)
    assert (values["CSAT"], values["Average rating"], values["Response rate"]) == ("50.0%", "3.00", "100.0%")
    assert [one.value for one in app.text] == [NAUGHTY, NAUGHTY, "Quick"]  # to follow up, then the comments
    assert len(app.get("plotly_chart")) == 2
    [low] = raw("SELECT id FROM survey WHERE score = 1")
    app.button(key=f"done_{low.id}").click().run()
    assert f"done_{low.id}" not in [one.key for one in app.button]
    assert raw("SELECT followed_up_by_name FROM survey WHERE score = 1")[0].followed_up_by_name == "Support"
    assert "Followed up by Support" in " ".join(one.value for one in app.caption)


def test_filters_narrow_and_who_only_reads_is_offered_nothing_to_do(open_page, actor_of, system, acme, raw):
    rated(system, acme, 1, "Bad")
    raw(
        "UPDATE survey SET answered_at = answered_at - interval '40 days', created_at = created_at - interval '40 days'"
    )
    app = open_page(actor_of("developer"), KEY, range="30d")
    assert _values(app)["CSAT"] == UNKNOWN
    assert not [one for one in app.button if (one.key or "").startswith("done_")]
    assert "Z… Q…" in " ".join(one.value for one in app.caption)  # masked, and of any time
    assert _values(open_page(actor_of("developer"), KEY, range="90d"))["CSAT"] == "0.0%"


def test_weeks_without_an_answer_are_gaps_in_every_zone(open_page, actor_of, system, acme, raw):
    for weeks in (0, 3, 8):
        survey = rated(system, acme, 5)
        at = utc_now() - timedelta(weeks=weeks)
        raw("UPDATE survey SET answered_at = :at, created_at = :at WHERE id = :id", at=at, id=survey.id)
    app = open_page(actor_of("support", time_zone="America/New_York"), KEY)
    assert not app.exception
    assert len(app.get("plotly_chart")) == 2
