"""Tables as files, row by row, however long: CSV and XLSX."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from xlsxwriter import Workbook

from accounts.clock import wall_clock
from cody_site.back_office.reports.report import Column, Kind, Row, told

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins so for a formula, and would run what a customer has put in a name."""

ROWS_OF_A_SHEET = 1_000_000
"""Excel reads 1,048,576 and drops the rest without a word."""

XLSX_FORMATS = {
    Kind.DATE: "yyyy-mm-dd",
    Kind.MONTH: "yyyy-mm",
    Kind.TIME: "hh:mm",
    Kind.MOMENT: "yyyy-mm-dd hh:mm",
    Kind.COUNT: "#,##0",
    Kind.WON: "#,##0",
    Kind.SHARE: "0.0%",
}


def write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> int:
    """With a BOM, by which Excel knows Hangul. Returns how many rows were written."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([str(column.title) for column in columns])
    count = 0
    for row in rows:
        count += 1
        writer.writerow([_cell(column.kind, value) for column, value in zip(columns, row, strict=True)])
    text.detach()
    return count


def _cell(kind: Kind, value: Any) -> Any:
    """Dates and moments so that they can be sorted, numbers without their thousands."""
    match kind:
        case _ if value is None:
            return ""
        case Kind.DATE:
            return value.isoformat()
        case Kind.MONTH:
            return f"{value:%Y-%m}"
        case Kind.TIME | Kind.MOMENT | Kind.SHARE:
            return told(kind, value)
        case Kind.TEXT:
            text = str(value)
            return f"'{text}" if text.startswith(FORMULA) else text
    return value


def write_xlsx(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> int:
    """Real dates and numbers; texts are never formulas or links. Returns how many rows were written."""
    book = Workbook(file, {"constant_memory": True})
    bold = book.add_format({"bold": True})
    formats = {kind: book.add_format({"num_format": spelt}) for kind, spelt in XLSX_FORMATS.items()}
    sheet, count = _sheet(book, columns, bold), 0
    for row in rows:
        if count and count % ROWS_OF_A_SHEET == 0:
            sheet = _sheet(book, columns, bold)
        line = count % ROWS_OF_A_SHEET + 1
        count += 1
        for number, (column, value) in enumerate(zip(columns, row, strict=True)):
            if value is None:
                continue
            if column.kind in (Kind.DATE, Kind.MONTH, Kind.TIME):
                sheet.write_datetime(line, number, value, formats[column.kind])
            elif column.kind is Kind.MOMENT:
                sheet.write_datetime(line, number, wall_clock(value), formats[column.kind])
            elif column.kind.is_number:
                sheet.write_number(line, number, value, formats.get(column.kind))
            else:
                sheet.write_string(line, number, str(value))
    book.close()
    return count


def _sheet(book: Any, columns: Sequence[Column], bold: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, 18)
        sheet.write_string(0, number, str(column.title), bold)
    return sheet


@dataclass(frozen=True)
class Format:
    title: Any
    content_type: str
    write: Callable[[IO[bytes], Sequence[Column], Iterable[Row]], int]


FORMATS = {
    "xlsx": Format(_("엑셀(XLSX)"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
    "csv": Format("CSV", "text/csv; charset=utf-8", write_csv),
}


def written(kind: Format, columns: Sequence[Column], rows: Iterable[Row]) -> tuple[IO[bytes], int]:
    """A file without a name that is gone once it is closed, at its beginning, and how many rows it holds."""
    file = TemporaryFile()  # noqa: SIM115 -- the response closes it
    try:
        count = kind.write(file, columns, rows)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file, count
