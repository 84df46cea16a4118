"""The form of every benchmark: figures of one run, compared with a limit or with the obvious way."""

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True)
class Row:
    """One measure. `bar` says what holds, such as ">= 0.40"; an empty bar only informs."""

    measure: str
    figure: str
    compared_with: str = ""
    ratio: float | None = None
    bar: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the ratio meets the bar; None without a bar."""
        if not self.bar or self.ratio is None:
            return None
        sign, limit = self.bar.split()
        return self.ratio >= float(limit) if sign == ">=" else self.ratio <= float(limit)


def show(rows: list[Row]) -> str:
    """The rows as a table of text."""
    heads = ("measure", "figure", "compared with", "ratio", "bar", "holds")
    words = {True: "yes", False: "NO", None: ""}
    lines = [
        (
            row.measure,
            row.figure,
            row.compared_with,
            "" if row.ratio is None else f"{row.ratio:.2f}",
            row.bar,
            words[row.holds],
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in [heads, *lines]) for column in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [heads, *lines]
    )


def save(rows: list[Row], path: Path) -> None:
    """The same rows as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps([asdict(row) | {"holds": row.holds} for row in rows], option=orjson.OPT_INDENT_2))
