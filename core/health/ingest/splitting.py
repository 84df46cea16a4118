"""The body of a call cut into its rows, each still JSON, so that a bad one spoils no other."""

import re
from dataclasses import dataclass

import msgspec

from core.health.ingest import rules
from core.kernel.errors import Invalid

_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_OPENING, _ROW_DEPTH = (b"{", b"["), 2
_PLACE = b"0"


class Damaged(Invalid):
    """The body as a whole cannot be read, so no row can be told from another."""

    code = "malformed"


class TooManyRows(Invalid):
    code = "too_many_rows"


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """The body in JSON; the rows are left as they are."""

    events: list[msgspec.Raw]
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Rows as they came; an empty one is a blank line, and none at all."""

    batch_id: str | None
    rows: list[bytes]


_envelope = msgspec.json.Decoder(Envelope)


def split_lines(body: bytes) -> Sent:
    """NDJSON: a row a line."""
    return _checked(Sent(None, [line.strip() for line in body.removeprefix(b"\xef\xbb\xbf").split(b"\n")]))


def split_json(body: bytes) -> Sent:
    """`{"batch_id": ..., "events": [...]}`. Raises Damaged when the rows cannot be told apart."""
    try:
        found = _envelope.decode(body)
    except msgspec.ValidationError as error:
        raise _told(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        repaired = _split_damaged(body)
        if repaired is None:
            raise _told(error) from error
        return _checked(repaired)
    return _checked(Sent(found.batch_id, [bytes(row) for row in found.events]))


def _checked(sent: Sent) -> Sent:
    if sum(1 for row in sent.rows if row) > rules.MAX_ROWS:
        raise TooManyRows(f"Send at most {rules.MAX_ROWS:,} rows at once; the others in another batch.")
    return sent


def _told(error: Exception) -> Damaged:
    sentence = f'Send {{"batch_id": "...", "events": [...]}}, or a row a line as application/x-ndjson: {error}.'
    return Damaged(sentence)


def _split_damaged(body: bytes) -> Sent | None:
    """The rows by their braces alone, for a body that is JSON but for some of them; None when that fails too."""
    spans = _spans(body)
    if not spans:
        return None
    ends = [0, *(end for _, end in spans)]
    between = [body[end:start] for end, start in zip(ends, (start for start, _ in spans), strict=False)]
    skeleton = _PLACE.join([*between, body[ends[-1] :]])
    try:
        found = _envelope.decode(skeleton)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    cut = iter(spans)
    if sum(1 for row in found.events if bytes(row) == _PLACE) != len(spans):
        return None
    rows = [body[slice(*next(cut))] if bytes(row) == _PLACE else bytes(row) for row in found.events]
    return Sent(found.batch_id, rows)


def _spans(body: bytes) -> list[tuple[int, int]]:
    """Where the objects within a list within the outermost object begin and end."""
    spans: list[tuple[int, int]] = []
    depth = begin = 0
    for token in _TOKENS.finditer(body):
        sign = token.group()
        if sign in _OPENING:
            if depth == _ROW_DEPTH and sign == b"{":
                begin = token.start()
            depth += 1
        elif len(sign) == 1:
            depth -= 1
            if depth == _ROW_DEPTH and sign == b"}":
                spans.append((begin, token.end()))
    return spans
