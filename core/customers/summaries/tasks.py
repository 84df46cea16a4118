"""The summaries are counted anew every minute."""

from core.customers.summaries.recomputing import recompute
from core.kernel.actor import Actor
from core.kernel.tasks import every


@every("summaries.recompute", seconds=60)
def recompute_summaries(actor: Actor) -> None:
    """Counts all tenants. Harmless when it is run again."""
    recompute(actor)
