"""Past incidents that read like this one."""

import re
from uuid import UUID

import pandas as pd
from sqlalchemy import cast, func, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read
from core.reliability.incidents import queries, rules
from core.reliability.incidents.models import Incident

MOST_WORDS, SHORTEST = 40, 3
_WORD = re.compile(r"[^\W_]+")
# Words that every incident has: they tell nothing.
_COMMON = frozenset((
    "the", "and", "for", "with", "from", "that", "this", "was", "were", "are", "has", "have", "had", "not", "but", "its",
    "into", "out", "all", "any", "can", "could", "after", "before", "when", "while", "incident", "issue", "problem", "error",
    "errors", "customers", "users", "service",
))  # fmt: skip


def words(text: str) -> list[str]:
    """The words worth looking for, each once, in the order of the text."""
    found = dict.fromkeys(word.lower() for word in _WORD.findall(text))
    return [word for word in found if len(word) >= SHORTEST and word not in _COMMON][:MOST_WORDS]


def similar(actor: Actor, incident_id: UUID, *, limit: int = 8) -> pd.DataFrame:
    """The likest first: id, reference, title, severity, status, declared_at, resolved_at, root_cause, resolution, rank
    (more is more alike), shared_services (list). Those that share neither words nor services are not among them. Raises
    Denied, NotFound."""
    require(actor, "incidents:read")
    own = queries.one(actor, incident_id)
    sought = words(f"{own['title']} {own['description']} {own['root_cause']}")
    with read(actor) as rx:
        frame = rx.frame(_alike(incident_id, sought).limit(200))
    shared = [sorted(set(one) & set(own["services"])) for one in frame["services"]]
    weights = [1 + len(one) / 2 for one in shared]
    frame = frame.assign(shared_services=pd.Series(shared, dtype=object), rank=frame["rank"] * weights)
    frame = frame.sort_values("rank", ascending=False, kind="stable").head(limit).reset_index(drop=True)
    return frame.assign(reference=pd.array([rules.number_of(one) for one in frame["number"]], dtype="string"))


def _alike(incident_id: UUID, sought: list[str]) -> AnySelect:
    past = Incident
    said = func.qd_text(
        past.title + literal(" ") + past.description + literal(" ") + past.root_cause + literal(" ") + past.resolution
    )
    wanted = cast(" | ".join(f"'{word}'" for word in sought), TSQUERY)
    rank = func.ts_rank(said, wanted, 1)
    return (
        select(
            past.id, past.number, past.title, past.severity, past.status, past.declared_at, past.resolved_at, past.root_cause,
            past.resolution, past.services, rank.label("rank"),
        )
        .where(past.id != incident_id, past.merged_into_id.is_(None), said.op("@@")(wanted))
        .order_by(rank.desc(), past.declared_at.desc())
    )  # fmt: skip
