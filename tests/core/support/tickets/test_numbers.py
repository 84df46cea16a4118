"""Numbers have no gap and none twice, whoever opens tickets at the same time and whatever fails."""

from concurrent.futures import ThreadPoolExecutor

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import write
from core.support.tickets import numbers
from tests.core.support.tickets.given import open_ticket

THREADS, EACH = 4, 6


def test_numbers_are_in_sequence_though_many_open_tickets_and_some_fail(committed_db, committed_raw):
    def work(thread):
        actor = Actor.system(f"thread {thread}")
        for place in range(EACH):
            try:
                open_ticket(actor, mail_id="<same@acme.example>" if place % 3 == 0 else None)
            except Invalid:
                continue

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    given = [row.number for row in committed_raw("SELECT number FROM ticket ORDER BY number")]
    assert given == list(range(1, THREADS * EACH * 2 // 3 + 2))
    with write(Actor.system("import"), "tickets.create") as tx:
        assert numbers.take(tx, 10) == given[-1] + 1
    assert committed_raw("SELECT last FROM ticket_counter")[0].last == given[-1] + 10
