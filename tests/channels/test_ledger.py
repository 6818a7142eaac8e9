"""What a channel knows again after a restart."""

import stat
from pathlib import Path

import pytest

from boussole.channels.ledger import KEPT_SECONDS, Ledger


def test_what_was_answered_is_known_again_after_a_restart(tmp_path: Path) -> None:
    first = Ledger(tmp_path / "etat" / "canaux.sqlite")
    first.note_answered("hash")
    first.set_cursor("matrix", "s1")
    first.set_cursor("matrix", "s2")
    first.close()
    second = Ledger(tmp_path / "etat" / "canaux.sqlite")
    assert second.was_answered("hash")
    assert not second.was_answered("autre")
    assert second.cursor("matrix") == "s2"
    assert second.cursor("autre") is None


def test_it_is_kept_longer_than_a_platform_tries_and_then_forgotten(tmp_path: Path) -> None:
    seconds = [0.0]
    ledger = Ledger(":memory:", lambda: seconds[0])
    ledger.note_answered("vieux")
    seconds[0] = KEPT_SECONDS - 1
    ledger.note_answered("récent")
    assert ledger.was_answered("vieux")
    seconds[0] = KEPT_SECONDS + 1
    ledger.note_answered("nouveau")
    assert not ledger.was_answered("vieux")
    assert ledger.was_answered("récent")


def test_two_processes_may_share_it(tmp_path: Path) -> None:
    one, two = Ledger(tmp_path / "canaux.sqlite"), Ledger(tmp_path / "canaux.sqlite")
    one.note_answered("hash")
    assert two.was_answered("hash")


def test_it_is_where_the_environment_says_and_only_its_owner_may_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOUSSOLE_ETAT", str(tmp_path / "ici"))
    Ledger.of_process().close()
    assert (tmp_path / "ici" / "canaux.sqlite").exists()
    assert stat.S_IMODE((tmp_path / "ici").stat().st_mode) == 0o700
