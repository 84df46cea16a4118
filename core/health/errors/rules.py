"""What makes two errors the same."""

import hashlib
import re
from collections.abc import Sequence
from traceback import FrameSummary

_CHANGING = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{24,}|\d+|'[^']*'|\"[^\"]*\"", re.IGNORECASE)


def fingerprint(kind: str, message: str, frames: Sequence[FrameSummary], *, own: str) -> str:
    """16 hex digits from the type and the functions of our own code on the way (`own` is its folder).

    Line numbers do not count, so that a release does not make new errors of old ones; without a frame of ours, the message
    does, less its numbers, ids and quoted parts.
    """
    way = [
        f"{frame.filename[len(own) :].lstrip('/')}:{frame.name}" for frame in frames if frame.filename.startswith(own)
    ]
    told = way or [_CHANGING.sub("#", message)]
    return hashlib.sha256("\n".join([kind, *told]).encode()).hexdigest()[:16]
