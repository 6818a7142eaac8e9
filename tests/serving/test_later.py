"""What is imported later is imported when it is used, whole, and then only once."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from boussole.serving.later import Later, import_at_once, import_later

MODULE = """
import sys
sys.loads = getattr(sys, "loads", 0) + 1
WORDS = ["un", "deux"]
TABLE = {"un": 1}
def double(number):
    return 2 * number
class Base:
    KIND = "real"
    def greet(self):
        return "bonjour"
"""


@pytest.fixture
def heavy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package « heavy » with a module « heavy.part », imported later; its import is counted in ``sys.loads``."""
    (tmp_path / "heavy").mkdir()
    (tmp_path / "heavy/__init__.py").write_text("KIND = 'package'")
    (tmp_path / "heavy/part.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "loads", 0, raising=False)
    import_later(["heavy"])
    yield "heavy"
    import_at_once(["heavy"])
    for name in ("heavy", "heavy.part"):
        sys.modules.pop(name, None)


def loads() -> int:
    return int(sys.loads)  # type: ignore[attr-defined]


def test_naming_it_does_not_import_it(heavy: str) -> None:
    import heavy as package
    import heavy.part
    from heavy.part import Base, double

    assert isinstance(double, Later)
    assert isinstance(package.KIND, Later)

    def annotated(base: Base, more: list[Base] | None = None) -> Base:
        return base

    assert loads() == 0


@pytest.mark.parametrize("use", [
    lambda part: part.double(2) == 4,
    lambda part: part.Base().greet() == "bonjour",
    lambda part: part.Base.KIND == "real",
    lambda part: type("Derived", part.Base.__mro_entries__(()), {})().greet() == "bonjour",
    lambda part: not isinstance(3, part.Base),
    lambda part: not issubclass(int, part.Base),
    lambda part: list(part.WORDS) == ["un", "deux"] and "un" in part.WORDS and len(part.WORDS) == 2,
    lambda part: part.TABLE["un"] == 1,
])  # fmt: skip
def test_using_it_imports_it_and_says_so(heavy: str, use: object, caplog: pytest.LogCaptureFixture) -> None:
    import heavy.part as part

    with caplog.at_level(logging.WARNING):
        assert use(part)  # type: ignore[operator]
    assert loads() == 1
    assert "heavy is imported after all" in caplog.text


def test_a_class_can_derive_from_it(heavy: str) -> None:
    from heavy.part import Base

    class Derived(Base):
        pass

    assert Derived().greet() == "bonjour"
    assert issubclass(Derived, Base)
    assert isinstance(Derived(), Base)


def test_after_its_first_use_the_real_module_is_imported_by_everybody(heavy: str) -> None:
    from heavy.part import double

    assert double(2) == 4
    from heavy import KIND
    from heavy.part import double as real

    assert KIND == "package"
    assert not isinstance(real, Later)
    assert real(3) == double(3) == 6
    assert loads() == 1


def test_a_name_that_the_module_does_not_have_is_an_error_when_it_is_used(heavy: str) -> None:
    from heavy.part import missing

    with pytest.raises(AttributeError, match="missing"):
        missing()


def test_what_is_imported_at_once_again_leaves_no_stand_in(heavy: str) -> None:
    from heavy.part import double as stand_in

    assert isinstance(stand_in, Later)
    import_at_once(["heavy"])
    from heavy.part import double

    assert not isinstance(double, Later)
    assert loads() == 1


def test_what_is_imported_already_stays_as_it_is() -> None:
    import_later(["json"])
    import json

    assert json.loads("[1]") == [1]
    assert not isinstance(json.loads, Later)
