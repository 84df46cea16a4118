"""Where in the code an error came from, out of a stack trace as text in the form of whichever language wrote it."""

import re
from collections.abc import Iterator
from traceback import FrameSummary

from core.health.errors.rules import fingerprint

LONGEST, MOST = 50_000, 200
DEEPEST = 8
# In each: the function and the file, as Python, Java, .NET, JavaScript, Ruby and Go print them.
_FORMS = (
    re.compile(r'^\s*File "(?P<file>[^"\n]+)", line \d+, in (?P<name>.+)$'),
    re.compile(r"^\s*at (?P<name>[\w$.<>/]+)\((?P<file>[\w$.]+\.(?:java|kt|scala|groovy))(?::\d+)?\)"),
    re.compile(r"^\s*at (?P<name>\S+\(.*?\)) in (?P<file>.+?):line \d+"),
    re.compile(r"^\s*at (?:async )?(?P<name>[^\s(]+(?: \[as \w+\])?) \((?P<file>[^()\s]+?):\d+:\d+\)"),
    re.compile(r"^\s*at (?P<name>)(?P<file>[^()\s]+?):\d+:\d+$"),
    re.compile(r"^\s*(?:from )?(?P<file>[^\s:]+\.rb):\d+:in [`'](?P<name>[^']+)'"),
    re.compile(r"^\s*(?P<name>)(?P<file>/?[\w./@-]+\.go):\d+(?: \+0x[0-9a-f]+)?$"),
)
# Frames of what others wrote tell less of the cause than those of the service.
_FOREIGN = re.compile(
    r"site-packages|dist-packages|/lib/python\d|node_modules|node:|<frozen |/usr/local/go/|/pkg/mod/|/gems/"
)
_FOREIGN_NAMES = (
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "kotlin.",
    "scala.",
    "System.",
    "Microsoft.",
    "org.springframework.",
)


def fingerprint_of(service: str, kind: str, message: str, trace: str) -> str:
    """16 hex digits: the same for errors of one service, type and place in the code, whatever the line numbers.

    Without a frame that can be read, the message counts in place of the place, less its numbers, ids and quoted parts.
    """
    return fingerprint(f"{service}:{kind}", message, frames_of(trace), own="")


def frames_of(trace: str) -> list[FrameSummary]:
    """The frames of the service's own code, else all; at most the first and last few, which is where causes are."""
    found = list(_frames(trace[-LONGEST:]))
    own = [frame for frame in found if not _is_foreign(frame)] or found
    return own if len(own) <= 2 * DEEPEST else [*own[:DEEPEST], *own[-DEEPEST:]]


def _frames(trace: str) -> Iterator[FrameSummary]:
    for line in trace.splitlines()[-MOST:]:
        match = next((match for form in _FORMS if (match := form.match(line[:1_000]))), None)
        if match is not None:
            yield FrameSummary(match["file"], None, match["name"], lookup_line=False)


def _is_foreign(frame: FrameSummary) -> bool:
    return bool(_FOREIGN.search(frame.filename)) or frame.name.startswith(_FOREIGN_NAMES)
