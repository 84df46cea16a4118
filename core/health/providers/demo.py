"""Demo providers: two channels with somebody to fail over to, one without, and one switched off."""

from datetime import datetime, timedelta

from core.health.providers.models import Provider
from core.kernel.writes import Transaction

_ENABLED = (
    ("twilio", "sms", 1, "Main route, contract until next summer"), ("telnyx", "sms", 2, "Cheaper, slower"),
    ("elasticemail", "email", 1, ""), ("twilio", "voice", 1, ""),
)  # fmt: skip


def seed(tx: Transaction, now: datetime) -> None:
    """The providers of the demo messages, of which one is left to be found in the traffic."""
    off = {"disabled_at": now - timedelta(days=12), "disabled_by_name": "Demo", "disabled_reason": "Contract ended"}
    for name, channel, position, note in _ENABLED:
        tx.add(Provider(name=name, channel=channel, position=position, note=note, is_enabled=True))
    tx.add(Provider(name="plivo", channel="sms", position=3, note="", is_enabled=False, **off))
