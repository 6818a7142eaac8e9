"""The widget is light: what a visitor's browser downloads, as gzip."""

import gzip
from pathlib import Path

from tests.browser.scene import WIDGET

DIST = WIDGET / "dist"
BUDGET = 12_000
LAUNCHER_BUDGET = 4_000


def sizes() -> dict[str, int]:
    """The size of each script of the widget, gzip -9; its style sheets are inside."""
    files = [DIST / "boussole.js", *(DIST / "boussole").glob("chat-*.js")]
    return {path.relative_to(DIST).as_posix(): _zipped(path) for path in files}


def _zipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9, mtime=0))


def test_the_whole_widget_fits_in_its_budget() -> None:
    assert len(sizes()) == 2
    assert sum(sizes().values()) <= BUDGET, sizes()


def test_a_page_where_nobody_opens_it_pays_for_the_button_alone() -> None:
    assert sizes()["boussole.js"] <= LAUNCHER_BUDGET
