"""Documents of contracts: kept for as long as the contract is, each look recorded."""

from datetime import timedelta
from itertools import islice
from uuid import UUID

import pandas as pd
from sqlalchemy import select

from core.customers.contracts import rules
from core.customers.contracts.models import Contract, ContractDocument
from core.kernel import files, filing
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.filing import Opened
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.kernel.writes import write

SHELF = "documents"
ANY_TYPE = "application/octet-stream"  # what is handed out is never shown by a browser itself
MOST = 200
SETTLED = timedelta(days=1)  # the row of a younger content may not be committed yet


def add(actor: Actor, contract_id: UUID, *, name: str, content: bytes) -> ContractDocument:
    """Keeps a file with the contract. Raises Invalid saying what is wrong with it, NotFound."""
    with write(actor, "contracts.add_document") as tx:
        contract = tx.get(Contract, contract_id)
        checked = files.check(name, content)
        digest = filing.put(tx, SHELF, content)
        return tx.add(
            ContractDocument(
                contract_id=contract.id, tenant_id=contract.tenant_id, name=checked.name, media_type=checked.media_type,
                size_bytes=len(content), digest=digest, added_by_name=actor.name, created_at=tx.now,
            )
        )  # fmt: skip


def remove(actor: Actor, document_id: UUID, *, reason: str) -> ContractDocument:
    """Takes a document off the list; its content is kept as evidence of what was there. Raises Invalid, NotFound."""
    with write(actor, "contracts.remove_document", reason=reason) as tx:
        document = tx.lock(ContractDocument, document_id)
        if document.removed_at is not None:
            raise Invalid("This document was removed already. Load the page again.")
        document.removed_at = tx.now
        tx.note(contract_id=str(document.contract_id), name=document.name, reason=rules.clean_text("reason", reason))
    return document


def open(actor: Actor, document_id: UUID) -> Opened:  # noqa: A001  (what is done with a document)
    """The document; who took it is recorded. Raises Denied, and NotFound for one out of sight or whose content is gone."""
    with write(actor, "contracts.open_document") as tx:
        document = tx.get(ContractDocument, document_id)
        if document.removed_at is not None:
            raise NotFound("This document was removed from its contract.")
        tx.saw(document)
        return Opened(document.name, document.media_type, filing.get(SHELF, document.digest, name=document.name))


def of_contract(actor: Actor, contract_id: UUID) -> pd.DataFrame:
    """One row per document, the newest first: id, name, media_type, size_bytes, added_by_name, created_at."""
    require(actor, "contracts:read")
    each = ContractDocument
    columns = (each.id, each.name, each.media_type, each.size_bytes, each.added_by_name, each.created_at)
    mine = select(*columns).where(each.contract_id == contract_id, each.removed_at.is_(None))
    with read(actor) as rx:
        return rx.frame(mine.order_by(each.created_at.desc(), each.id), limit=MOST)


def sweep(actor: Actor) -> int:
    """Removes contents that no row has any more, as after a purge; returns how many."""
    old, gone = filing.kept(SHELF, before=utc_now() - SETTLED), 0
    while digests := list(islice(old, MOST)):
        with write(actor, "contracts.sweep_documents") as tx:
            for digest in digests:
                filing.hold(tx, digest)
            known = select(ContractDocument.digest).where(ContractDocument.digest.in_(digests))
            unknown = set(digests) - set(tx.session.scalars(known))
            for digest in unknown:
                filing.remove(SHELF, digest)
            gone += len(unknown)
    return gone
