"""Whole conversations with the trained bot, as people have them."""

from collections.abc import Callable
from typing import Any

import pytest

from boussole.triage.model import Knowledge
from tests.dialogue.conftest import Conversation

Talk = Callable[[], Conversation]

MOTHER = (
    "mon fils de 13 ans est insulté sur un groupe WhatsApp par des élèves de sa classe, "
    "on a signalé il y a 5 semaines et rien"
)


def finish(person: Conversation, answers: dict[str, str], opening: str) -> tuple[list[str], dict[str, Any]]:
    """Play a conversation to its plan; return the questions asked and the plan."""
    turn = person.say(opening)
    asked: list[str] = []
    while turn.question:
        assert len(asked) < 20, asked
        asked.append(turn.question)
        turn = person.say(answers[turn.question])
    return asked, turn.plan


def test_the_example_of_the_first_issue(talk: Talk) -> None:
    asked, plan = finish(talk(), {"danger": "non, il va bien"}, MOTHER)
    assert asked == ["danger"]
    steps = [step["id"] for step in plan["steps"]]
    wanted = {
        "appeler_3018", "etablissement", "preuves", "saisir_cnil", "signaler_police", "plainte_contre_auteur",
        "representants_legaux",
    }  # fmt: skip
    assert wanted <= set(steps)
    assert "pharos" not in steps
    assert steps.index("preuves") < steps.index("saisir_cnil")
    assert plan["facts"]["date_signalement"] == "2026-10-18"


def test_the_first_answer_says_that_a_program_speaks(talk: Talk) -> None:
    first = talk().say("bonjour")
    assert "un programme" in first.text
    assert "17" in first.text
    person = talk()
    person.say("bonjour")
    assert "Je suis Boussole" not in person.say("on m'insulte tous les jours sur instagram").text


def test_every_question_has_its_choices_and_a_way_out(talk: Talk) -> None:
    turn = talk().say("quelqu'un a créé un faux compte avec mes photos")
    titles = [button["title"] for button in turn.buttons]
    assert "Je ne sais pas" in titles
    assert "Pourquoi cette question ?" in titles
    assert turn.customs("question") == [{"type": "question", "id": turn.question}]


def test_buttons_alone_lead_to_a_plan(talk: Talk) -> None:
    person = talk()
    turn = person.say('/repondre{"danger": "non"}')
    steps = 0
    while turn.question:
        steps += 1
        assert steps < 15
        turn = person.say(turn.buttons[0]["payload"])
    assert turn.steps[0] == "preuves"


def test_i_do_not_know_is_an_answer_to_every_question(talk: Talk) -> None:
    person = talk()
    turn = person.say('/repondre{"danger": "inconnu"}')
    asked = []
    while turn.question:
        asked.append(turn.question)
        turn = person.say("je ne sais pas")
    assert len(asked) == len(set(asked))
    assert "signaler_police" in turn.steps


def test_going_back_asks_the_last_question_again(talk: Talk) -> None:
    person = talk()
    first = person.say("on m'insulte tous les jours dans les commentaires").question
    second = person.say("non").question
    assert first == "danger"
    assert person.say("retour").question == "danger"
    assert person.say("non").question == second


def test_a_correction_changes_the_plan(talk: Talk) -> None:
    person = talk()
    answers = {
        "danger": "non", "profil": "c'est moi la victime", "victime_mineure": "non j'ai 34 ans",
        "contenu_public": "oui tout le monde peut voir", "moteur_recherche": "non",
        "auteur_connu": "aucune idée de qui c'est", "plateforme_alertee": "pas encore", "nature": "des insultes",
    }  # fmt: skip
    _, plan = finish(person, answers, "on m'insulte depuis des semaines")
    assert "pharos" in [step["id"] for step in plan["steps"]]
    corrected = person.say("en fait c'est privé")
    assert corrected.plan["facts"]["contenu_public"] == "non"
    assert "pharos" not in corrected.steps
    assert "moteur_recherche" not in corrected.plan["facts"]


def test_the_summary_is_there_at_any_moment_and_the_questions_go_on(talk: Talk) -> None:
    person = talk()
    pending = person.say("un inconnu menace ma fille de 12 ans sur snapchat").question
    turn = person.say("/resume")
    assert "appeler_3018" in turn.steps
    assert turn.question == pending


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("c'est quoi pharos ?", "PHAROS"),
        ("c'est quoi le 3018", "3018"),
        ("t'es un robot ?", "programme"),
        ("c'est quoi pHARe", "pHARe"),
    ],
)
def test_a_frequent_question_is_answered_and_the_pending_one_comes_back(talk: Talk, asked: str, expected: str) -> None:
    person = talk()
    pending = person.say("ma fille reçoit des menaces sur snapchat").question
    turn = person.say(asked)
    assert expected in turn.text
    assert turn.question == pending


def test_why_explains_the_pending_question(talk: Talk, knowledge: Knowledge) -> None:
    person = talk()
    pending = person.say("ma fille reçoit des menaces sur snapchat").question
    assert pending is not None
    turn = person.say("pourquoi cette question ?")
    assert knowledge.questions[pending].why.for_reader("vous") in turn.text
    assert turn.question == pending


@pytest.mark.parametrize(
    "text",
    ["", "   ", "<b></b>", "<script>alert(1)</script>", '{"a": [1, 2]}', "/slash", "/", "🙈🙈", "zzzkrt qsdf wxc"],
)
def test_bad_input_gets_a_clear_reply_and_the_pending_question(talk: Talk, text: str) -> None:
    person = talk()
    pending = person.say("ma fille reçoit des menaces sur snapchat").question
    before = person.facts()
    turn = person.say(text)
    assert turn.text
    assert "ne répond plus" not in turn.text
    assert turn.question == pending
    assert person.facts() == before


def test_a_huge_message_is_read_up_to_5000_characters_and_the_person_is_told(talk: Talk) -> None:
    turn = talk().say("ma fille de 12 ans reçoit des menaces. " + "bla " * 5000)
    assert "5 000" in turn.text
    assert turn.question


def test_the_end_of_a_huge_message_is_read_too(talk: Talk) -> None:
    turn = talk().say("ma fille de 12 ans reçoit des menaces. " + "bla " * 2000 + " et moi je veux mourir")
    assert "3114" in turn.text


def test_a_question_is_not_asked_twice_in_the_same_words(talk: Talk) -> None:
    person = talk()
    first = person.say("ma fille reçoit des menaces sur snapchat")
    again = person.say("zzzkrt qsdf wxc")
    assert again.question == first.question
    assert first.messages[-2]["text"] != again.messages[-2]["text"]


def test_a_question_that_is_not_understood_again_and_again_is_left_with_the_numbers(talk: Talk) -> None:
    person = talk()
    pending = person.say("ma fille reçoit des menaces sur snapchat").question
    assert pending == "danger"
    assert person.say("zzzkrt qsdf wxc").question == pending
    left = person.say("plokij mnbhyu")
    assert left.question != pending
    assert "3114" in left.text
    assert person.facts()["danger"] == "inconnu"


@pytest.mark.parametrize("text", ["rien de tout ça", "supprimé", "j'ai tout effacé", "ça recommence tous les soirs"])
def test_nothing_is_lost_by_a_word_that_looks_like_a_command(talk: Talk, text: str) -> None:
    person = talk()
    person.say("ma fille de 12 ans reçoit des menaces sur snapchat")
    person.say(text)
    assert person.facts()["victime_mineure"] == "oui"


def test_a_yes_to_danger_gives_the_numbers_and_asks_which(talk: Talk) -> None:
    person = talk()
    person.say("on menace ma fille de 14 ans")
    turn = person.say("oui")
    assert turn.customs("alerte")
    assert turn.question == "danger"


def test_a_danger_that_is_over_can_be_said(talk: Talk) -> None:
    person = talk()
    person.say("je veux mourir")
    assert person.say("en fait personne n'est en danger", "/resume").plan["facts"]["danger"] == "non"


@pytest.mark.parametrize(
    "payload",
    [
        '/repondre{"plateforme": "<script>"}',
        '/inform{"danger": "suicide"}',
        '/repondre{"danger": "gagné"}',
        "/session_start",
    ],
)
def test_nobody_can_set_a_slot_from_outside(talk: Talk, payload: str) -> None:
    person = talk()
    person.say("ma fille reçoit des menaces sur snapchat")
    before = person.facts()
    person.say(payload)
    assert person.facts() == before


def test_suicidal_words_bring_the_numbers_first_and_the_questions_go_on(talk: Talk) -> None:
    turn = talk().say("je veux mourir, j'en peux plus de leurs messages")
    assert turn.customs("alerte") == [{"type": "alerte", "niveau": "suicide"}]
    assert "3114" in turn.messages[0]["text"]
    assert turn.question == "profil"


def test_suicidal_words_in_the_middle_do_the_same(talk: Talk) -> None:
    person = talk()
    person.say("on m'insulte sur instagram", "non ça va", "c'est moi la victime")
    turn = person.say("de toute façon je vais me suicider")
    assert turn.customs("alerte") == [{"type": "alerte", "niveau": "suicide"}]
    assert turn.question
    assert person.say("/resume").steps[0] == "prevention_suicide"


def test_a_button_for_danger_brings_the_numbers_too(talk: Talk) -> None:
    person = talk()
    person.say("mon ex me menace")
    turn = person.say('/repondre{"danger": "immediat"}')
    assert turn.customs("alerte") == [{"type": "alerte", "niveau": "danger"}]
    assert turn.question == "victime_mineure" or turn.question == "profil"


def test_a_minor_who_writes_is_spoken_to_as_tu(talk: Talk) -> None:
    person = talk()
    turn = person.say("j'ai 14 ans et on m'insulte sur insta")
    assert " vous " not in turn.messages[-2]["text"]


def test_starting_again_forgets_the_answers(talk: Talk) -> None:
    person = talk()
    person.say("ma fille de 12 ans reçoit des menaces sur snapchat", "recommencer")
    assert person.facts() == {}


def test_erasing_forgets_the_conversation(talk: Talk) -> None:
    person = talk()
    person.say("ma fille de 12 ans reçoit des menaces sur snapchat")
    assert "oubliée" in person.say("effacer").text
    assert person.facts() == {}


def test_what_is_off_topic_is_said_to_be(talk: Talk) -> None:
    turn = talk().say("donne moi une recette de crêpes")
    assert turn.customs("hors_sujet") == [{"type": "hors_sujet"}]


@pytest.mark.parametrize("text", ["au revoir", "merci, au revoir", "bonne soirée, au revoir", "merci et bonne nuit"])
def test_who_says_goodbye_is_not_alarmed(talk: Talk, text: str) -> None:
    assert not talk().say(text).customs("alerte")


@pytest.mark.parametrize("text", ["adieu à tous, pardon pour tout", "merci pour tout, adieu"])
def test_a_farewell_to_life_is_heard(talk: Talk, text: str) -> None:
    assert "3114" in talk().say(text).text


@pytest.mark.parametrize("text", ["jai peur", "mon chat s'appelle minou", "je tremble"])
def test_what_does_not_answer_is_not_a_no_to_danger(talk: Talk, text: str) -> None:
    person = talk()
    person.say("on m'insulte sur le groupe de la classe j'ai 13 ans")
    person.say(text)
    assert person.say("/resume").plan["facts"].get("danger") != "non"


def test_two_people_never_share_a_conversation(talk: Talk) -> None:
    one, other = talk(), talk()
    one.say("ma fille de 12 ans reçoit des menaces sur snapchat")
    assert other.facts() == {}


def test_a_second_case_waits_for_the_first_to_have_its_plan(talk: Talk) -> None:
    person = talk()
    first = person.say(MOTHER)
    assert first.question == "danger"
    second = person.say("et sinon j'ai un autre problème, rien à voir, mon mari se fait pirater son compte facebook")
    assert "deux situations" in second.text
    assert second.question == "danger"
    plan = person.say("non, il va bien")
    assert plan.plan["facts"]["profil"] == "parent"
    assert plan.plan["facts"]["nature"] == ["insultes"]
    assert "l'autre situation" in plan.text
    assert {"title": "Recommencer", "payload": "/recommencer"} in plan.buttons
    again = person.say("/recommencer")
    assert "deux situations" not in again.text


@pytest.mark.parametrize(
    "text",
    [
        "mon fils de 13 ans se fait insulter sur snap par des gens de sa classe",
        "ma fille est harcelée sur instagram",
        "mon fils de 14 ans reçoit des menaces",
        "mes deux collègues m'insultent sur le groupe du bureau",
    ],
)
def test_one_case_is_not_taken_for_two(talk: Talk, text: str) -> None:
    assert "deux situations" not in talk().say(text).text


def test_who_writes_in_another_language_is_told_in_it_with_the_numbers(talk: Talk) -> None:
    turn = talk().say("My daughter is being bullied on snapchat by girls in her class and I don't know what to do")
    for expected in ("only speak French", "112", "3114", "3018"):
        assert expected in turn.text


def test_a_life_in_danger_is_seen_beside_an_answer_which_counts_too(talk: Talk) -> None:
    person = talk()
    person.say("on m'insulte sur mon compte instagram, j'ai 16 ans")
    person.say("non")
    turn = person.say("/resume")
    while turn.question and turn.question != "contenu_public":
        turn = person.say(turn.buttons[1]["payload"])
    turn = person.say("oui tout le monde peut le voir, et franchement j'ai envie de mourir")
    assert turn.customs("alerte") == [{"type": "alerte", "niveau": "suicide"}]
    assert turn.question != "contenu_public"


def test_an_answer_in_the_form_of_a_question_does_not_hold_the_person_back(talk: Talk) -> None:
    person = talk()
    person.say("ils sont en bas de l'immeuble avec des barres, mon fils a 16 ans, c'est parti de snap")
    while (turn := person.say("/resume")).question != "plateforme_alertee":
        person.say(turn.buttons[1]["payload"])
    asked = [person.say("VOUS CROYEZ QUE J AI EU LE TEMPS ??? NON").question for _ in range(3)]
    assert asked[-1] != "plateforme_alertee"


def test_a_description_that_ends_with_a_question_starts_the_questions(talk: Talk) -> None:
    assert talk().say("Bonjour, harcèlement sur Snapchat de mon garçon (5ème), que faire svp ?").question == "danger"
