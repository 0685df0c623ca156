"""Bytes become rows of text, or one sentence says why they don't."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from charset_normalizer import from_bytes

from partners.imports import spreadsheet
from partners.imports.refusals import UnreadableFile

MAX_BYTES = 25 * 2**20
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_LINES_IN_A_CELL = 50
DELIMITERS = ",;\t|"
DELIMITER_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The single-byte alphabets of the spreadsheets this practice will meet; among more, short files are guessed wrong.
SINGLE_BYTE = ["cp1252", "mac_roman"]
ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "cp1252": "Western European (Windows)",
    "latin-1": "Western European (ISO)",
    "mac_roman": "Western European (Mac)",
}
CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
PHONE_OR_LINK = re.compile(r"^(https?://|www\.|\S+@\S+\.\S+$|\+?[\d(][\d().\- ]{6,}$|-?\d+\.\d+$)")


@dataclass
class Table:
    """The file's columns and rows. Row numbers are those a spreadsheet shows."""

    columns: list[str]
    rows: list[tuple[int, list[str]]]
    about: str


def read(body: bytes) -> Table:
    """Return the columns and rows of a CSV or XLSX file, or refuse with a sentence."""
    if len(body) > MAX_BYTES:
        raise UnreadableFile(f"The file is larger than {MAX_BYTES // 2**20} MB. Split it into smaller files.")
    if not body.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile("The file is empty. Choose the file that holds your list.")
    _refuse_other_formats(body)
    if body.startswith(b"PK"):
        records, about = spreadsheet.read(body, max_rows=MAX_ROWS + 50)
    else:
        records, about = _read_text(body)
    return _table(records, about)


def _refuse_other_formats(body: bytes) -> None:
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(
            "This is an old Excel file, or one with a password. Save it as .xlsx without a password, or as CSV."
        )
    if body.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")):
        raise UnreadableFile("This is not a list of rows. Save your list as .xlsx or CSV and choose that file.")


def _read_text(body: bytes) -> tuple[list[list[str]], str]:
    text, encoding = decode(body)
    text, delimiter = _delimiter(text)
    about = f"CSV with {DELIMITER_NAMES[delimiter]}, {ENCODING_NAMES.get(encoding, encoding.upper())}"
    return _records(text, delimiter), about


def decode(body: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding. Doubt is settled by refusing, never by losing a letter."""
    encoding = next((name for bom, name in BOMS if body.startswith(bom)), "") or _wide_without_bom(body) or "utf-8"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as problem:
        if encoding != "utf-8":
            raise UnreadableFile(_cut_off(body, problem)) from problem
        text, encoding = _decode_single_byte(body, problem)
    if "\x00" in text or len(CONTROL.findall(text[:20_000])) > 5 + len(text[:20_000]) // 100:
        raise UnreadableFile("This is not a text file. Save your list as .xlsx or CSV and choose that file.")
    return text, encoding


def _wide_without_bom(body: bytes) -> str:
    """UTF-16 without its mark shows as a zero in every other byte."""
    sample = body[:400]
    if sample[1::2].count(0) > len(sample) // 3:
        return "utf-16-le"
    return "utf-16-be" if sample[::2].count(0) > len(sample) // 3 else ""


def _decode_single_byte(body: bytes, problem: UnicodeDecodeError) -> tuple[str, str]:
    if _is_nearly_utf8(body):
        raise UnreadableFile(_cut_off(body, problem)) from problem
    best = from_bytes(body, cp_isolation=SINGLE_BYTE).best()
    encoding = best.encoding if best else "cp1252"
    try:
        return body.decode(encoding), encoding
    except UnicodeDecodeError:
        return body.decode("latin-1"), "latin-1"


def _is_nearly_utf8(body: bytes) -> bool:
    """Most letters beyond ASCII are sound UTF-8: then the others are damage, not another alphabet."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(1 for letter in text if letter > "\x7f" and letter != "\ufffd") > 2 * broken


def _cut_off(body: bytes, problem: UnicodeDecodeError) -> str:
    if problem.start >= len(body) - 4:
        return "The file ends in the middle of a letter, so a part of it is missing. Download or save it again."
    line = body.count(b"\n", 0, problem.start) + 1
    return f"Line {line:,} holds letters that cannot be read. Save the file again as CSV UTF-8."


def _delimiter(text: str) -> tuple[str, str]:
    """Return the text and what separates its cells: the sign that cuts most rows into the same number of cells."""
    first, _, rest = text.partition("\n")
    if re.fullmatch(r"sep=[,;\t|]\r?", first):
        return rest, first[4]
    sample = text[:65_536]
    return text, max(DELIMITERS, key=lambda sign: _evenness(sample, sign))


def _evenness(sample: str, delimiter: str) -> float:
    try:
        widths = [
            len(row)
            for row, _ in zip(csv.reader(io.StringIO(sample, ""), delimiter=delimiter), range(40), strict=False)
            if row
        ]
    except csv.Error:
        return 0
    if not widths or max(widths) == 1:
        return 0
    width, times = Counter(widths).most_common(1)[0]
    return (width - 1) * times / len(widths)


def _records(text: str, delimiter: str) -> list[list[str]]:
    try:
        return _parse(text, delimiter, strict=True)
    except csv.Error as problem:
        if "unexpected end" in str(problem):
            raise UnreadableFile(
                "A quotation mark is opened and never closed, so rows would run together. Save the file again as CSV."
            ) from problem
    try:
        return _parse(text, delimiter, strict=False)
    except csv.Error as problem:
        raise UnreadableFile("The file is damaged: its rows cannot be told apart. Save it again as CSV.") from problem


def _parse(text: str, delimiter: str, *, strict: bool) -> list[list[str]]:
    records: list[list[str]] = []
    for record in csv.reader(io.StringIO(text, ""), delimiter=delimiter, strict=strict):
        records.append(record)
        if len(records) > MAX_ROWS + 50:
            break
        if any(cell.count("\n") > MAX_LINES_IN_A_CELL for cell in record):
            raise UnreadableFile(
                f"Row {len(records):,} has a cell of more than {MAX_LINES_IN_A_CELL} lines: a quotation mark is missing."
            )
    return records


def _table(records: list[list[str]], about: str) -> Table:
    """The first row with several cells names the columns; where none does, they are numbered."""
    cleaned = [(number, [_tidy(cell) for cell in record]) for number, record in enumerate(records, start=1)]
    filled = [(number, cells) for number, cells in cleaned if any(cells)]
    if not filled:
        raise UnreadableFile("The file is empty. Choose the file that holds your list.")
    filled = filled[_title_rows(filled) :]
    width = max(len(cells) for _, cells in filled[:1000])
    if width > MAX_COLUMNS:
        raise UnreadableFile(f"The file has {width:,} columns, more than {MAX_COLUMNS}. Keep only the ones you need.")
    has_headings = not any(PHONE_OR_LINK.match(cell) for cell in filled[0][1])
    columns = _name_columns(filled[0][1] if has_headings else [""] * width)
    rows = filled[1:] if has_headings else filled
    if not rows:
        raise UnreadableFile("The file has headings but no rows below them. Add your partners and try again.")
    if len(rows) > MAX_ROWS:
        raise UnreadableFile(f"The file has more than {MAX_ROWS:,} rows. Split it into smaller files.")
    return Table(columns, rows, about)


def _title_rows(filled: list[tuple[int, list[str]]]) -> int:
    """How many rows above the headings hold a title alone."""
    widths = [sum(1 for cell in cells if cell) for _, cells in filled[:6]]
    return next((index for index, width in enumerate(widths) if width > 1 or max(widths) < 3), 0)


def _tidy(cell: str) -> str:
    if not cell:
        return ""
    tidy = CONTROL.sub("", cell).replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n\u00a0\ufeff")
    return spreadsheet.Formula(tidy) if isinstance(cell, spreadsheet.Formula) else tidy


def _name_columns(headings: list[str]) -> list[str]:
    names: list[str] = []
    for position, heading in enumerate(headings, start=1):
        name = " ".join(heading.split())[:80] or f"Column {position}"
        again = sum(1 for other in names if other == name or other.startswith(f"{name} ("))
        names.append(f"{name} ({again + 1})" if again else name)
    return names
