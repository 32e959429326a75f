"""The pictures of the README and of the help pages: each one is there, shown somewhere, and small."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "web" / "docs").glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
FOLDERS = [ROOT / "docs" / "pictures", ROOT / "web" / "docs" / "pictures"]
MOST = 200_000  # bytes


def shown() -> dict[Path, str]:
    """Every picture in our pages -> the words for those who cannot see it."""
    found = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for words, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text):
            found[page.parent / target] = words
        for tag in re.findall(r"<img [^>]*>", text):
            source, words = re.search(r'src="([^"]+)"', tag), re.search(r'alt="([^"]+)"', tag)
            found[page.parent / source[1]] = words[1] if words else ""
    return found


def test_every_picture_that_is_shown_is_there_and_described():
    for file, words in shown().items():
        assert file.is_file(), file
        assert len(words) > 20, f"{file} needs words for those who cannot see it"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_pictures_are_small_and_shown(folder):
    files = sorted(folder.iterdir())
    assert files and {*files} <= {*shown()}
    assert not [file for file in files if file.suffix not in (".jpg", ".png") or file.stat().st_size > MOST]
