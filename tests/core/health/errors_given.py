"""Errors for tests of Health."""

from datetime import datetime, timedelta
from uuid import UUID

from core.health.errors.models import ERROR_ROLLUP
from core.health.errors.recording import store
from core.kernel.actor import Actor
from core.kernel.rollups import roll
from core.kernel.telemetry import record
from core.kernel.times import utc_now

MARK = "a" * 16


def seen(
    fingerprint: str = MARK, times: int = 1, *, at: datetime | None = None, tenant_id: UUID | None = None,
    is_rolled: bool = False, **values: object,
) -> None:  # fmt: skip
    """Stores errors of one fingerprint, a second apart, the last of them at the moment."""
    last = at or utc_now()
    about = {
        "service": "shop", "type": "ValueError", "message": "not a number", "trace": "Traceback\n  line 1", "route": "/orders",
        "request_id": "", "operator_id": None,
    }  # fmt: skip
    rows = [
        {"at": last - timedelta(seconds=back), "fingerprint": fingerprint, "tenant_id": tenant_id, **about, **values}
        for back in range(times)
    ]
    with record(Actor.system("test")) as tx:
        store(tx, rows)
    if is_rolled:
        roll(ERROR_ROLLUP)
