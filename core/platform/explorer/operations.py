"""An OpenAPI document (3.1) as a list of operations that can be called. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

METHODS = ("get", "post", "put", "patch", "delete")
SAFE = ("GET", "HEAD", "OPTIONS")
# Deeper than any body of the API; ends schemas that refer to themselves.
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a call takes beside its body; `schema` has its references resolved."""

    name: str
    place: Literal["path", "query", "header"]
    is_required: bool
    description: str
    schema: Mapping[str, Any]

    @property
    def choices(self) -> tuple[Any, ...]:
        """The values that may be chosen, of a list those of its items; empty when anything may be typed."""
        return tuple(self.schema.get("enum") or self.schema.get("items", {}).get("enum") or ())

    @property
    def kind(self) -> str:
        """The JSON type: string, integer, number, boolean, array."""
        return str(self.schema.get("type", "string"))


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `example` is a body to begin with, None when the call takes none."""

    id: str
    method: str
    path: str
    area: str
    summary: str
    description: str
    is_deprecated: bool
    parameters: tuple[Parameter, ...]
    example: Any
    answers: Mapping[str, str]

    @property
    def changes(self) -> bool:
        """Whether a call may change something."""
        return self.method not in SAFE


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """Every operation, by area and path, in the order of METHODS."""
    found = [
        _operation(document, path, method, item)
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]
    return sorted(found, key=lambda one: (one.area, one.path, METHODS.index(one.method.lower())))


def matching(found: list[Operation], text: str) -> list[Operation]:
    """Those that have every word of the text in their name, path, area or method."""
    words = text.lower().split()
    return [one for one in found if all(word in _searched(one) for word in words)]


def _searched(one: Operation) -> str:
    return f"{one.method} {one.path} {one.area} {one.summary} {one.id}".lower()


def _operation(document: Mapping[str, Any], path: str, method: str, item: Mapping[str, Any]) -> Operation:
    told = item[method]
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    given = [*item.get("parameters", ()), *told.get("parameters", ())]
    return Operation(
        id=told.get("operationId", f"{method} {path}"), method=method.upper(), path=path,
        area=(told.get("tags") or ["other"])[0], summary=told.get("summary", path), description=told.get("description", ""),
        is_deprecated=bool(told.get("deprecated")),
        parameters=tuple(_parameter(document, resolved(document, one)) for one in given),
        example=None if body is None else example(document, body), answers=dict(_answers(document, told)),
    )  # fmt: skip


def _parameter(document: Mapping[str, Any], told: Mapping[str, Any]) -> Parameter:
    schema = dict(resolved(document, told.get("schema", {})))
    if "items" in schema:
        schema["items"] = resolved(document, schema["items"])
    required = bool(told.get("required"))
    return Parameter(told["name"], told["in"], required, told.get("description", ""), schema)


def _answers(document: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for status, response in sorted(told.get("responses", {}).items()):
        yield status, resolved(document, response).get("description", "")


def resolved(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part that a reference within the document points at, or the part itself."""
    while "$ref" in part:
        found: Any = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def example(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int = 0) -> Any:
    """A value that fits the schema: its own example or default where it has one, else the plainest of its type."""
    schema = resolved(document, schema)
    if schema.get("examples"):
        return schema["examples"][0]
    for name in ("example", "const", "default"):
        if schema.get(name) is not None:
            return schema[name]
    if schema.get("enum"):
        return schema["enum"][0]
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if choices:
        is_empty = depth >= DEEPEST or (_may_be_null(choices) and not _is_told(resolved(document, choices[0])))
        return None if is_empty else example(document, choices[0], depth + 1)
    return _plainest(document, schema, depth)


def _may_be_null(choices: Sequence[Mapping[str, Any]]) -> bool:
    return any(one.get("type") == "null" for one in choices)


def _is_told(schema: Mapping[str, Any]) -> bool:
    """Whether the document says what a value looks like: what is made up of nothing may be refused."""
    telling = ("examples", "example", "const", "enum", "minimum")
    return schema.get("type") == "object" or any(name in schema for name in telling)


def _plainest(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> Any:
    if schema.get("type") == "object" and depth < DEEPEST:
        properties = schema.get("properties", {})
        return {name: example(document, one, depth + 1) for name, one in properties.items()}
    if schema.get("type") == "array":
        return [example(document, schema["items"], depth + 1)] if schema.get("minItems") and depth < DEEPEST else []
    if schema.get("format") == "date-time":
        return "2026-01-31T08:00:00Z"
    plain = {
        "string": "",
        "integer": schema.get("minimum", 0),
        "number": schema.get("minimum", 0),
        "boolean": False,
        "object": {},
    }
    return plain.get(str(schema.get("type")))
