"""Questions to customers: asked once, answered once, low answers looked after, scores that are unknown without answers."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.users.models import TenantUser
from core.kernel import crypto
from core.kernel.errors import AlreadyDone, Denied, Invalid, NotFound
from core.kernel.events import Event
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.support.satisfaction import actions, links, queries, rules, tasks
from core.support.satisfaction.queries import Filters
from core.support.tickets import actions as tickets
from core.support.tickets import bulk, rated
from core.support.tickets import queries as ticket_queries
from tests.core.customers.test_tenants import make


@pytest.fixture
def acme(db, system):
    return make(system, "Acme")


@pytest.fixture
def ticket(acme, system):
    made = tickets.create(
        system,
        subject="Help",
        description="x",
        tenant_id=acme.id,
        requester_name="Zoé",
        requester_email="zoe@acme.example",
    )
    tickets.resolve(system, made.id, note="Done")
    return made


@pytest.fixture
def survey(ticket, system):
    return actions.ask(system, ticket.id, message_id=None, once="one")


def token(survey) -> str:
    return links.address(survey.id, survey.token_digest).rpartition("/")[2]


def _hand(raw, kind, handler, system):
    for row in raw("SELECT * FROM event WHERE type = :kind ORDER BY id", kind=kind):
        handler(system, Event(**row._mapping))


def test_resolving_asks_once_and_only_the_newest_question_can_be_answered(ticket, system, raw):
    _hand(raw, "tickets.resolve", tasks.ask, system)
    with pytest.raises(AlreadyDone):
        _hand(raw, "tickets.resolve", tasks.ask, system)
    first = raw("SELECT id, token_digest FROM survey")
    assert len(first) == 1
    tickets.reopen(system, ticket.id, reason="No")
    tickets.resolve(system, ticket.id, note="Now")
    newest = actions.ask(system, ticket.id, message_id=None, once="two")
    old = links.address(first[0].id, first[0].token_digest).rpartition("/")[2]
    with pytest.raises(Invalid, match="expired"):
        actions.answer(system, old, score=5)
    assert actions.answer(system, token(newest), score=5).score == 5


def test_resolving_many_together_asks_each_of_their_requesters_once(acme, system, raw):
    about = {"description": "x", "tenant_id": acme.id, "requester_name": "Zoé"}
    made = [
        tickets.create(system, subject=str(n), **about, requester_email=f"z{n}@acme.example" if n else None)
        for n in range(4)
    ]
    found = bulk.set_status_many(system, [one.id for one in made], status="resolved", note="All done")
    assert [one.problem for one in found] == [None] * 4
    for _ in range(2):
        _hand(raw, "tickets.set_status_many", tasks.ask_many, system)
    asked = raw("SELECT ticket_id FROM survey")
    assert sorted(row.ticket_id for row in asked) == sorted(one.id for one in made[1:])
    told = raw("SELECT payload->>'message_id' AS message FROM event WHERE type = 'satisfaction.ask'")
    assert len({row.message for row in told} - {None}) == 3


def test_answer_counts_once_leaves_a_trace_and_the_token_nowhere(survey, ticket, system, raw, actor_of):
    text = token(survey)
    actions.answer(system, text, score="5", comment="  Quick\x00  ")
    with pytest.raises(Invalid, match="answered already"):
        actions.answer(system, text, score=1)
    row = raw("SELECT score, comment, token_digest FROM survey")[0]
    assert tuple(row) == (5, "Quick\N{REPLACEMENT CHARACTER}", crypto.digest(text))
    assert ticket_queries.events(actor_of("support"), ticket.id)["kind"].iloc[-1] == "rated"
    [entry] = raw("SELECT tenant_id FROM audit_entry WHERE action = 'satisfaction.answer'")
    assert entry.tenant_id == ticket.tenant_id
    everything = raw("SELECT string_agg(changes::text || details::text, '') AS told FROM audit_entry")[0].told
    assert text not in everything and survey.token_digest.hex() not in everything


def test_wrong_expired_and_off_scale_answers_change_nothing(survey, system, raw):
    with pytest.raises(NotFound):
        actions.answer(system, "x" * 43, score=5)
    for score in (0, 6, "", "five", None, True, "٣", 4.5):
        with pytest.raises(Invalid):
            actions.answer(system, token(survey), score=score)
    with pytest.raises(Invalid, match="longer"):
        actions.answer(system, token(survey), score=3, comment="x" * 4_001)
    raw("UPDATE survey SET expires_at = now() - interval '1 second'")
    with pytest.raises(Invalid, match="expired"):
        actions.answer(system, token(survey), score=3)
    assert raw("SELECT score, answered_at FROM survey")[0] == (None, None)


def test_low_answer_opens_a_follow_up_that_somebody_ends(survey, ticket, system, raw, actor_of):
    actions.answer(system, token(survey), score=1, comment="Slow")
    _hand(raw, "satisfaction.answer", rated.note_low_rating, system)
    agent = actor_of("support")
    note = ticket_queries.messages(agent, ticket.id).iloc[-1]
    assert note["is_internal"] and "1 of 5" in note["body"] and "Slow" in note["body"]
    assert ticket_queries.one(agent, ticket.id)["status"] == "resolved"  # to reopen it is the agent's choice
    assert list(queries.low(agent)["score"]) == [1]
    with pytest.raises(Denied):
        actions.follow_up(actor_of("developer"), survey.id)
    with pytest.raises(NotFound):
        actions.follow_up(actor_of("support", scope="assigned"), survey.id)
    actions.follow_up(agent, survey.id)
    with pytest.raises(Invalid, match="did this already"):
        actions.follow_up(agent, survey.id)
    assert queries.low(agent).empty
    assert raw("SELECT count(*) FROM event WHERE type = 'satisfaction.follow_up'")[0].count == 1


def test_a_good_answer_opens_nothing_and_a_closed_ticket_takes_no_note(survey, ticket, system, raw):
    actions.answer(system, token(survey), score=4)
    tickets.set_status(system, ticket.id, status="closed")
    _hand(raw, "satisfaction.answer", rated.note_low_rating, system)
    raw("UPDATE survey SET score = 1")
    _hand(raw, "satisfaction.answer", rated.note_low_rating, system)  # told in the log; listed all the same
    assert raw("SELECT count(*) FROM ticket_message WHERE is_internal")[0].count == 0


def test_rating_through_the_front_end_takes_a_resolved_ticket_and_counts_once_per_resolution(
    ticket, system, raw, actor_of
):
    with pytest.raises(Denied):
        actions.rate(actor_of("developer"), ticket.id, score=5)
    actions.rate(system, ticket.id, score=5)
    with pytest.raises(Invalid, match="rated already"):
        actions.rate(system, ticket.id, score=1)
    tickets.reopen(system, ticket.id, reason="No")
    with pytest.raises(Invalid, match="resolved"):
        actions.rate(system, ticket.id, score=1)
    tickets.resolve(system, ticket.id, note="Now")
    actions.rate(system, ticket.id, score=1)
    assert [row.score for row in raw("SELECT score FROM survey ORDER BY id")] == [5, 1]


def test_nps_is_asked_of_administrators_once_a_quarter(acme, system, raw, actor_of, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:9")
    raw("UPDATE tenant SET created_at = created_at - interval '200 days'")
    late = make(system, "New")
    with write(system, "users.create") as tx:
        for number in range(5):
            tx.add(TenantUser(tenant_id=acme.id, email=f"a{number}@acme.example", name="A", is_admin=number != 4))
        tx.add(TenantUser(tenant_id=acme.id, email="g@acme.example", name="G", is_admin=True, deactivated_at=utc_now()))
        tx.add(TenantUser(tenant_id=late.id, email="n@new.example", name="N", is_admin=True))
    from core.kernel.settings import settings

    settings.cache_clear()
    tasks.ask_nps(system)
    tasks.ask_nps(system)
    assert [row.recipient for row in raw("SELECT recipient FROM ticket_mail ORDER BY recipient")] == [
        f"a{number}@acme.example" for number in range(4)
    ]
    quarter = rules.quarter_of(utc_now().date())
    support = actor_of("support")
    assert queries.nps(support, quarter).score is None
    raw("UPDATE ticket_mail SET outcome = 'sent'")
    for row, score in zip(raw("SELECT id, token_digest FROM survey ORDER BY id LIMIT 3"), (10, 9, 3), strict=True):
        actions.answer(system, links.address(row.id, row.token_digest).rpartition("/")[2], score=score)
    found = queries.nps(support, quarter)
    assert (found.asked, found.answers, found.promoters, found.detractors) == (4, 3, 2, 1)
    assert found.score == pytest.approx(100 / 3)
    assert queries.nps(support, rules.quarter_after(quarter)).asked == 0


def test_scores_are_of_the_time_team_and_sight_and_unknown_without_answers(ticket, system, raw, actor_of):
    now = utc_now()
    period = Filters(now - timedelta(days=1), now + timedelta(days=1))
    support = actor_of("support")
    empty = queries.score(support, period)
    assert (empty.answers, empty.happy_ratio, empty.average, empty.response_ratio) == (0, None, None, None)
    actions.rate(system, ticket.id, score=4, comment="Fine")
    asked = actions.ask(system, ticket.id, message_id=None, once="x")
    raw(
        "INSERT INTO ticket_mail (id, event_id, ticket_id, survey_id, kind, recipient, outcome, queued_at) VALUES"
        " (gen_random_uuid(), gen_random_uuid(), :ticket, :survey, 'resolved', 'z', 'sent', now())",
        ticket=ticket.id, survey=asked.id,
    )  # fmt: skip
    found = queries.score(support, period)
    assert (found.answers, found.asked, found.happy_ratio, found.average, found.response_ratio) == (1, 2, 1.0, 4.0, 0.5)
    assert queries.score(actor_of("client_success"), period).answers == 0  # not one of the assigned tenants
    assert queries.score(support, Filters(period.since, now - timedelta(hours=1))).answers == 0
    assert (
        queries.score(support, Filters(period.since, period.until, agent_id=system.operator_id or ticket.id)).answers
        == 0
    )
    assert list(queries.comments(support, period).frame["comment"]) == ["Fine"]
    assert queries.comments(actor_of("developer"), period).frame.iloc[0]["requester"].startswith("Z… ·")
    assert sum(len(frame) for frame in queries.export(support, period)) == 1
    with pytest.raises(Denied):
        queries.score(actor_of("support", grants=frozenset()), period)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_quarters_follow_each_other_without_gap(day):
    quarter = rules.quarter_of(day)
    assert quarter <= day and rules.quarter_before(rules.quarter_after(quarter)) == quarter
    end = rules.ends_at(quarter)
    assert datetime(day.year, day.month, day.day, tzinfo=UTC) < end and (end.date() - quarter).days in (90, 91, 92)
    assert rules.quarter_of(end.date()) == end.date()


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_net_promoters_stay_within_their_scale(promoters, passives, detractors):
    score = rules.net_promoters(promoters, detractors, promoters + passives + detractors)
    assert score is None if not promoters + passives + detractors else -100 <= score <= 100


def test_actions_of_the_portal_itself_are_nobody_else_s(ticket, actor_of):
    admin = actor_of("admin")
    for act in (
        partial(actions.ask, admin, ticket.id, message_id=None, once="y"), partial(actions.ask_nps, admin, date(2026, 1, 1)),
        partial(actions.answer, admin, "x", score=1),
    ):  # fmt: skip
        with pytest.raises(Denied):
            act()
