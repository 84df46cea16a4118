"""Demo people: tenants have owners, and invitations are in every state."""

from random import Random

from core.access.operators import demo as operators_demo
from core.customers import demo as customers_demo
from core.customers.users import demo as users_demo
from core.customers.users.queries import Filters, directory
from core.customers.users.rules import INVITATIONS
from core.kernel.times import utc_now
from core.kernel.writes import write


def test_tenants_have_owners_and_invitations_are_in_every_state(db, raw, system):
    now = utc_now()
    with write(system, "demo.seed") as tx:
        operators = operators_demo.seed(tx, Random(7), now)
        customers_demo.seed(tx, Random(7), now, operators)
        users_demo.seed(tx, Random(35), now, operators)
    assert raw("SELECT count(*) FROM tenant WHERE owner_id IS NULL")[0].count < 5
    assert (
        raw("SELECT count(*) FROM tenant t JOIN tenant_user u ON u.id = t.owner_id AND u.tenant_id <> t.id")[0].count
        == 0
    )
    for state in INVITATIONS:
        assert len(directory(system, Filters(invitations=(state,))).frame) >= 3, state
