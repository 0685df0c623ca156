from __future__ import annotations

import contextlib
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from partners.imports import headers, reading
from partners.imports.refusals import UnreadableFile

FRENCH = "Nom,Adresse\nÉconofitness,12 chemin d’Aylmer\nCafé “Œuvre” – gym,3 rue de l’Église\n"
LATIN = "Nom,Adresse\nÉconofitness,12 chemin d'Aylmer\nGymnase Forêt,3 rue du Général\n"


def workbook(*rows: list, title: str = "List") -> bytes:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(body: bytes) -> list[list[str]]:
    return [row for _, row in reading.read(body).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_it_reads_french_in_any_encoding(encoding):
    found = cells(FRENCH.encode(encoding))

    assert found == [["Éconofitness", "12 chemin d’Aylmer"], ["Café “Œuvre” – gym", "3 rue de l’Église"]]


@pytest.mark.parametrize("encoding", ["latin-1", "mac_roman"])
def test_it_reads_older_alphabets(encoding):
    assert cells(LATIN.encode(encoding))[1] == ["Gymnase Forêt", "3 rue du Général"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf \r\n", "The file is empty."),
        (b",,,\n,,\n", "The file is empty."),
        (b"Name,Phone\n", "headings but no rows"),
        ((FRENCH + "É").encode()[:-1], "in the middle of a letter"),
        (
            "Nom\nÉté\nÀ\n".encode() + b"\xff\xfe\n" + "Noël\nÉcole Forêt\n".encode(),
            "Line 4 holds letters that cannot be read.",
        ),
        (FRENCH.encode("utf-16")[:-1], "in the middle of a letter"),
        (b'Name,Notes\nGym,"never closed\nOther,x\n', "opened and never closed"),
        (b"\xd0\xcf\x11\xe0 old", "old Excel file"),
        (b"%PDF-1.7 x", "not a list of rows"),
        (b"PK\x03\x04 not a workbook", "damaged one"),
        (bytes(range(256)) * 4, "not a text file"),
        (b"a,b\n" + b"x,y\n" * (reading.MAX_ROWS + 1), "more than 100,000 rows"),
        (b",".join([b"c"] * 300) + b"\nx,y\n", "300 columns"),
        (b"Name\n" + b"x" * 200_000 + b",y\n", "cannot be told apart"),
    ],
)
def test_it_refuses_with_a_sentence(body, sentence):
    with pytest.raises(UnreadableFile) as refusal:
        reading.read(body)

    assert sentence in str(refusal.value)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_it_finds_what_separates_the_cells(delimiter):
    text = 'Name;Street;Hours\nGym;1 Main;"Mo-Fr 06:00; Sa 08:00"\nYoga;2 Main;24/7\n'.replace(";", delimiter)

    assert cells(text.encode())[0] == ["Gym", "1 Main", f"Mo-Fr 06:00{delimiter} Sa 08:00"]


def test_it_follows_a_spreadsheets_own_hint():
    assert cells(b"sep=;\r\nName;Phone\r\nGym, Inc.;1\r\n") == [["Gym, Inc.", "1"]]


def test_it_numbers_rows_as_a_spreadsheet_does():
    table = reading.read(b"My gyms\n\nName,City,Phone\nOne,Ottawa,1\n\nTwo,Ottawa,2\n")

    assert table.columns == ["Name", "City", "Phone"]
    assert [number for number, _ in table.rows] == [4, 6]


def test_it_takes_a_list_without_headings():
    table = reading.read(b"Ironworks,613-555-0101,https://iron.example\nYogatown,613-555-0102,https://yoga.example\n")

    assert len(table.rows) == 2
    assert headers.guess(table) == {"Column 1": "name", "Column 2": "phone", "Column 3": "website"}


def test_it_tells_columns_of_one_name_apart():
    assert reading.read(b"Phone,Phone,,Name\n1,2,3,Gym\n").columns == ["Phone", "Phone (2)", "Column 3", "Name"]


def test_it_reads_a_workbook():
    table = reading.read(workbook(["Name", "Phone", "Lat"], ["Éco", 6135550101, 45.25], [None, None, None], ["Zen"]))

    assert table.about == "Excel, sheet “List”"
    assert table.rows == [(2, ["Éco", "6135550101", "45.25"]), (4, ["Zen"])]


def test_it_marks_a_formula_that_has_no_result():
    table = reading.read(workbook(["Name", "City"], ["=A1&B1", "Ottawa"]))

    assert table.rows[0][1] == ["=A1&B1", "Ottawa"]
    assert type(table.rows[0][1][0]).__name__ == "Formula"


def test_it_refuses_a_workbook_that_unpacks_to_too_much(monkeypatch):
    monkeypatch.setattr("partners.imports.spreadsheet.MAX_UNPACKED", 100)

    with pytest.raises(UnreadableFile, match="too large once unpacked"):
        reading.read(workbook(["Name"], ["Gym"]))


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_it_reads_or_refuses_any_bytes(body):
    try:
        table = reading.read(body)
    except UnreadableFile as refusal:
        assert str(refusal).endswith(".")
    else:
        assert table.rows
        assert headers.guess(table).keys() == set(table.columns)


SOUND = workbook(["Name", "Phone"], ["Gym", "=1+1"], ["Zen", 5])


@given(st.integers(0, len(SOUND) - 1), st.binary(min_size=1, max_size=12))
def test_it_reads_or_refuses_any_damaged_workbook(position, damage):
    body = SOUND[:position] + damage + SOUND[position + len(damage) :]

    with contextlib.suppress(UnreadableFile):
        reading.read(body)


@given(st.binary(max_size=300))
def test_it_reads_or_refuses_any_sheet_in_a_workbook(xml):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SOUND)) as sound, zipfile.ZipFile(out, "w") as broken:
        for name in sound.namelist():
            broken.writestr(name, xml if name.endswith("sheet1.xml") else sound.read(name))

    with contextlib.suppress(UnreadableFile):
        reading.read(out.getvalue())
