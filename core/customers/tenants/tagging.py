"""What may be a tag. Pure."""

from collections.abc import Iterable

from core.kernel.errors import Invalid

MAX_LENGTH, MAX_TAGS = 40, 20


def clean_tags(values: Iterable[str]) -> list[str]:
    """The tags in lower case, each once, sorted. Raises Invalid."""
    tags = sorted({" ".join(str(value).lower().split()) for value in values} - {""})
    if any(len(tag) > MAX_LENGTH or not tag.isprintable() for tag in tags):
        raise _refused(f"A tag has at most {MAX_LENGTH} characters. Choose a shorter one.")
    if len(tags) > MAX_TAGS:
        raise _refused(f"A tenant has at most {MAX_TAGS} tags. Remove one first.")
    return tags


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, {"tags": sentence})
