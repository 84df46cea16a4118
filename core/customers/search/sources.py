"""What can be searched: each slice that can registers a source, in the order in which they are shown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from core.customers.search.asking import Asked
from core.kernel.actor import Actor

# How many are counted; beyond it "200 or more" is all that anybody needs to know.
MOST = 200
EXACT, START_OF_NAME, START_OF_WORD, ELSEWHERE = range(4)
COLUMNS = ("id", "title", "subtitle", "tenant_id", "tenant", "rank", "link", "found")
Find = Callable[[Actor, Asked, int], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of thing. `find(actor, asked, limit)` gives the best `limit` of those the actor may see: COLUMNS.

    `rank` is EXACT to ELSEWHERE, and orders the rows; `found` is how many there are, at most MOST; `link` is the page's key
    and query that shows the thing ("customers/tenants?tenant=..."). `says` names what is looked at.
    """

    kind: str
    label: str
    permission: str
    says: str
    find: Find


sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Adds a kind; the same again replaces it."""
    sources[source.kind] = source


def of(actor: Actor, kinds: Iterable[str] = ()) -> list[Source]:
    """Those that the actor may search, of these kinds or of all."""
    wanted = set(kinds)
    return [one for one in sources.values() if actor.may(one.permission) and (not wanted or one.kind in wanted)]
