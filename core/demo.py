"""The demo company: operators of every role, customers, and 90 days of telemetry; the same for the same seed."""

from random import Random
from uuid import UUID

from core.access.operators import demo as operators_demo
from core.customers import demo as customers_demo
from core.customers.branding import demo as branding_demo
from core.customers.campaigns import demo as campaigns_demo
from core.customers.configuration import demo as configuration_demo
from core.customers.contracts import demo as contracts_demo
from core.customers.growth import demo as growth_demo
from core.customers.infrastructure import demo as infrastructure_demo
from core.customers.quotas import agreed
from core.customers.quotas import demo as quotas_demo
from core.customers.subscriptions import demo as subscriptions_demo
from core.customers.summaries import demo as summaries_demo
from core.customers.tenants import demo as tenants_demo
from core.customers.users import demo as users_demo
from core.health import demo as health_demo
from core.health.active import demo as active_demo
from core.health.alerts import demo as alerts_demo
from core.health.errors import demo as errors_demo
from core.health.messages import demo as messages_demo
from core.health.metrics import demo as metrics_demo
from core.health.monitors import demo as monitors_demo
from core.health.providers import demo as providers_demo
from core.kernel.actor import Actor
from core.kernel.errors import AlreadyDone
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.platform.flags import demo as flags_demo
from core.platform.keys import demo as keys_demo
from core.platform.webhooks import demo as webhooks_demo
from core.reliability import demo as reliability_demo
from core.reliability.status_page import demo as status_page_demo
from core.support.satisfaction import demo as satisfaction_demo
from core.support.sla import demo as sla_demo
from core.support.tickets import demo as tickets_demo

SEED = 7
_ONCE = "demo.seed"


def seed(seed: int = SEED) -> bool:
    """Fills an empty portal, dated relative to now. Returns False when that was done before."""
    system, random, now = Actor.system("demo data", channel="cli"), Random(seed), utc_now()
    try:
        with write(system, "demo.seed", once=_ONCE) as tx:
            operators: dict[str, UUID] = operators_demo.seed(tx, random, now)
            tenants = customers_demo.seed(tx, random, now, operators)
            keys = keys_demo.seed(tx, random, now, tenants, operators)
            webhooks = webhooks_demo.seed(tx, random, now, tenants, operators)
            flags = flags_demo.seed(tx, Random(seed + 1), now, tenants, operators)
            monitors = monitors_demo.seed(tx, Random(seed + 7), now, tenants, operators)
            providers_demo.seed(tx, now)
            status_page_demo.seed(tx, Random(seed + 45), now)
            errors_demo.seed_triage(tx, now, operators)
            branding_demo.seed(tx, Random(seed + 26), now, tenants)
            infrastructure_demo.seed(tx, Random(seed + 26), now, tenants, operators)
            tenants_demo.seed_tags(tx, Random(seed + 20), tenants)
            campaigns_demo.seed(tx, Random(seed + 21), now)
            subscriptions_demo.seed(tx, Random(seed + 23), now)
            growth_demo.seed(tx, Random(seed + 24), now)
            contracts_demo.seed(tx, Random(seed + 40), now)
            sla_demo.seed(tx, Random(seed + 30), now)
            tickets_demo.seed(tx, Random(seed + 35), now, operators)
            satisfaction_demo.seed(tx, Random(seed + 34), now)
            configuration_demo.seed(tx, Random(seed + 27), now, tenants, operators)
            users_demo.seed(tx, Random(seed + 28), now, operators)
    except AlreadyDone:
        return False
    health_demo.seed(system, random, now, tenants)
    messages_demo.seed(system, Random(seed + 4), now, tenants)
    metrics_demo.seed(system, Random(seed + 6), now, tenants)
    errors_demo.seed(system, Random(seed + 5), now, tenants)
    monitors_demo.seed_history(system, Random(seed + 8), now, monitors)
    active_demo.seed(system, Random(seed + 3), now, operators)
    alerts_demo.seed(system, Random(seed + 9), now, operators)
    keys_demo.seed_usage(system, random, now, keys, tenants)
    webhooks_demo.seed_deliveries(system, random, now, webhooks)
    flags_demo.seed_use(system, Random(seed + 2), now, flags, operators)
    quotas_demo.seed(system, Random(seed + 25), now, operators)
    agreed.follow_all(system)
    reliability_demo.seed(system, seed, now, operators)
    summaries_demo.seed(system, now)  # last: it counts what the others made
    return True


def sign_ins() -> list[tuple[str, str, str]]:
    """E-mail, password and role of every demo operator that can sign in; empty when the data are not demo data."""
    return operators_demo.sign_ins(Actor.system("demo data"))
