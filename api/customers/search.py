"""Search for machines: the same kinds, ranks and rights as the page."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import CurrentActor, Out, area, entity, records
from core.customers.search import queries
from core.customers.search.asking import LONGEST

router = area("/superadmin/search", "search")

Text = Annotated[
    str,
    Query(min_length=1, max_length=LONGEST, examples=["acme"], description="At least two characters; no wildcards."),
]


class HitOut(Out):
    """`rank` is 0 for the thing itself, 1 for the start of a name, 2 for the start of a word, 3 for elsewhere.

    `link` is the portal's page and its query.
    """

    id: str
    title: str
    subtitle: str
    tenant_id: UUID | None
    tenant: str | None
    rank: Literal[0, 1, 2, 3]
    link: str


class GroupOut(Out):
    """`found` counts at most 200. `problem` says why this kind could not be looked up, and is null otherwise."""

    kind: str
    label: str
    found: int
    problem: str | None
    hits: list[HitOut]


class SearchOut(Out):
    groups: list[GroupOut]


@router.get("", response_model=SearchOut)
def search_all(
    request: Request,
    actor: CurrentActor,
    text: Text,
    kind: Annotated[tuple[str, ...], Query(max_length=20, description="Only these kinds; none: all you may see.")] = (),
    limit: Annotated[int, Query(ge=1, le=50, description="Hits of each kind.")] = 10,
) -> Response:
    """Tenants, domains, people (masked without users:pii), invoices and errors, by kind, the best first."""
    groups = queries.search(actor, text, kinds=kind, limit=limit)
    return entity(request, {
        "groups": [
            {"kind": one.kind, "label": one.label, "found": one.found, "problem": one.problem, "hits": records(one.rows)}
            for one in groups
        ]
    })  # fmt: skip
