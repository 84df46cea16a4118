"""The life of a credit: computed once, approved by somebody else, issued with a number, corrected in sight."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from core.kernel.errors import Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.kernel.events import Event
from core.reliability.sla import credit_actions, credit_queries, credit_tasks, crediting
from core.reliability.sla.credit_queries import Filters
from tests.core.reliability.sla import crediting as given

JUNE = date(2026, 6, 1)
JULY_BEGINS = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def admin(actor_of):
    return actor_of("admin", name="Ann")


@pytest.fixture
def other(actor_of):
    return actor_of("admin", name="Ben")


@pytest.fixture
def judged(db, raw):
    """A contract of 120,000.00 a year that was down for an hour of June, which is judged: 10 % of 10,000.00."""

    def make(down=("2026-06-10 08:00", "2026-06-10 09:00"), **terms):
        of = given.contract(raw, **terms)
        given.monitor(of, raw, down)
        given.judge("2026-06")
        given.judged_until(raw, JULY_BEGINS)
        return of

    return make


@pytest.fixture
def rows(raw):
    return lambda: raw("SELECT * FROM sla_credit ORDER BY contract_id, sequence")


@pytest.fixture
def draft(judged, system, rows):
    """The draft of June that the clock made."""
    judged()
    crediting.compute(system, month=JUNE)
    return rows()[0]


def audited(raw, action):
    return raw("SELECT outcome, tenant_id, changes FROM audit_entry WHERE action = :a ORDER BY id", a=action)


def test_computing_leaves_one_draft_with_its_proof_however_often(judged, system, admin, raw, rows):
    of = judged()
    assert crediting.compute(system, month=JUNE) == crediting.Computed(contracts=1, drafted=1)
    first = rows()[0]
    assert (first.status, first.amount, first.sequence, first.computed_by) == ("draft", Decimal("1000.00"), 0, None)
    assert first.formula == (
        "Uptime 100 × (43,200 − 60) / 43,200 = 99.861111 %; under 99.95 %: 120,000.00 / 12 × 30/30 days × 10 %"
        " = USD 1,000.00"
    )
    (span,) = [one for one in first.proof["spans"] if one["state"] == "down"]
    assert (span["starts_at"], span["minutes"]) == ("2026-06-10T08:00:00+00:00", 60) and span["cause"]["monitors"]
    assert first.proof["month"]["starts_at"] == "2026-06-01T00:00:00+00:00"
    for actor in (system, admin):
        assert crediting.compute(actor, month=JUNE, contract_ids=[of]) == crediting.Computed(contracts=1)
    assert rows() == [first]
    assert len(audited(raw, "sla_credits.compute")) == 1
    assert raw("SELECT count(*) AS n FROM event WHERE type = 'sla_credits.compute'")[0].n == 1


def test_a_month_waits_until_its_last_minute_was_judged(judged, system, raw, rows):
    judged()
    given.judged_until(raw, datetime(2026, 6, 30, 23, 59, tzinfo=UTC))
    assert crediting.compute(system, month=JUNE) == crediting.Computed(waiting=1) and rows() == []
    raw("DELETE FROM sla_watermark")
    assert crediting.compute(system, month=JUNE).waiting == 1
    with pytest.raises(Invalid):
        crediting.compute(system, month=date(2026, 6, 2))


def test_a_draft_follows_what_was_excluded_since_and_may_come_to_nothing(draft, system, raw, rows):
    given.exclude(raw, draft.contract_id, "2026-06-10 08:00", "2026-06-10 09:00")
    assert crediting.compute(system, month=JUNE) == crediting.Computed(contracts=1, changed=1)
    (row,) = rows()
    assert (row.status, row.amount, row.version) == ("none", Decimal(0), draft.version + 1)
    assert row.proof["exclusions"][0]["approved_by"] == "Bob" and row.proof["minutes"]["excluded"] == 60


def test_what_was_approved_is_corrected_by_an_adjustment_and_never_changed(draft, system, admin, other, raw, rows):
    credit_actions.approve(admin, draft.id)
    credit_actions.issue(admin, draft.id)
    before = rows()[0]
    given.exclude(raw, draft.contract_id, "2026-06-10 08:00", "2026-06-10 08:45")
    assert crediting.compute(admin, month=JUNE) == crediting.Computed(contracts=1, adjusted=1)
    kept, added = rows()
    assert kept == before
    # 15 of 43,155 minutes are 99.965241 %: nothing is owed, and 1,000.00 were credited.
    assert (added.sequence, added.status, added.amount, added.uptime) == (
        1,
        "draft",
        Decimal("-1000.00"),
        Decimal("99.965241"),
    )
    assert added.formula.endswith("USD 1,000.00 of it was decided before, which leaves −1,000.00")
    assert crediting.compute(admin, month=JUNE) == crediting.Computed(contracts=1)
    with pytest.raises(Denied, match="Somebody else"):
        credit_actions.approve(admin, added.id)
    credit_actions.approve(other, added.id)
    raw("UPDATE sla_exclusion SET decision = 'refused'")
    crediting.compute(system, month=JUNE)
    assert [(row.sequence, row.amount, row.status) for row in rows()] == [
        (0, Decimal("1000.00"), "issued"), (1, Decimal("-1000.00"), "approved"), (2, Decimal("1000.00"), "draft"),
    ]  # fmt: skip


def test_approving_takes_another_person_than_the_one_who_computed(judged, admin, other, raw, rows):
    judged()
    crediting.compute(admin, month=JUNE)
    (row,) = rows()
    with pytest.raises(Denied):
        credit_actions.approve(admin, row.id)
    assert rows()[0].status == "draft"
    done = credit_actions.approve(other, row.id, version=row.version)
    assert (done.status, done.approved_by, done.approved_by_name) == ("approved", other.operator_id, "Ben")
    with pytest.raises(Conflict):
        credit_actions.withdraw(admin, row.id, version=row.version)
    credit_actions.withdraw(admin, row.id)
    assert (rows()[0].status, rows()[0].approved_by) == ("draft", None)
    (entry,) = audited(raw, "sla_credits.approve")
    assert (entry.outcome, entry.tenant_id) == ("done", row.tenant_id)


def test_numbers_are_given_at_issue_and_leave_no_gap(judged, system, admin, rows):
    for _ in range(4):
        judged()
    crediting.compute(system, month=JUNE)
    ids = sorted(row.id for row in rows())
    credit_actions.approve_many(admin, dict.fromkeys(ids[:3], 1))
    with pytest.raises(Invalid, match="only an approved one"):
        credit_actions.issue(admin, ids[3])
    year = datetime.now(UTC).year
    assert credit_actions.issue(admin, ids[0]).number == f"CN-{year}-0001"
    # The second is stale and the fourth a draft: neither takes a number with it.
    outcomes = credit_actions.issue_many(admin, {ids[1]: 1, ids[2]: 2, ids[3]: 1})
    assert [one.problem is None for one in outcomes] == [False, True, False]
    assert credit_actions.issue(admin, ids[1]).number == f"CN-{year}-0003"
    assert sorted(row.number for row in rows() if row.number) == [f"CN-{year}-{place:04d}" for place in (1, 2, 3)]
    with pytest.raises(Invalid, match="what was issued stays"):
        credit_actions.void(admin, ids[0], reason="Wrong")


def test_a_voided_credit_stays_void_and_what_is_owed_besides_is_added(draft, system, admin, raw, rows):
    with pytest.raises(ReasonRequired):
        credit_actions.void(admin, draft.id, reason=" ")
    credit_actions.void(admin, draft.id, reason="Waived by the customer")
    assert crediting.compute(system, month=JUNE) == crediting.Computed(contracts=1)
    assert [(row.status, row.void_reason) for row in rows()] == [("void", "Waived by the customer")]
    # 500 minutes: 98.842592 %, 25 %, 2,500.00: 1,500.00 more than what was waived.
    given.monitor(draft.contract_id, raw, ("2026-06-20 00:00", "2026-06-20 07:20"))
    given.judge("2026-06")
    crediting.compute(system, month=JUNE)
    assert [row.amount for row in rows()] == [Decimal("1000.00"), Decimal("1500.00")]


def test_approval_never_takes_the_month_above_the_cap_or_below_nothing(draft, admin, raw, rows):
    raw("UPDATE sla_credit SET cap_amount = 1000")
    credit_actions.approve(admin, draft.id)
    for amount in ("0.01", "-1000.01"):
        raw(
            "INSERT INTO sla_credit SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'sequence', 7,"
            " 'status', 'draft', 'amount', CAST(:amount AS numeric)))).* FROM sla_credit c WHERE c.sequence = 0",
            amount=Decimal(amount),
        )  # fmt: skip
        with pytest.raises(Invalid, match="cap"):
            credit_actions.approve(admin, rows()[1].id)
        raw("DELETE FROM sla_credit WHERE sequence = 7")


def test_who_may_not_is_refused_and_who_does_not_see_it_does_not_find_it(draft, actor_of, raw, rows):
    reader = actor_of("client_success", scope="all")
    for act in (credit_actions.approve, credit_actions.withdraw, credit_actions.issue):
        with pytest.raises(Denied):
            act(reader, draft.id)
    with pytest.raises(Denied):
        crediting.compute(reader, month=JUNE)
    with pytest.raises(Denied):
        credit_actions.void(reader, draft.id, reason="No")
    stranger = actor_of("admin", scope="assigned")
    with pytest.raises(NotFound):
        credit_actions.approve(stranger, draft.id)
    assert crediting.compute(stranger, month=JUNE) == crediting.Computed()
    assert credit_queries.directory(stranger, Filters()).frame.empty
    with pytest.raises(NotFound):
        credit_queries.one(stranger, draft.id)
    with pytest.raises(Denied):
        credit_queries.directory(actor_of("support"), Filters())
    assert rows() == [draft]
    assert {entry.outcome for entry in audited(raw, "sla_credits.approve")} == {"denied"}


def test_the_invoice_that_took_a_credit_off_is_kept_and_forgotten_when_it_is_voided(draft, system, admin, raw, rows):
    credit_actions.approve(admin, draft.id)
    credit_actions.issue(admin, draft.id)
    invoice = uuid4()
    raw(
        "INSERT INTO invoice (id, tenant_id, source, status, issued_on, due_on, currency, subtotal, tax, total, created_at,"
        " updated_at, version, number) VALUES (:id, :tenant, 'contract', 'open', now(), now(), 'USD', 9000, 0, 9000, now(),"
        " now(), 1, 'X-1')", id=invoice, tenant=draft.tenant_id,
    )  # fmt: skip
    told = Event(id=uuid4(), type="contracts.invoice", payload={"credits": {str(draft.id): str(invoice)}})
    for _ in range(2):
        credit_tasks.note_invoice(system, told)
    assert rows()[0].invoice_id == invoice and len(audited(raw, "sla_credits.settle")) == 1
    assert credit_queries.one(admin, draft.id)["invoice"] == "X-1"
    credit_tasks.note_void(system, Event(id=uuid4(), type="invoices.void", payload={"entity_ids": [str(invoice)]}))
    assert rows()[0].invoice_id is None
    raw("UPDATE invoice SET status = 'void'")
    credit_tasks.note_invoice(system, told)
    assert rows()[0].invoice_id is None


def test_the_clock_makes_the_drafts_of_the_month_before_once(judged, system, raw, rows, monkeypatch):
    judged()
    monkeypatch.setattr(credit_tasks, "utc_now", lambda: datetime(2026, 7, 3, tzinfo=UTC))
    credit_tasks.compute_due(system)
    assert [(row.month, row.amount, row.computed_by_name) for row in rows()] == [
        (JUNE, Decimal("1000.00"), system.name)
    ]
    computed = rows()
    credit_tasks.compute_due(system)
    assert rows() == computed
    given.exclude(raw, computed[0].contract_id, "2026-06-10 08:00", "2026-06-10 09:00")
    credit_tasks.compute_again(system)
    assert [row.status for row in rows() if row.month == JUNE] == ["none"]


def test_the_list_is_narrowed_and_sums_leave_out_what_is_void(judged, system, admin, raw):
    small, large = judged(), judged(annual_value=Decimal("240000.00"))
    judged(down=("2026-06-10 08:00", "2026-06-10 08:10"))
    crediting.compute(system, month=JUNE)
    assert sorted(credit_queries.directory(admin, Filters()).frame["amount"]) == [Decimal(1000), Decimal(2000)]
    assert len(credit_queries.directory(admin, Filters(with_unowed=True)).frame) == 3
    assert len(credit_queries.directory(admin, Filters(month=date(2026, 5, 1))).frame) == 0
    found = {row["contract_id"]: row for row in credit_queries.listing(admin, Filters(text="ac")).rows}
    assert set(found) == {small, large} and credit_queries.waiting(admin) == 2
    credit_actions.void(admin, found[small]["id"], reason="Waived")
    credit_actions.approve(admin, found[large]["id"])
    sums = credit_queries.sums(admin, since=JUNE).iloc[0]
    assert (sums["currency"], sums["draft"], sums["approved"], sums["approved_count"]) == ("USD", 0, Decimal(2000), 1)
    assert credit_queries.months(admin) == [JUNE]
    first = credit_queries.directory(admin, Filters(with_unowed=True), limit=2)
    rest = credit_queries.directory(admin, Filters(with_unowed=True), after=first.next, limit=2)
    assert (len(first.frame), len(rest.frame), rest.next) == (2, 1, None)


def test_two_computations_at_once_make_one_draft(committed_db, committed_raw, system):
    of = given.contract(committed_raw)
    given.monitor(of, committed_raw, ("2026-06-10 08:00", "2026-06-10 09:00"))
    given.judge("2026-06")
    given.judged_until(committed_raw, JULY_BEGINS)
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda _: crediting.compute(system, month=JUNE), range(2)))
    assert sorted(one.drafted for one in outcomes) == [0, 1]
    assert [row.amount for row in committed_raw("SELECT amount FROM sla_credit")] == [Decimal("1000.00")]
