"""One call to the API: put together from what was typed, written as curl and as Python. Pure."""

import json
import pprint
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from core.kernel.errors import Invalid
from core.platform.explorer.operations import Operation

KEY = "QUARTERDECK_KEY"


@dataclass(frozen=True, slots=True)
class Call:
    """`query` has a pair for each value; `body` is parsed JSON. Credentials are no part of it."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: Any = None

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


def build(operation: Operation, values: Mapping[tuple[str, str], Any], body: str = "", *, base: str = "/api") -> Call:
    """The call with `values` by (place, name); None and empty ones are left out.

    Raises Invalid for a part of the path that is missing and for a body that is not JSON.
    """
    path, query, headers = base + operation.path, [], []
    for one in operation.parameters:
        texts = _texts(values.get((one.place, one.name)))
        if one.is_required and not texts:
            raise Invalid(f"Fill in {one.name}.", {one.name: f"Fill in {one.name}."})
        if one.place == "path":
            path = path.replace(f"{{{one.name}}}", quote(texts[0], safe=""))
        elif one.place == "query":
            query += [(one.name, text) for text in texts]
        else:
            headers += [(one.name, text) for text in texts]
    return Call(operation.method, path, tuple(query), tuple(headers), _body(operation, body))


def _texts(value: Any) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [str(one) for one in value]
    if isinstance(value, bool):
        return [str(value).lower()]
    return [] if value in (None, "") else [str(value)]


def _body(operation: Operation, text: str) -> Any:
    if operation.example is None or not text.strip():
        return None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        sentence = f"The body is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        raise Invalid(sentence, {"body": sentence}) from error


def as_curl(call: Call, origin: str) -> str:
    """A command for a POSIX shell; the key comes from the environment."""
    lines = [f"curl -X {call.method} {shlex.quote(origin + call.target)}", f'  -H "Authorization: Bearer ${KEY}"']
    lines += [f"  -H {shlex.quote(f'{name}: {value}')}" for name, value in call.headers]
    if call.body is not None:
        lines.append("  -H 'Content-Type: application/json'")
        lines.append(f"  --data {shlex.quote(json.dumps(call.body, ensure_ascii=False))}")
    return " \\\n".join(lines)


def as_python(call: Call, origin: str) -> str:
    """A script for httpx; the key comes from the environment."""
    headers = "".join(f", {name!r}: {value!r}" for name, value in call.headers)
    lines = [
        "import os",
        "",
        "import httpx",
        "",
        "answer = httpx.request(",
        f"    {call.method!r},",
        f"    {origin + call.path!r},",
    ]
    if call.query:
        lines.append(f"    params={list(call.query)!r},")
    lines.append(f'    headers={{"Authorization": f"Bearer {{os.environ[\'{KEY}\']}}"{headers}}},')
    if call.body is not None:
        lines.append(f"    json={pprint.pformat(call.body, width=100, sort_dicts=False)},")
    lines += ["    timeout=30,", ")", "answer.raise_for_status()", "print(answer.text)"]
    return "\n".join(lines)
