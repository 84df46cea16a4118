"""The search itself: every source that the actor may use, one after the other."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from core.customers.search import domains, errors, invoices, people, tenants, tickets
from core.customers.search.asking import Asked, ask
from core.customers.search.sources import COLUMNS, Source, of, register
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError

for _source in (tenants.SOURCE, domains.SOURCE, people.SOURCE, invoices.SOURCE, tickets.SOURCE, errors.SOURCE):
    register(_source)


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind, the best first: rows of sources.COLUMNS but `found`, which says how many there are.

    `problem` says why nothing could be looked up, such as that it took too long.
    """

    kind: str
    label: str
    rows: pd.DataFrame
    found: int
    problem: str | None = None


def kinds(actor: Actor) -> dict[str, Source]:
    """What the actor may search, by its kind, in the order of the results."""
    return {one.kind: one for one in of(actor)}


def search(actor: Actor, text: str, *, kinds: Iterable[str] = (), limit: int = 10) -> list[Group]:
    """One group per kind that the actor may see and that was asked for (all: none named), also where nothing was found.

    Nothing at all for less than two letters. One source that fails does not take the others with it.
    """
    asked = ask(text)
    if not asked.is_enough:
        return []
    return [_group(actor, source, asked, limit) for source in of(actor, kinds)]


def _group(actor: Actor, source: Source, asked: Asked, limit: int) -> Group:
    try:
        rows = source.find(actor, asked, limit)
    except ExpectedError as error:
        return Group(source.kind, source.label, pd.DataFrame(columns=list(COLUMNS)), 0, str(error))
    found = int(rows["found"].iloc[0]) if len(rows) else 0
    return Group(source.kind, source.label, rows[list(COLUMNS[:-1])], found)
