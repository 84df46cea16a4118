"""The demo company's flags: every kind and state, all of it what the portal itself would accept."""

from random import Random

from core.access.operators import demo as operators_demo
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.platform.flags import demo, evaluating, queries
from core.platform.flags.demo_examples import EXAMPLES
from tests.core.customers.test_tenants import make as make_tenant


def test_demo_flags_show_every_state_and_can_be_evaluated(db, system, actor_of):
    now, reader = utc_now(), actor_of("developer")
    tenants = [make_tenant(system, f"Tenant {place}").id for place in range(5)]
    with write(system, "demo.seed") as tx:
        operators = operators_demo.seed(tx, Random(1), now)
        flags = demo.seed(tx, Random(1), now, tenants, operators)
    demo.seed_use(system, Random(2), now, flags, operators)
    page = queries.directory(reader, queries.Filters(), limit=100).frame
    assert set(page["state"]) == set(queries.STATES)
    assert set(page["kind"]) == set(queries.KINDS)
    assert page["waiting"].sum() == 1
    assert {"fully rolled out", "off", "expired"} <= set(queries.stale(reader)["kind_of"])
    assert len(queries.adoption(reader, "production")) > 300
    found = evaluating.of("production").look()
    context = {"tenant_id": str(tenants[0]), "user_id": "u", "plan": "enterprise", "region": "EU"}
    answers = {key: decide(context) for key, decide in found.flags.items()}
    assert len(answers) == len(EXAMPLES)
    assert not [one for one in answers.values() if one.error_code]
    assert answers["sms-failover"].sentence == "Matched segment Enterprise."
