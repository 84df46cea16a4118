"""Reads of certificates of deletion."""

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from core.customers.tenants.purge import certificate
from core.customers.tenants.purge.models import DeletionCertificate
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import read

COLUMNS = (
    DeletionCertificate.number, DeletionCertificate.tenant_id, DeletionCertificate.issued_at,
    DeletionCertificate.document, DeletionCertificate.digest, DeletionCertificate.signature, DeletionCertificate.key_id,
    DeletionCertificate.public_key,
)  # fmt: skip


def certificate_of(actor: Actor, tenant_id: UUID) -> dict[str, Any]:
    """The certificate of a purged tenant: COLUMNS, `content` (the document, parsed) and `problem` (None when it is
    sound). Raises NotFound for a tenant that is not in sight or not purged."""
    require(actor, "tenants:read")
    with read(actor) as rx:
        found = rx.one(select(*COLUMNS).where(DeletionCertificate.tenant_id == tenant_id))
    if found is None:
        raise NotFound(
            "There is no certificate of deletion: this tenant was not purged, or is not among those you may see."
        )
    known = found._asdict()
    return known | {"content": orjson.loads(known["document"]), "problem": certificate.problem(known)}
