"""The certificate of deletion: a canonical document, its digest, and the portal's signature that anybody can check."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.customers.tenants.models import Tenant
from core.customers.tenants.purge.models import DeletionCertificate
from core.customers.tenants.purge.plan import KEPT
from core.kernel import crypto

_INFO = b"quarterdeck certificate of deletion, Ed25519"


def about(tenant: Tenant) -> dict[str, Any]:
    """Whose data they were: what the certificate says of the tenant, taken before its name goes."""
    return {
        "id": tenant.id, "name": tenant.name, "domain": tenant.domain, "region": tenant.region,
        "created_at": tenant.created_at, "deleted_at": tenant.deleted_at, "restorable_until": tenant.purge_after,
    }  # fmt: skip


def issue(
    tenant_id: UUID, tenant: Mapping[str, Any], removed: Mapping[str, int], kept: Mapping[str, int], *, now: datetime
) -> DeletionCertificate:
    """The signed certificate. Tables of which nothing was removed are left out; what is kept is named with its reason."""
    number = f"DC-{now:%Y%m%d}-{tenant_id.hex[-8:].upper()}"
    gone = [{"table": name, "rows": rows} for name, rows in sorted(removed.items()) if rows]
    stays = [{"table": name, "rows": rows, "reason": KEPT[name]} for name, rows in sorted(kept.items()) if rows]
    content = {
        "certificate": number, "issued_at": now, "issuer": "Quarterdeck", "tenant": dict(tenant), "removed": gone,
        "removed_rows": sum(removed.values()), "kept": stays,
    }  # fmt: skip
    document = orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    key_id = crypto.keys().active
    private = _private_key(key_id)
    return DeletionCertificate(
        tenant_id=tenant_id, number=number, issued_at=now, document=document.decode(), key_id=key_id,
        digest=hashlib.sha256(document).hexdigest(), signature=_text(private.sign(document)),
        public_key=_text(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)),
    )  # fmt: skip


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _private_key(key_id: str) -> Ed25519PrivateKey:
    """The signing key that belongs to one of the portal's keys (RFC 5869): nothing more to keep and to lose."""
    seed = HKDF(hashes.SHA256(), 32, salt=None, info=_INFO).derive(crypto.keys().by_id[key_id])
    return Ed25519PrivateKey.from_private_bytes(seed)


def problem(certificate: Mapping[str, Any]) -> str | None:
    """What speaks against the certificate, in a sentence; None when document, digest, signature and key agree.

    With the portal's key still configured the public key must be its own; after its rotation the stored one is trusted.
    """
    document = str(certificate["document"]).encode()
    if hashlib.sha256(document).hexdigest() != certificate["digest"]:
        return "The document was changed: it does not have the digest that was recorded."
    if certificate["key_id"] in crypto.keys().by_id:
        own = _private_key(certificate["key_id"]).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        if _text(own) != certificate["public_key"]:
            return "The certificate names a key that is not the portal's."
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(certificate["public_key"]))
    try:
        public.verify(base64.b64decode(certificate["signature"]), document)
    except InvalidSignature:
        return "The signature does not belong to this document."
    return None
