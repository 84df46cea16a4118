"""JSON as people type it."""

from typing import Any

import orjson

from core.kernel.errors import Invalid


def parsed(text: str, field: str, told: str) -> Any:
    """The value of the JSON text; None for an empty one. Raises Invalid that names what was typed and the place."""
    if not text.strip():
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        sentence = f"{told} is no JSON: {error.msg} in line {error.lineno}."
        raise Invalid(sentence, {field: sentence}) from error
