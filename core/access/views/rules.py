"""What a saved view may be. Pure."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid

MAX_NAME = 80
MAX_VIEWS = 50  # of one operator on one page: what a list without a search can show
MAX_QUERY = 4_000  # characters; browsers and proxies take addresses of 8,000
_PAGE = re.compile(r"[a-z_]+/[a-z_]+")

Query = dict[str, list[str]]


def clean_name(text: str) -> str:
    """The name without spaces around and doubled. Raises Invalid."""
    name = " ".join(text.split())
    if not name or len(name) > MAX_NAME:
        sentence = f"Give the view a name of 1 to {MAX_NAME} characters."
        raise Invalid(sentence, {"name": sentence})
    return name


def clean_query(query: Mapping[str, Sequence[str]]) -> Query:
    """The parameters with their values as text. Raises Invalid for more than an address can carry."""
    cleaned = {str(name): [str(value) for value in values] for name, values in query.items() if values}
    if sum(len(name) + len(value) + 2 for name, values in cleaned.items() for value in values) > MAX_QUERY:
        raise Invalid("This view is too long to be kept. Take fewer values into its filters.")
    return cleaned


def require_page(page: str) -> str:
    if not _PAGE.fullmatch(page):
        raise Invalid("This is not the key of a page.", {"page": "Write it like customers/tenants."})
    return page


def require_room(kept: int) -> None:
    if kept >= MAX_VIEWS:
        raise Invalid(f"You keep {MAX_VIEWS} views of this page already. Delete one first.")


def owner_of(actor: Actor) -> UUID:
    """Whose views these are. Raises Denied for a machine, which has no pages."""
    if actor.operator_id is None:
        raise Denied("Only an operator keeps views. Sign in to a page.")
    return actor.operator_id
