"""The demo company: operators of every role, customers, and 90 days of telemetry; the same for the same seed."""

from random import Random
from uuid import UUID

from core.access.operators import demo as operators_demo
from core.customers import demo as customers_demo
from core.health import demo as health_demo
from core.kernel.actor import Actor
from core.kernel.errors import AlreadyDone
from core.kernel.times import utc_now
from core.kernel.writes import write

SEED = 7
_ONCE = "demo.seed"


def seed(seed: int = SEED) -> bool:
    """Fills an empty portal, dated relative to now. Returns False when that was done before."""
    system, random, now = Actor.system("demo data", channel="cli"), Random(seed), utc_now()
    try:
        with write(system, "demo.seed", once=_ONCE) as tx:
            operators: dict[str, UUID] = operators_demo.seed(tx, random, now)
            tenants = customers_demo.seed(tx, random, now, operators)
    except AlreadyDone:
        return False
    health_demo.seed(system, random, now, tenants)
    return True


def sign_ins() -> list[tuple[str, str, str]]:
    """E-mail, password and role of every demo operator that can sign in; empty when the data are not demo data."""
    return operators_demo.sign_ins(Actor.system("demo data"))
