"""Log files of any size in parts that are the same each time they are read, though the file may have grown."""

import gzip
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from core.kernel.errors import Invalid, NotFound

LINES, BYTES, LINE = 10_000, 16 * 1024 * 1024, 64 * 1024
_GZIP = b"\x1f\x8b"


@dataclass(slots=True)
class Part:
    """Some lines that follow each other; `first` counts from 1. `digest` is of the whole file up to `end` (unpacked bytes).

    A line longer than LINE is cut, and its number is in `cut`.
    """

    first: int
    lines: list[bytes] = field(default_factory=list)
    cut: set[int] = field(default_factory=set)
    end: int = 0
    digest: str = ""

    @property
    def id(self) -> str:
        """The same for the same bytes in the same place of a file that begins in the same way."""
        return f"{self.digest}:{self.end}"


class LogFile:
    """An open file; `position` is how far it was read on the disk."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        is_packed = raw.peek(2)[:2] == _GZIP  # type: ignore[attr-defined]
        self._stream: Any = gzip.GzipFile(fileobj=raw) if is_packed else raw

    @property
    def position(self) -> int:
        return self._raw.tell()

    def parts(self, ends: Mapping[int, set[str]]) -> Iterator[Part]:
        """The file in parts of 10,000 lines or 16 MiB. Where an earlier reading ended (`ends`: offset -> digests), a part
        ends too, so that what was the last part then is known again now. Raises Invalid for a damaged archive."""
        digest, offset, number, begun = hashlib.sha256(), 0, 1, 0
        part = Part(number)
        for line, length in self._lines(digest.update):
            offset += length
            number += 1
            part.lines.append(line.rstrip(b"\r\n"))
            if length > LINE:
                part.cut.add(number - 1)
            is_known_end = offset in ends and digest.hexdigest() in ends[offset]
            if len(part.lines) == LINES or offset - begun >= BYTES or is_known_end:
                part.end, part.digest = offset, digest.hexdigest()
                yield part
                part, begun = Part(number), offset
        if part.lines:
            part.end, part.digest = offset, digest.hexdigest()
            yield part

    def _lines(self, update: Callable[[bytes], None]) -> Iterator[tuple[bytes, int]]:
        """Each line, cut to LINE bytes, with its whole length."""
        try:
            while line := self._stream.readline(LINE):
                update(line)
                yield line, len(line) + self._skip_rest(line, update)
        except (EOFError, gzip.BadGzipFile) as error:
            raise Invalid("The archive is damaged or ends too early; what was stored until then stays.") from error

    def _skip_rest(self, line: bytes, update: Callable[[bytes], None]) -> int:
        skipped = 0
        while len(line) == LINE and not line.endswith(b"\n"):
            line = self._stream.readline(LINE)
            update(line)
            skipped += len(line)
        return skipped


@contextmanager
def opened(path: Path) -> Iterator[LogFile]:
    """The file, unpacked where it is gzip. Raises NotFound."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.") from error
    with raw:
        yield LogFile(raw)
