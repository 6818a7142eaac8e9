"""What the bot's messages look like on a terminal."""

import re
from datetime import datetime
from typing import Any

import pytest

from boussole.channels.screen import Style, draw_message, draw_table, draw_text, wrap
from boussole.clock import PARIS
from boussole.triage.model import Knowledge
from boussole.triage.plan import build_plan, service_message

PLAIN = Style(60)
RICH = Style(60, color=True, links=True)
MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=PARIS)
ESCAPE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\")


def alert(text: str = "Appelez le 17.\n• Secours : tél. 17, SMS au 114") -> dict[str, Any]:
    return {"text": text, "custom": {"type": "alerte", "niveau": "danger"}}


def plan(knowledge: Knowledge) -> dict[str, Any]:
    facts = {"danger": "non", "profil": "parent", "victime_mineure": "oui", "contenu_public": "inconnu",
             "nature": ("menaces",), "auteur_connu": "oui", "plateforme_alertee": "oui",
             "reponse_plateforme": "attente", "date_signalement": "2026-11-01"}  # fmt: skip
    message = build_plan(knowledge, facts, MONDAY).as_message()
    return {"text": "Voici le plan.\n1. Étape une\nTEXTE DU REPLI\n\n2. Étape deux", "custom": message}


def too_long(drawn: str, width: int) -> list[str]:
    """The lines that are wider than ``width``, except for an address that has its line for itself."""
    lines = [ESCAPE.sub("", line) for line in drawn.split("\n")]
    return [line for line in lines if len(line) > width and not re.fullmatch(r" *https://\S+", line)]


@pytest.mark.parametrize("width", [40, 60, 100])
def test_every_text_of_the_bot_fits(knowledge: Knowledge, width: int) -> None:
    texts = [variant for message in knowledge.messages.values() for variant in message.text.variants.values()]
    assert not [line for text in texts for line in too_long(draw_text(text, Style(width)), width)]


@pytest.mark.parametrize("width", [40, 60, 100])
@pytest.mark.parametrize("rich", [False, True])
def test_plan_fits(knowledge: Knowledge, width: int, rich: bool) -> None:
    assert not too_long(draw_message(plan(knowledge), Style(width, rich, rich)), width)


def test_wrapping_keeps_line_breaks_and_loses_no_word() -> None:
    text = "Une première ligne assez longue pour être coupée.\nUne seconde."
    lines = wrap(text, 20)
    assert " ".join(lines) == text.replace("\n", " ")
    assert "Une seconde." in lines


def test_items_are_indented_below_their_bullet() -> None:
    assert wrap("• un service au nom long", 14) == ["• un service", "  au nom long"]


def test_punctuation_never_begins_a_line() -> None:
    assert wrap("Est-ce vrai ?", 12) == ["Est-ce", "vrai ?"]


def test_address_is_never_cut() -> None:
    address = f"https://example.fr/{'a' * 80}"
    assert address in wrap(f"voir {address} ici", 40)


def test_characters_that_command_a_terminal_are_dropped() -> None:
    assert draw_text("a\x1b[2Jb\x07c", PLAIN) == "a[2Jbc"


def test_question_shows_numbered_choices() -> None:
    buttons = [{"title": "Moi", "payload": "x"}, {"title": "Lui", "payload": "y"}]
    assert draw_message({"text": "Qui êtes-vous ?", "buttons": buttons}, PLAIN) == "Qui êtes-vous ?\n  1. Moi\n  2. Lui"


def test_message_with_nothing_to_show_is_empty() -> None:
    assert draw_message({"text": None, "buttons": None, "custom": {"type": "inconnu"}}, PLAIN) == ""


def test_object_beside_a_text_is_not_shown() -> None:
    assert draw_message({"text": "Désolé.", "custom": {"type": "hors_sujet"}}, PLAIN) == "Désolé."


def test_alert_without_colour_is_framed() -> None:
    lines = draw_message(alert(), PLAIN).split("\n")
    assert lines[0].startswith("+-- URGENCE -")
    assert all(len(line) == 60 for line in lines)
    assert all(line.startswith("| ") and line.endswith(" |") for line in lines[1:-1])
    assert lines[-1] == f"+{'-' * 58}+"


def test_alert_with_colour_is_bold_and_red_on_every_line() -> None:
    lines = draw_message(alert(), Style(60, color=True)).split("\n")
    assert "URGENCE" in lines[0]
    assert all(line.startswith("\x1b[1;31m") and line.endswith("\x1b[0m") for line in lines)


def test_frame_stays_straight_around_hyperlinks() -> None:
    lines = draw_message(alert(), Style(60, links=True)).split("\n")
    assert "\x1b]8;;tel:17\x1b\\17\x1b]8;;\x1b\\" in "\n".join(lines)
    assert {len(ESCAPE.sub("", line)) for line in lines} == {60}


def test_plan_comes_from_its_object(knowledge: Knowledge) -> None:
    message = plan(knowledge)
    drawn = draw_message(message, Style(100))
    assert drawn.startswith("Voici le plan.\n\n1. ")
    assert "REPLI" not in drawn
    for number, step in enumerate(message["custom"]["steps"], start=1):
        assert f"{number}. {step['titre']}" in drawn


def test_plan_shows_no_json(knowledge: Knowledge) -> None:
    drawn = draw_message(plan(knowledge), PLAIN)
    for raw in ("{", "}", "None", "True", "False", "echeance", "'id'", "verifie_le", "2026-"):
        assert raw not in drawn


def test_plan_marks_what_is_not_certain(knowledge: Knowledge) -> None:
    message = plan(knowledge)
    drawn = draw_message(message, Style(100))
    for step in message["custom"]["steps"]:
        assert (f"{step['titre']} (peut-être)" in drawn) is not step["certain"]


def test_plan_says_deadlines_as_people_do(knowledge: Knowledge) -> None:
    assert "Échéance : 1er décembre 2026" in draw_message(plan(knowledge), PLAIN)


def test_plan_gives_reasons(knowledge: Knowledge) -> None:
    message = plan(knowledge)
    assert draw_message(message, PLAIN).count("Parce que : ") == len(message["custom"]["steps"])


def test_plan_says_how_to_reach_services_and_when(knowledge: Knowledge) -> None:
    drawn = " ".join(draw_message(plan(knowledge), Style(100)).split())
    assert "tél. 3018, https://3018.fr (ouvre à 9 h)" in drawn
    assert "(ouvert maintenant)" in drawn


def test_plan_without_text_begins_with_its_first_step(knowledge: Knowledge) -> None:
    assert draw_message({**plan(knowledge), "text": None}, PLAIN).startswith("1. ")


def test_titles_are_bold_with_colour(knowledge: Knowledge) -> None:
    assert "\x1b[1m1. " in draw_message(plan(knowledge), Style(60, color=True))


def test_no_escape_codes_without_colour_and_hyperlinks(knowledge: Knowledge) -> None:
    for message in (plan(knowledge), alert()):
        assert "\x1b" not in draw_message(message, PLAIN)


def test_every_service_can_be_dialled_or_opened(knowledge: Knowledge) -> None:
    for service in knowledge.services.values():
        shown = service_message(service, MONDAY)
        step = {"titre": "T", "texte": "x", "pourquoi": "y", "services": [shown], "certain": True, "echeance": None}
        drawn = draw_message({"custom": {"type": "plan", "facts": {}, "steps": [step]}}, RICH)
        if service.phone:
            assert f"\x1b]8;;tel:{service.phone.replace(' ', '')}\x1b\\{service.phone}\x1b]8" in drawn
        if service.sms:
            assert f"\x1b]8;;sms:{service.sms}\x1b\\" in drawn
        if service.url:
            assert f"\x1b]8;;{service.url}\x1b\\" in drawn


def test_full_stop_after_an_address_is_not_part_of_it() -> None:
    assert "\x1b]8;;https://3018.fr\x1b\\https://3018.fr\x1b]8;;\x1b\\." in draw_text("Voir https://3018.fr.", RICH)


def test_table_aligns_its_explanations() -> None:
    assert draw_table({"/a": "un", "/long": "deux"}, PLAIN) == "  /a     un\n  /long  deux"
