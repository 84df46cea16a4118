"""Demo branding: some tenants of the plans that include it, with logos, and domains in every state."""

import hashlib
import io
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import insert, select

from core.customers.branding import challenge
from core.customers.branding.challenge import Kind, State
from core.customers.branding.models import BrandingDomain, BrandingDomainCheck, TenantBranding, TenantLogo
from core.customers.tenants.models import Tenant
from core.kernel.writes import Transaction

TENANTS = 8
# Button and its text, page and its text; every text has a contrast of 4.5:1 at least.
_LOOKS = (
    ("#7a1f3d", "#ffffff", "#fff8f3", "#2b1d22"), ("#ffc233", "#1f1a0d", "#ffffff", "#1c2733"),
    ("#1d4ed8", "#ffffff", "#f5f8ff", "#14213d"), ("#0b7a3b", "#ffffff", "#101915", "#e4efe9"),
)  # fmt: skip
_DOMAINS: tuple[tuple[str, State, Kind, float], ...] = (
    ("portal", "verified", "found", 0.4), ("ethics", "verified", "found", 0.7), ("app", "pending", "absent", 0.005),
    ("help", "failed", "wrong", 0.9), ("my", "lost", "absent", 0.2), ("büro", "verified", "found", 0.1),
)  # fmt: skip
_TOLD = {
    "found": "The record has the token.", "absent": "There is no TXT record yet. A new one may take up to two days to be seen.",
    "wrong": "The record is “v=spf1 -all”, and not the token.", "unreachable": "The name servers did not answer within 5 s.",
}  # fmt: skip


def seed(tx: Transaction, random: Random, now: datetime, tenants: list[UUID]) -> None:
    """Branding of the first tenants, by id in the list, whose plan is pro or enterprise."""
    asked = select(Tenant.id, Tenant.name, Tenant.domain).where(
        Tenant.id.in_(tenants), Tenant.tier.in_(("pro", "enterprise"))
    )
    found = {row.id: row for row in tx.session.execute(asked)}
    chosen = [found[one] for one in tenants if one in found][:TENANTS]
    if not chosen:
        return
    tx.bulk(insert(TenantBranding), [_branding(place, row, now) for place, row in enumerate(chosen)])
    tx.bulk(insert(TenantLogo), [_logo(place, row, now) for place, row in enumerate(chosen) if place % 4 != 3])
    domains = [_domain(random, place, row, now) for place, row in enumerate(chosen[: len(_DOMAINS)])]
    tx.bulk(insert(BrandingDomain), [row for row, _ in domains])
    tx.bulk(insert(BrandingDomainCheck), [check for _, check in domains])


def _stamps(now: datetime, days: float) -> dict[str, Any]:
    made = now - timedelta(days=days)
    return {"created_at": made, "updated_at": made, "version": 1}


def _branding(place: int, row: Any, now: datetime) -> dict[str, Any]:
    button, on_button, page, text = _LOOKS[place % len(_LOOKS)]
    return {
        "tenant_id": row.id, "company_name": row.name.split(",")[0], "support_email": f"help@{row.domain}",
        "sender_name": f"{row.name.split(',')[0][:60]} Team", "button_color": button, "button_text_color": on_button,
        "background_color": page, "text_color": text, **_stamps(now, 60 + place),
    }  # fmt: skip


def _logo(place: int, row: Any, now: datetime) -> dict[str, Any]:
    """A rounded tile with the first letter."""
    picture = Image.new("RGBA", (120, 120))
    draw = ImageDraw.Draw(picture)
    button, on_button, *_ = _LOOKS[place % len(_LOOKS)]
    draw.rounded_rectangle((4, 4, 116, 116), 24, fill=button)
    draw.text((60, 60), row.name[0], fill=on_button, anchor="mm", font=ImageFont.load_default(72))
    written = io.BytesIO()
    picture.save(written, "PNG")
    content = written.getvalue()
    return {
        "tenant_id": row.id, "content": content, "media_type": "image/png", "width": 120, "height": 120,
        "size_bytes": len(content), "digest": hashlib.sha256(content).hexdigest(), **_stamps(now, 60 + place),
    }  # fmt: skip


def _domain(random: Random, place: int, row: Any, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    word, state, finding, days = _DOMAINS[place]
    age = 0.3 if state == "pending" else 20.0 + place
    key, checked = UUID(int=random.getrandbits(128), version=4), now - timedelta(days=days)
    domain = {
        "id": key, "tenant_id": row.id, "domain": challenge.clean(f"{word}.{row.domain}"),
        "token": f"{random.getrandbits(160):040x}", "state": state, "added_by_name": "demo data",
        "verified_at": now - timedelta(days=age - 1) if state in ("verified", "lost") else None,
        "lost_at": checked if state == "lost" else None, **_stamps(now, age),
    }  # fmt: skip
    next_check = challenge.next_check(state, now=checked, age=timedelta(days=age))
    check = {"domain_id": key, "tenant_id": row.id, "checked_at": checked, "finding": finding, "told": _TOLD[finding],
             "next_check_at": next_check}  # fmt: skip
    return domain, check
