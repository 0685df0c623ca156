from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from partners.models import ImportBatch, Partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "gyms.csv"
    path.write_text("Wer,Strasse\nIronworks,1 Main Street\n,2 Main Street\n")
    return path


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"Wer": "name", "Strasse": "street"}))
    return path


def run(*arguments, **options) -> str:
    out = io.StringIO()
    call_command("import_partners", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def test_it_shows_each_fate_and_changes_nothing(file, mapping):
    said = run(file, "--map", mapping, "--dry-run")

    assert "     2  new         Ironworks" in said
    assert "     3  problem" in said
    assert "1 new, 0 update, 0 up to date, 0 duplicate, 1 problem." in said
    assert not Partner.objects.exists()
    assert not ImportBatch.objects.exists()


def test_it_imports_and_tells_how_to_undo(file, mapping):
    said = run(file, "--map", mapping)

    batch = ImportBatch.objects.get()
    assert f"manage.py import_partners --undo {batch.pk}" in said
    assert Partner.objects.get().street == "1 Main Street"

    assert "1 removed, 0 restored, 0 kept." in run("--undo", batch.pk)
    assert not Partner.objects.exists()
    assert "is undone" in run("--undo", batch.pk)


def test_it_takes_the_ottawa_list(ottawa, tmp_path):
    path = tmp_path / "ottawa-gyms.csv"
    path.write_bytes(ottawa)

    assert "464 new, 0 update, 0 up to date, 1 duplicate, 29 problem." in run(path)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [(b"", "The file is empty."), (b"Name\n", "headings but no rows"), (b"PK\x03\x04", "damaged")],
)
def test_it_stops_with_a_sentence(tmp_path, body, sentence):
    path = tmp_path / "bad.csv"
    path.write_bytes(body)

    with pytest.raises(CommandError, match=sentence):
        run(path)
    assert not ImportBatch.objects.exists()


def test_it_stops_without_a_file(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is not JSON"),
        ("[1]", "must give a field"),
        ('{"Who": "name"}', "no column “Who”"),
        ('{"Wer": "x"}', "none of"),
    ],
)
def test_it_stops_on_a_bad_map(file, tmp_path, text, sentence):
    path = tmp_path / "map.json"
    path.write_text(text)

    with pytest.raises(CommandError, match=sentence):
        run(file, "--map", path)
    assert not ImportBatch.objects.exists()


def test_it_knows_no_such_import():
    with pytest.raises(CommandError, match="There is no import number 999"):
        run("--undo", 999)
