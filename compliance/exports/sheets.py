"""The audit as tables: CSV and XLSX.

The CSV is UTF-8 without a byte-order mark. Every cell is ASCII (ids, codes, hashes, times), so a spreadsheet
needs no mark to read it, and most programs would read one as part of the first column's name.
A cell that a spreadsheet could interpret as a formula is prefixed with an apostrophe.
"""

import csv
import io
from datetime import UTC, date, datetime
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from compliance.audit.rows import COLUMNS, Row
from compliance.exports.request import ExportContext, ExportedFile, attestation_sentence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
ROWS_A_SHEET = 1_000_000  # Excel stops at 1,048,576
NARROW, WIDE = 14, 38  # characters
Value = str | int | date | datetime | None


def escape_formula(cell: str) -> str:
    """Prefix a cell with an apostrophe when a spreadsheet could run it as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


class CsvWriter:
    """A CSV as in RFC 4180: a header, then one line for each row."""

    def __init__(self, file: BinaryIO, context: ExportContext) -> None:
        """Write the header."""
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
        self._csv = csv.writer(self._text)
        self._csv.writerow(COLUMNS)

    def add(self, row: Row) -> None:
        """Write one line."""
        self._csv.writerow([escape_formula(_as_text(getattr(row, name))) for name in COLUMNS])

    def close(self, finished: list[ExportedFile]) -> None:
        """Flush; a CSV has no place for anything else."""
        self._text.detach()


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    return str(value)


class XlsxWriter:
    """A workbook: the rows below a frozen header, then a sheet with facts of the export."""

    def __init__(self, file: BinaryIO, context: ExportContext) -> None:
        """Create the first sheet."""
        self._file, self._context = file, context
        self._book = Workbook(write_only=True)
        self._sheet, self._rows = self._new_sheet("Audit"), 0

    def _new_sheet(self, title: str) -> WriteOnlyWorksheet:
        sheet: WriteOnlyWorksheet = self._book.create_sheet(title)
        sheet.freeze_panes = "B2"
        for number, name in enumerate(COLUMNS, start=1):
            wide = name.endswith(("_id", "sha256", "uses", "blockers", "exceptions"))
            sheet.column_dimensions[get_column_letter(number)].width = WIDE if wide else NARROW
        header = []
        for name in COLUMNS:
            cell = WriteOnlyCell(sheet, value=name)
            cell.font = Font(bold=True)
            header.append(cell)
        sheet.append(header)
        return sheet

    def add(self, row: Row) -> None:
        """Write one row; dates and times (UTC) as such, numbers as numbers."""
        if self._rows and self._rows % ROWS_A_SHEET == 0:
            self._sheet = self._new_sheet(f"Audit {self._rows // ROWS_A_SHEET + 1}")
        self._sheet.append([_as_cell(getattr(row, name)) for name in COLUMNS])
        self._rows += 1

    def close(self, finished: list[ExportedFile]) -> None:
        """Write the sheet with facts of the export, then the whole workbook."""
        sheet = self._book.create_sheet("About")
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = WIDE, 100
        for label, value in _export_facts(self._context):
            name, text = WriteOnlyCell(sheet, value=label), WriteOnlyCell(sheet, value=_as_cell(value))
            name.font, text.alignment = Font(bold=True), Alignment(wrap_text=True, horizontal="left")
            sheet.append([name, text])
        self._book.save(self._file)


def _as_cell(value: object) -> Value:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0)  # a workbook knows no zones
    if isinstance(value, date):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return escape_formula(_as_text(value)) or None


def _export_facts(context: ExportContext) -> list[tuple[str, object]]:
    request, head = context.request, context.head
    return [
        ("Attestation", attestation_sentence(context.attestation)),
        *((f"Exception: {code}", count) for code, count in sorted(context.attestation.exceptions.items())),
        ("Made at (UTC)", context.made_at),
        ("Export", context.export_id),
        ("Exporter", request.by.pk if request.by else request.via),
        ("Reason", request.reason),
        ("Reference", request.reference),
        *((f"Filter: {name}", value) for name, value in request.wanted.facts().items() if value),
        *((f"Log head: {name}", value) for name, value in head.items()),
        *((f"Column: {name}", words) for name, words in COLUMNS.items()),
    ]
