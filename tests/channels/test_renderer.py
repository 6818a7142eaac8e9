"""What each channel shows of the same conversation."""

import re
from typing import Any

import pytest

from boussole.channels.abilities import CHANNELS, Abilities
from boussole.channels.markup import HTML, MARKDOWN, SLACK, TELEGRAM, Line
from boussole.channels.renderer import ANSWERS, is_numbered, render, render_text, shorten
from tests.channels import golden

EVERY = pytest.mark.parametrize("channel", CHANNELS)


def letters(text: str) -> str:
    """The text without markup, spaces or line breaks: what must never be lost."""
    return re.sub(r"<[^>]*>|[\s*\\]", "", text)


@EVERY
def test_a_channel_shows_what_its_golden_file_says(channel: str) -> None:
    expected = (golden.FOLDER / f"{channel}.txt").read_text(encoding="utf-8")
    assert golden.page(channel) == expected, "if this is wanted, run « python -m tests.channels.golden »"


@EVERY
def test_no_message_is_longer_than_the_channel_takes(channel: str) -> None:
    abilities = CHANNELS[channel]
    sent = [outgoing for turn in golden.examples().values() for outgoing in render(turn, abilities)]
    sent += render_text("mot " * 5000, abilities) + render_text("m" * 20000, abilities)
    assert not [outgoing.text for outgoing in sent if len(outgoing.text) > abilities.limit]


@EVERY
def test_choices_keep_to_the_channel_s_limits_and_none_is_lost(channel: str) -> None:
    abilities = CHANNELS[channel]
    for name in golden.load_knowledge().questions:
        question = golden.question(name)
        *_, last = render([question], abilities)
        payloads = [button["payload"] for button in question["buttons"]]
        if is_numbered(question, abilities):
            assert not last.options
            assert re.findall(r"^(\d+)\. ", last.plain, re.MULTILINE) == [str(n + 1) for n in range(len(payloads))]
            continue
        assert [option.payload for option in last.options] == payloads
        most, longest = (
            (abilities.rows, abilities.row_length) if last.as_list else (abilities.buttons, abilities.button_length)
        )
        assert len(last.options) <= most
        assert max(len(option.title) for option in last.options) <= longest
        assert max(len(option.detail) for option in last.options) <= abilities.detail_length
        assert len(last.text) <= abilities.menu_limit


@EVERY
def test_a_plan_is_cut_into_messages_and_loses_no_word(channel: str) -> None:
    plan = golden.plan()
    sent = render([plan], CHANNELS[channel])
    shown = letters("".join(outgoing.plain for outgoing in sent))
    for step in plan["custom"]["steps"]:
        assert letters(step["titre"]) in shown
        assert letters(step["texte"]) in shown
        assert letters(step["pourquoi"]) in shown
        assert all(letters(service["url"] or "") in shown for service in step["services"])


def test_a_step_stays_in_one_message_when_it_fits() -> None:
    plan = golden.plan()
    sent = render([plan], CHANNELS["whatsapp"])
    assert len(sent) > 1
    for step in plan["custom"]["steps"]:
        [holder] = [outgoing for outgoing in sent if step["titre"] in outgoing.plain]
        assert step["pourquoi"] in holder.plain


@EVERY
def test_an_alert_is_alone_in_its_message_and_says_so_first(channel: str) -> None:
    alert, other = golden.alert(), golden.said("accueil")
    first, *rest = render([alert, other], CHANNELS[channel])
    assert first.plain == f"URGENCE\n{alert['text']}"
    assert rest


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        (HTML, '<a href="tel:3114">3114</a>'),
        (TELEGRAM, "<code>3114</code>"),
        (SLACK, "<tel:3114|3114>"),
        (MARKDOWN, "[3114](tel:3114)"),
    ],
)
def test_phone_numbers_can_be_tapped_in_the_middle_of_a_sentence(markup: Any, shown: str) -> None:
    assert markup([Line("Le 3114 répond.")]) == f"Le {shown} répond."


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("écrivez au 114 par SMS", "sms:114"),
        ("• Secours : tél. 17", "tel:17"),
        ("Urgence : 17 ou autre chose", "tel:17"),
        ("Appelez le 15.", "tel:15"),
        ("Fil Santé Jeunes : 0 800 235 236.", "tel:0800235236"),
        ("au 01 53 73 22 22, le matin", "tel:0153732222"),
        ("le SAMU, 15 (SAMU)", "tel:15"),
        ("tél. 116 006", "tel:116006"),
        ("voir https://3018.fr", "https://3018.fr"),
    ],
)
def test_each_number_and_address_leads_where_it_should(text: str, href: str) -> None:
    assert f'href="{href}"' in HTML([Line(text)])


@pytest.mark.parametrize(
    "text",
    ["une fille de 17 ans", "article 222-33", "en 3018,5", "2114 caractères", "3114.org", "depuis le 17 février 2024"],
)
def test_what_is_no_phone_number_is_left_alone(text: str) -> None:
    assert "href" not in HTML([Line(text)])


def test_a_full_stop_is_no_part_of_an_address() -> None:
    assert HTML([Line("https://3018.fr.")]) == '<a href="https://3018.fr">https://3018.fr</a>.'


@pytest.mark.parametrize("markup", [HTML, TELEGRAM, SLACK])
def test_words_cannot_become_markup(markup: Any) -> None:
    assert "<b>" not in markup([Line("<b>& co</b>")])
    assert "&amp;" in markup([Line("<b>& co</b>")])


def test_a_name_with_stars_does_not_become_bold_in_markdown() -> None:
    assert MARKDOWN([Line("*moi*_toi_")]) == r"\*moi\*\_toi\_"


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Oui, danger physique maintenant", "Oui, danger physique…"),
        ("Je ne sais pas", "Je ne sais pas"),
        ("Anticonstitutionnellement parlant", "Anticonstitutionnelleme…"),
    ],
)
def test_a_title_is_shortened_after_a_word(text: str, cut: str) -> None:
    assert shorten(text, 24) == cut


def test_rows_that_would_read_the_same_are_numbered_instead() -> None:
    buttons = [{"title": f"Une même longue phrase, version {n}", "payload": str(n)} for n in (1, 2, 3, 4)]
    assert is_numbered({"text": "?", "buttons": buttons}, CHANNELS["whatsapp"])


def test_a_question_too_long_to_stand_above_its_choices_comes_before_them() -> None:
    question = {"text": "mot " * 300, "buttons": [{"title": "Oui", "payload": "/oui"}]}
    before, menu = render([question], CHANNELS["whatsapp"])
    assert before.plain.startswith("mot mot")
    assert (menu.plain, menu.options[0].payload) == (ANSWERS, "/oui")


def test_nothing_to_show_sends_nothing() -> None:
    assert render([{"text": None, "buttons": None, "custom": {"type": "hors_sujet"}}], Abilities()) == ()
