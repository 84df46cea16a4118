"""What every router of the API imports: the form of its routes, of what they take and of what they answer."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, WithJsonSchema

from api.answers import collection, entity, nothing, records
from api.conditions import IfMatch, Precondition
from api.deprecation import deprecated_route
from api.idempotency import Once
from api.identity import CurrentActor
from api.listing import Cursor, Day, Fields, Instant, Limit, Search
from api.problems import documented
from api.routing import PRODUCES, area


class Strict(BaseModel):
    """A body: a field that is not known is refused, and so is a number in place of text."""

    model_config = ConfigDict(extra="forbid")


# An amount as a JSON number, which holds cents exactly up to 90 trillion.
Money = Annotated[Decimal, WithJsonSchema({"type": "number"})]


class Out(BaseModel):
    """What is answered, for the OpenAPI document; also made from rows of the database."""

    model_config = ConfigDict(from_attributes=True)


__all__ = [
    "PRODUCES", "CurrentActor", "Cursor", "Day", "Fields", "IfMatch", "Instant", "Limit", "Money", "Once", "Out", "Precondition",
    "Search", "Strict", "area", "collection", "deprecated_route", "documented", "entity", "nothing", "records",
]  # fmt: skip
