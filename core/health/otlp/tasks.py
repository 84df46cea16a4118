"""Forgets streams of running totals that ended."""

from core.health.otlp import streams
from core.kernel.actor import Actor
from core.kernel.tasks import every


@every("otlp.forget_streams", cron="50 1 * * *")
def forget_streams(_: Actor) -> None:
    """Streams that said nothing for a month."""
    streams.forget()
