"""Every minute: overrides whose time is over go. They stopped to count at that time already."""

from sqlalchemy import func, select

from core.customers.configuration import actions
from core.customers.configuration.models import TenantSetting
from core.kernel.actor import Actor
from core.kernel.reads import read
from core.kernel.tasks import every


@every("configuration.expire_overrides", seconds=60)
def expire_overrides(actor: Actor) -> None:
    """Looks before it acts: an action that finds nothing still costs a transaction that writes."""
    with read(actor) as rx:
        over = rx.value(select(TenantSetting.id).where(TenantSetting.expires_at <= func.now()).limit(1))
    if over is not None:
        actions.expire_overrides(actor)
