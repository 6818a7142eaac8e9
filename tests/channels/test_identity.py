"""Secrets come from the environment, and nothing can be guessed from a conversation id."""

import pytest

from boussole.channels.identity import MissingSecretError, hashing_key, keyed_hash, secret

VARIABLE = "BOUSSOLE_SECRET_D_ESSAI"


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "valeur")
    assert secret(VARIABLE) == "valeur"


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_secret_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(MissingSecretError, match=VARIABLE):
        secret(VARIABLE)


def test_a_weak_key_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUSSOLE_CLE", "courte")
    with pytest.raises(MissingSecretError, match="32") as error:
        hashing_key()
    assert "courte" not in str(error.value)


def test_a_hash_needs_the_key_and_has_the_contract_s_form() -> None:
    assert keyed_hash(b"a" * 32, "matrix", "@a:b") != keyed_hash(b"b" * 32, "matrix", "@a:b")
    assert len(keyed_hash(b"a" * 32, "x")) == 43
