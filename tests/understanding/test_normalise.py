"""From what people type to plain words."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boussole.understanding.normalise import READ_LIMIT, Spelling, fold, load_spelling, normalise, spelled_words


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("On M'INSULTE", "on m insulte"),
        ("J’ai été harcelée", "j ai ete harcelee"),
        ("l'élève", "l eleve"),
        ("Cœur, Ægir", "coeur , aegir"),
        ("aujourd'hui", "aujourd hui"),
        ("« va  mourir »", '" va mourir "'),
        ("oui - non – oui — non", "oui - non - oui - non"),
        ("ＦＵＬＬ", "full"),
        ("ligne\nsuivante\tici", "ligne suivante ici"),
        ("insta.com ex-copain @moi #stop", "insta.com ex-copain @moi #stop"),
    ],
)
def test_case_accents_quotes_and_spaces_do_not_matter(typed: str, plain: str) -> None:
    assert normalise(typed) == plain


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("jsp", "je sais pas"),
        ("JSP", "je sais pas"),
        ("c nul", "c est nul"),
        ("c'est nul", "c est nul"),
        ("c est nul", "c est nul"),
        ("c etait nul", "c etait nul"),
        ("g 13 ans", "j ai 13 ans"),
        ("slt", "bonjour"),
    ],
)
def test_sms_spelling_is_written_out(typed: str, plain: str) -> None:
    assert normalise(typed) == plain.replace("bonjour", load_spelling().words["slt"])


@pytest.mark.parametrize(
    ("typed", "plain"), [("trooooop", "trop"), ("NOOOON", "non"), ("ellle", "ele"), ("1000", "1000")]
)
def test_letters_held_down_are_cut(typed: str, plain: str) -> None:
    assert normalise(typed) == plain


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("👍", "oui"),
        ("oui👍", "oui oui"),
        ("👍🏽", "oui"),
        ("🤷‍♀️", "je sais pas"),
        ("🤷🏿‍♂️", "je sais pas"),
        ("😭😭", "pleure pleure"),
    ],
)
def test_an_emoji_that_means_something_becomes_words(typed: str, plain: str) -> None:
    assert normalise(typed) == plain


@pytest.mark.parametrize("typed", ["mou\u200brir", "\ufeffmourir", "mou\u00adrir", "mourir\u200d"])
def test_invisible_signs_hide_nothing(typed: str) -> None:
    assert normalise(typed) == fold(typed) == "mourir"
    assert spelled_words(typed) == ["mourir"]


def test_html_is_not_read() -> None:
    assert normalise('<b class="x">oui</b><br/>non') == "oui non"
    assert normalise("<script>") == ""


def test_a_lone_sign_is_kept_as_it_is() -> None:
    assert normalise("?!") == "? !"
    assert normalise("j'ai < 13 ans") == "j ai < 13 ans"


@pytest.mark.parametrize("text", ["", "   ", "\n", "\u200b"])
def test_nothing_gives_nothing(text: str) -> None:
    assert normalise(text) == ""
    assert spelled_words(text) == []


def test_nothing_is_read_beyond_the_limit() -> None:
    text = "a " * (READ_LIMIT // 2) + "fin"
    assert "fin" not in normalise(text)
    assert "fin" not in spelled_words(text)


@settings(derandomize=True, database=None)
@given(st.text(max_size=200))
def test_any_text_gives_plain_lower_case_words(text: str) -> None:
    plain = normalise(text)
    assert plain == " ".join(plain.split())
    assert plain == plain.lower()
    assert not any(unicodedata.combining(char) for char in plain)


@settings(derandomize=True, database=None)
@given(st.text(max_size=200))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


# Words for word vectors


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("L’élève a peur", ["l", "élève", "a", "peur"]),
        ("jsp koi", ["je", "sais", "pas", "quoi"]),
        ("c nul", ["c", "est", "nul"]),
        ("c'est nul", ["c", "est", "nul"]),
        ("c'était nul", ["c", "était", "nul"]),
        ("Ex-Copain", ["ex-copain"]),
        ("13 ans !", ["ans"]),
    ],
)
def test_words_keep_their_accents(typed: str, words: list[str]) -> None:
    assert spelled_words(typed) == words


# The lexicon


def test_the_lexicon_is_written_as_it_is_read() -> None:
    spelling = load_spelling()
    assert all(typed == fold(typed) for typed in spelling.words)
    assert all(plain == fold(plain) for plain in (*spelling.words.values(), *spelling.emojis.values()))


def test_another_lexicon_can_be_given() -> None:
    assert normalise("zbra 🦄", Spelling({"zbra": "licorne"}, {"🦄": "cheval"})) == "licorne cheval"


@pytest.mark.parametrize("entry", ["Éh: oui", "OK: oui", "no: non", "12: douze"])
def test_an_entry_that_would_never_be_found_is_named(tmp_path: Path, entry: str) -> None:
    (tmp_path / "sms.yml").write_text(f"mots:\n  {entry}\nemojis: {{}}\n", encoding="utf-8")
    # YAML reads « no » as false and « 12 » as a number.
    with pytest.raises(ValueError, match=r"sms\.yml: mots\..*: write both sides as text"):
        load_spelling(tmp_path / "sms.yml")
