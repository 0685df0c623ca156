"""The site's pictures, tiny: what a test asks about is never how long AVIF takes."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from content import starter

ORIGINALS = starter.PICTURES


def thumbnails(folder: Path) -> Path:
    for path in ORIGINALS.glob("*.webp"):
        with Image.open(path) as picture:
            picture.resize((picture.width // 25, picture.height // 25)).save(folder / path.name)
    return folder
