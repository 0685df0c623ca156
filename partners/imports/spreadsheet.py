"""Rows from an XLSX file."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from partners.imports.refusals import UnreadableFile

MAX_UNPACKED = 300 * 2**20
# What openpyxl raises on a file that is no workbook, or a damaged one.
DAMAGE = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    AssertionError,
)


class Formula(str):
    """A formula that was saved without its result."""


def read(body: bytes, *, max_rows: int) -> tuple[list[list[str]], str]:
    """Return the first filled sheet's rows as text, and a word on where they are from."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which are not read
            return _read(body, max_rows)
    except UnreadableFile:
        raise
    except DAMAGE as problem:
        raise UnreadableFile("The file is no Excel workbook, or a damaged one. Save it again as .xlsx.") from problem


def _read(body: bytes, max_rows: int) -> tuple[list[list[str]], str]:
    has_formulas = _look_inside(body)
    workbook = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
    for sheet in workbook.worksheets:
        sheet.reset_dimensions()
        rows = list(_texts(sheet.iter_rows(values_only=True, max_row=max_rows)))
        if any(any(row) for row in rows):
            if has_formulas:
                _mark_formulas(rows, body, sheet.title)
            return rows, f"Excel, sheet “{sheet.title}”"
    return [], "Excel"


def _look_inside(body: bytes) -> bool:
    """Refuse what would unpack to too much; tell whether any sheet holds a formula."""
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        if sum(part.file_size for part in package.infolist()) > MAX_UNPACKED:
            raise UnreadableFile("The workbook is too large once unpacked. Save your list as CSV.")
        sheets = [name for name in package.namelist() if name.startswith("xl/worksheets/")]
        return any(_holds_formula(package, name) for name in sheets if not name.endswith("/"))


def _holds_formula(package: zipfile.ZipFile, name: str) -> bool:
    before = b""
    with package.open(name) as part:
        while piece := part.read(1 << 20):
            if b"<f>" in before + piece or b"<f " in before + piece:
                return True
            before = piece[-4:]
    return False


def _mark_formulas(rows: list[list[str]], body: bytes, title: str) -> None:
    """A formula without a saved result reads as nothing: put the formula in its place."""
    sheet = load_workbook(io.BytesIO(body), read_only=True, data_only=False)[title]
    sheet.reset_dimensions()
    for row, written in zip(rows, sheet.iter_rows(values_only=True, max_row=len(rows)), strict=False):
        for index, value in enumerate(written):
            if isinstance(value, str) and value.startswith("=") and not any(row[index : index + 1]):
                row += [""] * (index + 1 - len(row))
                row[index] = Formula(value)


def _texts(rows: Iterator[tuple]) -> Iterator[list[str]]:
    for row in rows:
        cells = [_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value)
