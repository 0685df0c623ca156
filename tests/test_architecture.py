"""The house: who may import whom, and what the names of rooms may be."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("crm.people", "crm.mail", "crm.care", "partners", "workshops", "content", "campaigns", "crm.office")
ROOF = ("crm.settings", "crm.urls", "crm.wsgi")
EMPTY_NAMES = {"utils", "helpers", "common", "services", "signals", "mixins", "misc"}
# The roof's one part that settings themselves stand on, and that knows nothing of Django.
FOUNDATION = {("crm.settings", "crm.office.postgres")}

modules = sorted(
    path
    for room in ("crm", "partners", "workshops", "content", "campaigns")
    for path in (ROOT / room).rglob("*.py")
    if "migrations" not in path.parts
)


def room_of(module: str) -> str | None:
    if module == "crm" or any(module == roof or module.startswith(f"{roof}.") for roof in ROOF):
        return "roof" if module != "crm" else None
    return next((room for room in FLOORS if module == room or module.startswith(f"{room}.")), None)


def height(module: str) -> int:
    room = room_of(module)
    return len(FLOORS) if room == "roof" else FLOORS.index(room) if room else -1


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: write the whole name of what you import"
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


@pytest.mark.parametrize("path", modules, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_imports_downward_only(path):
    me = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    upward = {name for name in imports(path) if room_of(name) and height(name) > height(me)}

    assert upward == set()


@pytest.mark.parametrize("path", modules, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_gives_rooms_names_that_say_something(path):
    assert path.stem not in EMPTY_NAMES


def test_it_notices_an_upward_import():
    assert (
        height("crm.people.models")
        < height("partners.actions.touches")
        < height("crm.office.views")
        < height("crm.settings")
    )
