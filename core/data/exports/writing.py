"""Files of rows, written as the rows come: their size in memory does not grow with their number."""

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

import orjson
import xlsxwriter

from core.data.exports import cells
from core.data.exports.rules import Format

_WIDTH = 22  # of a worksheet's column, in characters: a time or most addresses
_DATE, _TIME = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


class Writer(ABC):
    """Writes into an open file: `begin` once, `row` for each, `end` once."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    @abstractmethod
    def begin(self, columns: Sequence[str]) -> None: ...

    @abstractmethod
    def row(self, values: Sequence[Any]) -> None: ...

    @abstractmethod
    def end(self) -> None: ...


class Csv(Writer):
    """RFC 4180 in UTF-8 with its mark, without which Excel reads another encoding."""

    def begin(self, columns: Sequence[str]) -> None:
        self._text = io.TextIOWrapper(self.file, encoding="utf-8-sig", newline="", write_through=False)
        self._csv = csv.writer(self._text, lineterminator="\r\n")
        self._csv.writerow([cells.guarded(name) for name in columns])

    def row(self, values: Sequence[Any]) -> None:
        self._csv.writerow([cells.for_csv(value) for value in values])

    def end(self) -> None:
        self._text.flush()
        self._text.detach()


class Sheet(Writer):
    """One worksheet with a frozen head and a filter; what looks like a formula or a link stays text."""

    def begin(self, columns: Sequence[str]) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": True,
        }
        self._book = xlsxwriter.Workbook(self.file, options)
        self._sheet = self._book.add_worksheet("Export")
        self._formats = {date: self._book.add_format({"num_format": _DATE}),
                         datetime: self._book.add_format({"num_format": _TIME})}  # fmt: skip
        self._sheet.set_column(0, max(len(columns) - 1, 0), _WIDTH)
        self._sheet.freeze_panes(1, 0)
        head = self._book.add_format({"bold": True})
        for place, name in enumerate(columns):
            self._sheet.write_string(0, place, name, head)
        self._width, self._line = len(columns), 0

    def row(self, values: Sequence[Any]) -> None:
        self._line += 1
        for place, value in enumerate(values):
            cell = cells.for_sheet(value)
            if isinstance(cell, (date, datetime)):
                self._sheet.write_datetime(
                    self._line, place, cell, self._formats[datetime if isinstance(cell, datetime) else date]
                )
            elif isinstance(cell, str):
                self._sheet.write_string(self._line, place, cell)
            elif cell is not None:
                self._sheet.write(self._line, place, cell)

    def end(self) -> None:
        if self._width:
            self._sheet.autofilter(0, 0, self._line, self._width - 1)
        self._book.close()


class Json(Writer):
    """An array of objects in UTF-8, one a line."""

    def begin(self, columns: Sequence[str]) -> None:
        self._columns, self._mark = list(columns), b"[\n"

    def row(self, values: Sequence[Any]) -> None:
        told = {name: cells.for_json(value) for name, value in zip(self._columns, values, strict=True)}
        self.file.write(self._mark + orjson.dumps(told, default=str, option=orjson.OPT_SERIALIZE_NUMPY))
        self._mark = b",\n"

    def end(self) -> None:
        self.file.write(b"\n]\n" if self._mark == b",\n" else b"[]\n")


WRITERS: dict[Format, type[Writer]] = {"csv": Csv, "xlsx": Sheet, "json": Json}
