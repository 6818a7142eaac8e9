"""Reading a message in its context, with classifiers that guess what each test chooses."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from boussole.triage.conditions import Facts
from boussole.triage.model import Knowledge
from boussole.understanding.reader import (
    ANOTHER_CASE,
    CERTAIN_ALERT,
    COMMANDS,
    DISBELIEVED,
    FAMILIAR,
    LIKELY_ALERT,
    LIKELY_NATURE,
    LOSSES,
    SPOKEN_OF,
    SPOKEN_OF_BY_YES_OR_NO,
    SPOKEN_OF_DANGER,
    STORY_WORDS,
    SURE_ALERT,
    SURE_ALERT_ABOUT_DANGER,
    SURE_ALERT_DESPITE_A_DENIAL,
    SURE_ALERT_IN_A_STORY,
    SURE_ALERT_IN_AN_ANSWER,
    SURE_ALERT_IN_SMALL_TALK,
    SURE_ANOTHER_CASE,
    SURE_ANSWER,
    SURE_ANSWER_ABOUT_DANGER,
    SURE_CHANGE,
    SURE_COMMAND,
    SURE_CORRECTION,
    SURE_DENIAL,
    SURE_ENOUGH_TO_ASK_AGAIN,
    SURE_FACT,
    SURE_FACT_OF_DANGER,
    SURE_IN_PASSING,
    SURE_LOSS,
    SURE_LOSS_OF_AN_ANSWER,
    SURE_NATURE,
    SURE_OFF_TOPIC,
    SURE_UNKNOWN,
    SURE_WITHDRAWN,
    Context,
    Reader,
    Reading,
)
from boussole.understanding.training import ABSENT, DESCRIBE, POLARITY

TODAY = date(2026, 11, 20)
# Words that no exact rule and no crisis pattern knows.
WORDS = "bla bla bidule"
A_BIT = 0.01

# What the classifier of wishes tells apart.
INTENTS = (*COMMANDS, *POLARITY, DESCRIBE, "repondre", "corriger", "detresse", "hors_sujet")

Guess = dict[str, dict[str, float]]


class Model:
    """Classifiers that guess what they are told to."""

    def __init__(self, knowledge: Knowledge, guess: Mapping[str, Mapping[str, float]], familiar: float = 1.0) -> None:
        slots = [slot for slot in knowledge.questions if slot != "nature"]
        labels = {slot: knowledge.facts[slot].labels for slot in slots}
        self.usual: Guess = {
            "intent": {**dict.fromkeys(INTENTS, 0.0), "repondre": 0.1},
            "alertes": dict.fromkeys(knowledge.alerts, DISBELIEVED),
            "nature": dict.fromkeys(knowledge.facts["nature"].labels, 0.0),
            "oublie": dict.fromkeys(slots, 0.0),
            "sujet": dict.fromkeys(knowledge.faq, 0.1),
            "autre_cas": {"oui": 0.0, "non": 1.0},
            **{f"reponse:{slot}": dict.fromkeys(labels[slot], 0.0) for slot in slots},
            **{
                f"fait:{slot}": {ABSENT: 1 - self._spoken_of(slot), **dict.fromkeys(labels[slot], 0.0)}
                for slot in slots
            },
        }
        self.whole = self._with(guess)
        self.pieces: dict[str, Guess] = {}
        self._familiar = familiar

    @staticmethod
    def _spoken_of(slot: str) -> float:
        """Return how surely a text is about ``slot``: just enough to answer."""
        return SPOKEN_OF_DANGER - A_BIT if slot == "danger" else SPOKEN_OF + A_BIT

    def _with(self, guess: Mapping[str, Mapping[str, float]]) -> Guess:
        return {head: {**usual, **guess.get(head, {})} for head, usual in self.usual.items()}

    def piece(self, text: str, guess: Mapping[str, Mapping[str, float]]) -> None:
        """Guess something else of one piece of the text."""
        self.pieces[text] = self._with(guess)

    def predict(self, texts: Sequence[str], question: str | None = None) -> list[Guess]:
        return [self.whole, *(self.pieces.get(text, self.usual) for text in texts[1:])]

    def familiar(self, plain: str) -> float:
        return self._familiar


FIXED = {
    "oui": ("affirmer", None),
    "non": ("nier", None),
    "je sais pas": ("ne_sait_pas", None),
    "retour": ("retour", None),
    "c est gratuit ?": ("question", "gratuit"),
}


@pytest.fixture
def read(knowledge: Knowledge) -> Any:
    """Read a text; keywords are the classifiers' guesses, the ``:`` of their names written ``_de_``."""

    def reading(
        text: str = WORDS,
        pending: str | None = None,
        facts: Facts | None = None,
        familiar: float = 1.0,
        **guess: Mapping[str, float],
    ) -> Reading:
        named = {name.replace("_de_", ":"): scores for name, scores in guess.items()}
        model: Any = Model(knowledge, named, familiar)
        return Reader(knowledge, model, FIXED).read(text, Context(TODAY, pending, facts or {}))

    return reading


# Nothing to read


@pytest.mark.parametrize("text", ["", "   ", "<br>", "\u200b"])
def test_an_empty_message_is_empty(read: Any, text: str) -> None:
    assert read(text) == Reading("vide")


@pytest.mark.parametrize("text", ["?", "...", "!!!", "🦄"])
def test_signs_alone_are_not_understood(read: Any, text: str) -> None:
    assert read(text, pending="profil", reponse_de_profil={"parent": 1.0}) == Reading("incompris")


def test_nothing_is_guessed_of_gibberish(read: Any) -> None:
    guess = {"intent": {"saluer": 1.0}, "reponse_de_profil": {"parent": 1.0}}
    assert read(pending="profil", familiar=FAMILIAR - A_BIT, **guess) == Reading("incompris")
    assert read(pending="profil", familiar=FAMILIAR, **guess).intent == "saluer"


def test_an_exact_rule_reads_words_that_nobody_knows(read: Any) -> None:
    assert read("jai 13 ans zgrzgr", familiar=0.0).facts["victime_mineure"] == "oui"


def test_the_age_of_the_one_who_did_it_is_not_the_victims(read: Any) -> None:
    did_it = {"fait_de_profil": {"auteur": 1.0, ABSENT: 0.0}}
    assert "victime_mineure" in read("j'ai 17 ans").facts
    assert "victime_mineure" not in read("j'ai 17 ans", **did_it).facts
    assert read("17 ans", pending="victime_mineure", **did_it).facts["victime_mineure"] == "oui"


def test_a_crisis_is_read_in_words_that_nobody_knows(read: Any) -> None:
    assert read("zgrzgr je veux mourir zgrzgr", familiar=0.0).alerts == ("suicide",)


# Answers


def test_an_answer_is_read_against_the_pending_question(read: Any) -> None:
    guess = {"reponse_de_profil": {"parent": SURE_ANSWER}, "reponse_de_auteur_connu": {"oui": 1.0}}
    assert read(pending="profil", **guess).facts == {"profil": "parent"}
    assert read(pending="profil", **guess).intent == "repondre"
    assert read(**guess).facts == {}


def test_a_message_about_something_else_answers_nothing(read: Any) -> None:
    beside = {"reponse_de_profil": {"parent": 1.0}, "fait_de_profil": {ABSENT: 1.0}}
    assert read(pending="profil", **beside).facts == {}


@pytest.mark.parametrize(("slot", "needed"), [("profil", SPOKEN_OF), ("danger", SPOKEN_OF_DANGER)])
def test_what_does_not_speak_of_the_question_does_not_answer_it(read: Any, slot: str, needed: float) -> None:
    value = {"profil": "parent", "danger": "non"}[slot]
    sure = {f"reponse_de_{slot}": {value: 1.0}}
    assert read(pending=slot, **sure, **{f"fait_de_{slot}": {ABSENT: 1 - needed - A_BIT}}).facts == {slot: value}
    beside = {f"fait_de_{slot}": {ABSENT: 1 - needed + A_BIT}}
    assert read(pending=slot, **sure, **beside).facts == {}
    near = {f"fait_de_{slot}": {ABSENT: 1 - SPOKEN_OF_BY_YES_OR_NO - A_BIT}}
    assert read(f"non {WORDS}", pending=slot, **sure, **near).facts == {slot: value}


def test_an_answer_that_is_not_sure_is_not_taken(read: Any) -> None:
    reading = read(pending="profil", reponse_de_profil={"parent": SURE_ANSWER - A_BIT})
    assert (reading.intent, reading.facts) == ("incompris", {})


@pytest.mark.parametrize(
    ("pending", "text", "facts"),
    [
        ("victime_mineure", "oui", {"victime_mineure": "oui"}),
        ("victime_mineure", "Non", {"victime_mineure": "non"}),
        ("victime_mineure", "jsp", {"victime_mineure": "inconnu"}),
        ("danger", "non", {"danger": "non"}),
        ("reponse_plateforme", "non", {"reponse_plateforme": "attente"}),
        ("reponse_plateforme", "oui", {}),
        ("nature", "jsp", {"nature": ("inconnu",)}),
        ("nature", "oui", {}),
        ("contenu_public", "non", {}),
    ],
)
def test_yes_and_no_mean_what_the_question_says(read: Any, pending: str, text: str, facts: Facts) -> None:
    reading = read(text, pending=pending)
    assert reading.facts == facts
    assert reading.intent == ("repondre" if facts else "incompris")


@pytest.mark.parametrize("text", ["oui", "peut-être", "un peu"])
def test_a_yes_to_danger_brings_the_numbers_and_leaves_the_question_open(read: Any, text: str) -> None:
    reading = read(text, pending="danger")
    assert (reading.intent, reading.alerts, reading.facts) == ("detresse", ("danger",), {})


@pytest.mark.parametrize("text", ["oui", "non", "jsp"])
def test_yes_and_no_without_a_question_say_nothing(read: Any, text: str) -> None:
    reading = read(text)
    assert reading.facts == {}
    assert reading.intent in ("affirmer", "nier", "ne_sait_pas")


def test_a_yes_that_is_guessed_counts_as_a_yes(read: Any) -> None:
    reading = read(pending="auteur_connu", intent={"affirmer": 0.9}, reponse_de_auteur_connu={"non": 1.0})
    assert reading.facts == {"auteur_connu": "oui"}


def test_the_words_of_a_button_are_worth_the_button(knowledge: Knowledge, read: Any) -> None:
    for question in knowledge.questions.values():
        for value, title in question.buttons.items():
            for text in title.variants.values():
                reading = read(text, pending=question.id)
                wanted = (value,) if question.id == "nature" else value
                assert reading.facts == {question.id: wanted}, text


def test_the_words_of_a_danger_button_raise_its_alert(knowledge: Knowledge, read: Any) -> None:
    titles = knowledge.questions["danger"].buttons
    for value, alerts in (("immediat", ("danger",)), ("suicide", ("suicide",)), ("non", ())):
        assert read(titles[value].variants["vous"], pending="danger").alerts == alerts


def test_the_words_of_a_button_mean_nothing_to_another_question(read: Any) -> None:
    assert "nature" not in read("Menaces", pending="profil").facts


# Facts in passing


def test_a_fact_stated_in_passing_is_taken_when_it_is_sure(read: Any) -> None:
    for slot, sure in SURE_FACT.items():
        value = "attente" if slot == "reponse_plateforme" else "parent" if slot == "profil" else "oui"
        assert read(**{f"fait_de_{slot}": {value: sure}}).facts == {slot: value}
        assert read(**{f"fait_de_{slot}": {value: sure - A_BIT}}).facts == {}


def test_a_doubt_about_what_nobody_asked_counts_in_the_description_only(read: Any) -> None:
    doubt = {"inconnu": SURE_UNKNOWN}
    assert read(fait_de_auteur_connu=doubt).facts == {"auteur_connu": "inconnu"}
    assert read(fait_de_auteur_connu={"inconnu": SURE_UNKNOWN - A_BIT}).facts == {}
    assert read(pending="profil", fait_de_auteur_connu=doubt).facts == {}


def test_a_piece_of_the_message_may_state_a_fact_that_the_whole_hides(knowledge: Knowledge) -> None:
    text = "bla bla bidule. truc muche machin"
    model: Any = Model(knowledge, {"fait:contenu_public": {"oui": SURE_FACT["contenu_public"] - A_BIT}})
    reader = Reader(knowledge, model, FIXED)
    assert reader.read(text, Context(TODAY)).facts == {}
    model.piece("truc muche machin", {"fait:contenu_public": {"oui": 1.0}})
    assert reader.read(text, Context(TODAY)).facts == {"contenu_public": "oui"}


def test_an_answer_may_bring_other_facts_with_it(read: Any) -> None:
    guess = {"reponse_de_profil": {"parent": 0.9}, "fait_de_victime_mineure": {"oui": 0.9}}
    reading = read(pending="profil", fait_de_profil={ABSENT: 1 - SPOKEN_OF - A_BIT}, **guess)
    assert reading.facts == {"profil": "parent", "victime_mineure": "oui"}


def test_a_message_about_something_else_leaves_the_question_open(read: Any) -> None:
    guess = {"reponse_de_profil": {"parent": 0.9}, "fait_de_victime_mineure": {"oui": 0.9}}
    reading = read(pending="profil", fait_de_profil={ABSENT: 1 - SPOKEN_OF + A_BIT}, **guess)
    assert reading.facts == {"victime_mineure": "oui"}


def test_a_correction_needs_less_to_show_which_fact_it_is_about(read: Any) -> None:
    private = {"contenu_public": "oui"}
    corrects = {"intent": {"corriger": 1.0}}
    said = {"fait_de_contenu_public": {"non": SURE_CORRECTION}}
    assert read(facts=private, **corrects, **said).facts == {"contenu_public": "non"}
    assert read(facts=private, **said).facts == {}
    assert read(facts=private, **corrects, fait_de_contenu_public={"non": SURE_CORRECTION - A_BIT}).facts == {}


def test_what_is_known_does_not_change_in_passing(read: Any) -> None:
    assert read(facts={"profil": "parent"}, fait_de_profil={"temoin": 1.0}).facts == {}
    known = {"contenu_public": "oui"}
    assert read(facts=known, fait_de_contenu_public={"non": SURE_CHANGE - A_BIT}).facts == {}


def test_clear_news_changes_what_is_known(read: Any) -> None:
    known = {"contenu_public": "oui"}
    assert read(facts=known, fait_de_contenu_public={"non": 1.0}).facts == {"contenu_public": "non"}
    assert read("c'est un groupe privé", facts=known).facts == {"contenu_public": "non"}


def test_a_doubtful_sign_after_no_danger_asks_again(read: Any) -> None:
    reading = read(facts={"danger": "non"}, pending="profil", alertes={"suicide": SURE_ENOUGH_TO_ASK_AGAIN})
    assert (reading.alerts, reading.withdrawn) == (("suicide",), ("danger",))


def test_a_correction_says_that_the_danger_is_over(read: Any) -> None:
    guess = {"intent": {"corriger": 0.9}, "reponse_de_danger": {"non": SURE_FACT_OF_DANGER}}
    assert read(facts={"danger": "suicide"}, **guess).facts == {"danger": "non"}
    assert read(facts={"profil": "parent"}, **guess).facts == {}


def test_what_is_known_changes_when_it_is_corrected(read: Any) -> None:
    known = {"contenu_public": "oui", "profil": "parent"}
    reading = read(facts=known, intent={"corriger": 0.9}, fait_de_contenu_public={"non": 1.0})
    assert (reading.intent, reading.facts) == ("corriger", {"contenu_public": "non"})
    assert read("en fait c'est un groupe privé", facts=known, intent={"corriger": 0.9}).facts == {
        "contenu_public": "non"
    }


def test_the_pending_question_may_be_answered_again(read: Any) -> None:
    reading = read(pending="profil", facts={"profil": "parent"}, reponse_de_profil={"temoin": 0.9})
    assert reading.facts == {"profil": "temoin"}


def test_a_fixed_answer_states_nothing_in_passing(read: Any) -> None:
    reading = read("oui", pending="auteur_connu", fait_de_contenu_public={"oui": 1.0}, nature={"menaces": 1.0})
    assert reading.facts == {"auteur_connu": "oui"}


def test_a_minor_who_writes_is_noticed(read: Any) -> None:
    reading = read("j'ai 13 ans")
    assert reading.minor_writer
    assert "redacteur_mineur" not in reading.facts
    assert not read("ma fille a 13 ans").minor_writer


def test_a_date_is_read_from_today(read: Any) -> None:
    assert read("on a signalé il y a 5 semaines").facts["date_signalement"] == "2026-10-16"


# What happens


def test_natures_are_those_that_are_sure_the_most_serious_first(read: Any) -> None:
    reading = read(
        intent={DESCRIBE: 0.9}, nature={"insultes": 0.9, "chantage": SURE_NATURE, "raid": SURE_NATURE - A_BIT}
    )
    assert reading.facts == {"nature": ("chantage", "insultes")}
    assert reading.intent == "chantage"


def test_a_description_gets_its_most_likely_nature(read: Any) -> None:
    guess = {"intent": {DESCRIBE: 0.9}, "nature": {"rumeurs": LIKELY_NATURE, "raid": LIKELY_NATURE - A_BIT}}
    assert read(**guess).facts == {"nature": ("rumeurs",)}
    assert read(intent={DESCRIBE: 0.9}, nature={"rumeurs": LIKELY_NATURE - A_BIT}).intent == "autre"
    assert read(nature=guess["nature"]).facts == {}


def test_an_answer_to_what_happens_gets_its_most_likely_nature(read: Any) -> None:
    assert read(pending="nature", nature={"rumeurs": LIKELY_NATURE}).facts == {"nature": ("rumeurs",)}
    assert read(pending="nature", nature={"rumeurs": LIKELY_NATURE - A_BIT}).intent == "incompris"


def test_a_further_description_adds_to_what_is_known(read: Any) -> None:
    known = {"nature": ("insultes",)}
    reading = read(facts=known, intent={DESCRIBE: 0.9}, nature={"menaces": 0.9})
    assert reading.facts == {"nature": ("menaces", "insultes")}
    assert "nature" not in read(facts=known, intent={DESCRIBE: 0.9}, nature={"insultes": 0.9}).facts


def test_an_answer_to_another_question_does_not_add_a_nature(read: Any) -> None:
    guess = {"reponse_de_auteur_connu": {"oui": 0.9}, "nature": {"menaces": 0.9}}
    reading = read(pending="auteur_connu", facts={"nature": ("insultes",)}, **guess)
    assert reading.facts == {"auteur_connu": "oui"}


def test_a_corrected_nature_replaces_the_former_one(read: Any) -> None:
    reading = read(facts={"nature": ("insultes",)}, intent={"corriger": 0.9}, nature={"menaces": 0.9})
    assert reading.facts == {"nature": ("menaces",)}


# Wishes


@pytest.mark.parametrize("pending", [None, "profil"])
def test_a_command_is_taken_when_it_is_sure(read: Any, pending: str | None) -> None:
    assert read(pending=pending, intent={"resume": SURE_COMMAND}).intent == "resume"
    assert read(pending=pending, intent={"resume": SURE_COMMAND - A_BIT}).intent != "resume"


@pytest.mark.parametrize("command", sorted(LOSSES))
def test_a_command_that_loses_something_must_be_surer(read: Any, command: str) -> None:
    assert read(intent={command: SURE_LOSS}).intent == command
    assert read(intent={command: SURE_LOSS - A_BIT}).intent != command
    assert read(pending="profil", intent={command: SURE_LOSS}).intent != command
    assert read(pending="profil", intent={command: SURE_LOSS_OF_AN_ANSWER}).intent == command


def test_an_interruption_answers_nothing(read: Any) -> None:
    reading = read("retour", pending="profil", reponse_de_profil={"parent": 1.0}, fait_de_contenu_public={"oui": 1.0})
    assert reading == Reading("retour")


def test_an_answer_beside_thanks_or_a_question_is_heard(read: Any) -> None:
    sure = {"reponse_de_profil": {"parent": SURE_IN_PASSING}, "fait_de_profil": {ABSENT: 1 - SURE_IN_PASSING}}
    thanks = read(pending="profil", intent={"remercier": 0.9}, **sure)
    assert (thanks.intent, thanks.facts) == ("repondre", {"profil": "parent"})
    asked = read(pending="profil", intent={"question": 0.9}, sujet={"anonyme": 0.8}, **sure)
    assert (asked.intent, asked.topic, asked.facts) == ("question", "anonyme", {"profil": "parent"})


def test_a_frequent_question_has_its_topic(read: Any) -> None:
    reading = read(
        pending="profil", intent={"question": 0.9}, sujet={"anonyme": 0.8}, reponse_de_profil={"parent": 1.0}
    )
    assert (reading.intent, reading.topic, reading.facts) == ("question", "anonyme", {})
    assert read("C'est gratuit ?", sujet={"anonyme": 0.8}).topic == "gratuit"


def test_only_a_question_has_a_topic(read: Any) -> None:
    assert read(intent={"saluer": 0.9}, sujet={"anonyme": 1.0}).topic is None


def test_a_thank_you_that_states_a_fact_keeps_both(read: Any) -> None:
    reading = read("merci, c'est un groupe privé", intent={"remercier": 0.9})
    assert (reading.intent, reading.facts) == ("remercier", {"contenu_public": "non"})


def test_what_is_off_topic_answers_nothing(read: Any) -> None:
    sure = {"intent": {"hors_sujet": SURE_OFF_TOPIC}, "reponse_de_profil": {"parent": 1.0}, "nature": {"raid": 1.0}}
    assert read(pending="profil", **sure).intent == "hors_sujet"
    assert read(pending="profil", **sure).facts == {}
    doubtful = {**sure, "intent": {"hors_sujet": SURE_OFF_TOPIC - A_BIT}}
    assert read(pending="profil", **doubtful).facts["profil"] == "parent"


def test_an_answer_is_taken_back_without_another(read: Any) -> None:
    guess = {"intent": {"corriger": 0.9}, "oublie": {"profil": SURE_WITHDRAWN, "danger": SURE_WITHDRAWN - A_BIT}}
    assert read(**guess).withdrawn == ("profil",)
    assert read(**guess, fait_de_contenu_public={"non": 1.0}).withdrawn == ()
    assert read(oublie={"profil": 1.0}).withdrawn == ()


# Danger


@pytest.mark.parametrize(
    ("level", "facts"), [("suicide", {"danger": "suicide"}), ("danger", {"danger": "immediat"}), ("enfance", {})]
)
def test_the_classifier_alone_raises_an_alert_when_it_is_sure(read: Any, level: str, facts: Facts) -> None:
    reading = read(alertes={level: CERTAIN_ALERT})
    assert (reading.intent, reading.alerts, reading.facts) == ("detresse", (level,), facts)
    assert read(alertes={level: SURE_ALERT - A_BIT}).alerts == ()


@pytest.mark.parametrize("level", ["suicide", "danger"])
def test_after_a_doubtful_sign_the_numbers_are_given_and_danger_is_still_asked(read: Any, level: str) -> None:
    reading = read(alertes={level: SURE_ALERT})
    assert (reading.intent, reading.alerts, reading.facts) == ("detresse", (level,), {})


def test_the_sad_words_of_a_long_story_must_be_surer(read: Any) -> None:
    story = "bla " * (STORY_WORDS + 1)
    assert read(story, alertes={"suicide": SURE_ALERT_IN_A_STORY - A_BIT}).alerts == ()
    assert read(story, alertes={"suicide": SURE_ALERT_IN_A_STORY}).alerts == ("suicide",)
    assert read(story + "je veux mourir").alerts == ("suicide",)


@pytest.mark.parametrize(
    ("text", "level"), [("je veux mourir", "suicide"), ("il me frappe", "danger"), ("mon père me touche", "enfance")]
)
def test_the_patterns_alone_raise_an_alert(read: Any, text: str, level: str) -> None:
    assert read(text).alerts == (level,)


@pytest.mark.parametrize("intent", ["saluer", "hors_sujet", "effacer", "retour", "corriger", "insultes"])
def test_an_alert_comes_before_whatever_else_is_read(read: Any, intent: str) -> None:
    reading = read("je veux mourir", pending="profil", intent={intent: 1.0}, alertes={"suicide": LIKELY_ALERT})
    assert (reading.intent, reading.alerts, reading.facts["danger"]) == ("detresse", ("suicide",), "suicide")


@pytest.mark.parametrize(
    ("pending", "sure"),
    [(None, SURE_ALERT), ("profil", SURE_ALERT_IN_AN_ANSWER), ("danger", SURE_ALERT_ABOUT_DANGER)],
)
def test_how_sure_a_sign_must_be_depends_on_what_was_asked(read: Any, pending: str | None, sure: float) -> None:
    assert read(pending=pending, alertes={"suicide": sure}).alerts == ("suicide",)
    assert read(pending=pending, alertes={"suicide": sure - A_BIT}).alerts == ()


def test_patterns_of_suicide_need_no_classifier_and_the_others_hardly_any(read: Any) -> None:
    none = dict.fromkeys(("suicide", "danger", "enfance"), 0.0)
    assert read("je veux mourir", alertes=none).alerts == ("suicide",)
    assert read("il me frappe", alertes=none).alerts == ()
    assert read("il me frappe", alertes={"danger": DISBELIEVED}).alerts == ("danger",)


def test_where_the_patterns_are_alone_the_numbers_are_given_and_danger_is_asked(read: Any) -> None:
    reading = read("je veux mourir", alertes={"suicide": LIKELY_ALERT - A_BIT})
    assert (reading.intent, reading.alerts, reading.facts) == ("detresse", ("suicide",), {})


def test_who_answers_and_gives_an_alert_is_not_asked_again(read: Any) -> None:
    sure = {"oui": 1.0, ABSENT: 0.0}
    reading = read(
        "public oui, je veux mourir", pending="contenu_public", reponse_de_contenu_public={"oui": 1.0},
        fait_de_contenu_public=sure, alertes={"suicide": LIKELY_ALERT},
    )  # fmt: skip
    assert (reading.alerts, reading.facts) == (("suicide",), {"danger": "suicide", "contenu_public": "oui"})


def test_what_looks_like_a_correction_may_be_a_plain_answer(read: Any) -> None:
    sure = {"oui": 1.0, ABSENT: 0.0}
    reading = read(
        pending="cadre_scolaire", intent={"corriger": 0.9}, reponse_de_cadre_scolaire={"oui": 1.0},
        fait_de_cadre_scolaire=sure,
    )  # fmt: skip
    assert reading.facts == {"cadre_scolaire": "oui"}


def test_a_second_case_says_nothing_of_the_first(read: Any) -> None:
    second = {"oui": SURE_ANOTHER_CASE, "non": 1 - SURE_ANOTHER_CASE}
    reading = read(facts={"profil": "parent"}, autre_cas=second, fait_de_auteur_connu={"oui": 1.0})
    assert (reading.intent, reading.another_case, reading.facts) == (ANOTHER_CASE, True, {})
    first = read(autre_cas=second, fait_de_auteur_connu={"oui": 1.0})
    assert (first.another_case, first.facts) == (True, {"auteur_connu": "oui"})
    alert = read("je veux mourir", facts={"profil": "parent"}, autre_cas=second)
    assert (alert.alerts, alert.another_case) == (("suicide",), True)


def test_another_language_is_told_and_nothing_guessed(read: Any) -> None:
    reading = read("they keep posting photos of me and i don't know what to do", nature={"insultes": 1.0})
    assert (reading.intent, reading.language, reading.facts) == ("incompris", "en", {})


def test_several_alerts_come_the_most_serious_first(read: Any) -> None:
    reading = read(alertes={"enfance": 1.0, "danger": 1.0, "suicide": 1.0})
    assert reading.alerts == ("suicide", "danger", "enfance")
    assert reading.facts == {"danger": "suicide"}


def test_a_danger_said_before_gives_way_to_a_new_alert(read: Any) -> None:
    assert read(facts={"danger": "non"}, alertes={"suicide": 1.0}).facts == {"danger": "suicide"}


def test_violent_words_that_are_quoted_raise_no_alert(read: Any) -> None:
    reading = read("il m'a écrit « va te pendre »", alertes={"suicide": 1.0})
    assert (reading.alerts, reading.quoted) == ((), True)
    assert "danger" not in reading.facts


def test_quoted_words_do_not_hide_the_person_s_own(read: Any) -> None:
    reading = read("il m'a écrit « va te pendre » et je veux mourir")
    assert (reading.alerts, reading.quoted) == (("suicide",), False)


def test_a_denial_of_danger_may_name_it(read: Any) -> None:
    denial = "non je veux mourir"
    sure, doubtful = SURE_ALERT_DESPITE_A_DENIAL, SURE_ALERT_DESPITE_A_DENIAL - A_BIT
    denied, open_ = {"reponse_de_danger": {"non": SURE_DENIAL}}, {"reponse_de_danger": {"non": SURE_DENIAL - A_BIT}}
    assert read(denial, pending="danger", alertes={"suicide": doubtful}, **denied).alerts == ()
    assert read(denial, pending="danger", alertes={"suicide": sure}, **denied).alerts == ("suicide",)
    assert read(denial, pending="danger", alertes={"suicide": 0.0}, **open_).alerts == ("suicide",)
    assert read(denial, alertes={"suicide": 0.0}, **denied).alerts == ("suicide",)


def test_a_goodbye_is_not_a_farewell_to_life_unless_it_surely_is(read: Any) -> None:
    goodbye = {"intent": {"au_revoir": 0.9}}
    assert read(**goodbye, alertes={"suicide": SURE_ALERT_IN_SMALL_TALK - A_BIT}).alerts == ()
    assert read(**goodbye, alertes={"suicide": SURE_ALERT_IN_SMALL_TALK}).alerts == ("suicide",)
    assert read("c'est gratuit ?", alertes={"suicide": 1.0}).alerts == ()


def test_a_child_may_be_in_danger_at_home_though_nobody_wants_to_die(read: Any) -> None:
    denied = {"reponse_de_danger": {"non": 1.0}}
    found = {"enfance": SURE_ALERT_ABOUT_DANGER}
    assert read(pending="danger", alertes=found, **denied).alerts == ("enfance",)


# Any text


STRANGE = ("a" * 10_000, "\x00", "/" * 50, "{}[]()", "\ud800", "٣" * 40, "? " * 3_000, "a, " * 1_500, "<" * 4_000)


@pytest.mark.parametrize("text", STRANGE, ids=lambda text: repr(text[:5]))
def test_no_text_breaks_the_reader(read: Any, text: str) -> None:
    for pending in (None, "danger", "nature", "un_mois_passe"):
        assert read(text, pending=pending).intent


def test_a_question_that_no_topic_answers_may_tell_the_case_or_answer(read: Any) -> None:
    asking = {"question": 0.9}
    told = read(intent=asking, nature={"insultes": 1.0})
    assert (told.intent, told.facts) != ("question", {})
    answered = read(
        pending="plateforme_alertee", intent=asking, reponse_de_plateforme_alertee={"non": 1.0},
        fait_de_plateforme_alertee={"non": 1.0, ABSENT: 0.0},
    )  # fmt: skip
    assert answered.facts == {"plateforme_alertee": "non"}
    assert read(pending="profil", intent=asking, reponse_de_profil={"parent": 0.0}).intent == "question"
    assert read(pending="profil", intent=asking, sujet={"gratuit": 1.0}).topic == "gratuit"


def test_a_weak_sign_after_no_danger_gives_the_numbers_without_asking_again(read: Any) -> None:
    weak = read(facts={"danger": "non"}, pending="profil", alertes={"suicide": SURE_ENOUGH_TO_ASK_AGAIN - A_BIT})
    assert (weak.alerts, weak.withdrawn) == (("suicide",), ())


def test_a_danger_that_is_over_may_be_said_without_correcting(read: Any) -> None:
    over = {"non": SURE_FACT_OF_DANGER}
    facts = {"danger": "suicide"}
    assert read(facts=facts, pending="profil", reponse_de_danger=over, fait_de_danger=over).facts == {"danger": "non"}
    assert "danger" not in read(facts=facts, pending="profil", reponse_de_danger=over).facts


def test_an_answer_about_danger_must_be_surer_than_another(read: Any) -> None:
    sure = {"non": SURE_ANSWER_ABOUT_DANGER}
    assert read(pending="danger", reponse_de_danger=sure, fait_de_danger={ABSENT: 0.0}).facts == {"danger": "non"}
    assert (
        read(
            pending="danger", reponse_de_danger={"non": SURE_ANSWER_ABOUT_DANGER - A_BIT}, fait_de_danger={ABSENT: 0.0}
        ).facts
        == {}
    )
