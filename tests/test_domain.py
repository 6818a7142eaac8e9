"""domain.yml, data/ and actions/ agree with knowledge/ and with each other."""

from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

from boussole.triage.knowledge import PROJECT
from boussole.triage.model import Knowledge
from boussole.understanding.corpus import describe, exact_conflicts, load_corpus, overruled
from boussole.understanding.examples import Example
from boussole.understanding.reader import COMMANDS

# Taken when they are said, never asked (contract.md, section 2).
SAID = {"plateforme", "date_signalement"}
# What the conversation keeps beside the facts.
KEPT = {"redacteur_mineur", "historique", "plan_donne", "autre_cas"}
# Given by the reader's own rules: nothing is to be learned for them.
NEVER_LEARNED = {"incompris", "vide"}
# The bases of the classes that are made for each question and each message.
BASES = {"action_ask_", "action_"}


def read(name: str) -> Any:
    """What one of Rasa's files holds."""
    return yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def domain() -> Any:
    """domain.yml."""
    return read("domain.yml")


@pytest.fixture(scope="module")
def corpus() -> list[Example]:
    """Every training sentence."""
    return load_corpus()


def test_slots_are_the_facts_and_what_the_conversation_keeps(knowledge: Knowledge, domain: Any) -> None:
    assert set(domain["slots"]) == set(knowledge.facts) | KEPT


def test_a_fact_is_filled_by_the_entity_of_its_name(knowledge: Knowledge, domain: Any) -> None:
    for slot in (*knowledge.facts, "redacteur_mineur"):
        assert slot in domain["entities"]
        assert domain["slots"][slot]["mappings"] == [{"type": "from_entity", "entity": slot}]


def test_only_the_list_of_natures_is_a_list(knowledge: Knowledge, domain: Any) -> None:
    lists = {slot for slot in knowledge.facts if domain["slots"][slot]["type"] == "list"}
    assert lists == {name for name, fact in knowledge.facts.items() if fact.form == "liste"}


def test_the_form_waits_for_the_questions_in_order(knowledge: Knowledge, domain: Any) -> None:
    required = domain["forms"]["triage_form"]["required_slots"]
    assert required[: len(knowledge.questions)] == list(knowledge.questions)
    assert set(required) == set(knowledge.questions) | SAID


def test_every_question_has_its_action(knowledge: Knowledge, domain: Any) -> None:
    asked = [action for action in domain["actions"] if action.startswith("action_ask_")]
    assert asked == [f"action_ask_{question}" for question in knowledge.questions]


def test_every_nature_is_an_intent(knowledge: Knowledge, domain: Any) -> None:
    assert set(knowledge.facts["nature"].labels) - {"inconnu"} <= set(domain["intents"])


def test_every_action_exists_and_none_is_forgotten(domain: Any) -> None:
    executor = ActionExecutor()
    executor.register_package("actions")
    # The SDK registers every class of the process, those of other tests too.
    ours = {name for name, run in executor.actions.items() if type(run.__self__).__module__.startswith("actions.")}
    assert ours - BASES == set(domain["actions"])


def test_every_intent_is_learned_and_every_sentence_has_an_intent(domain: Any, corpus: list[Example]) -> None:
    assert {example.intent for example in corpus} == set(domain["intents"]) - NEVER_LEARNED


def test_every_command_of_the_reader_is_an_intent(domain: Any) -> None:
    assert set(domain["intents"]) >= COMMANDS


def test_every_label_is_a_value_of_its_fact(knowledge: Knowledge, corpus: list[Example]) -> None:
    for example in corpus:
        assert example.question is None or example.question in knowledge.questions, example
        assert set(example.withdrawn) <= set(knowledge.facts), example
        assert example.alerts <= set(knowledge.alerts), example
        assert example.topic is None or example.topic in knowledge.faq, example
        for slot, value in example.facts.items():
            allowed = knowledge.facts[slot].labels
            values = value if isinstance(value, tuple) else (value,)
            assert not allowed or set(values) <= set(allowed), (example.text, slot, value)


def test_every_frequent_question_is_learned(knowledge: Knowledge, corpus: list[Example]) -> None:
    assert set(knowledge.faq) == {example.topic for example in corpus if example.topic}


def test_no_sentence_has_two_meanings(corpus: list[Example]) -> None:
    """The same words, as an answer to the same question, have one label."""
    assert [describe(conflict) for conflict in exact_conflicts(corpus)] == []


def test_no_answer_is_overruled_by_a_fixed_sentence(knowledge: Knowledge, corpus: list[Example]) -> None:
    assert [describe(conflict) for conflict in overruled(knowledge, corpus)] == []


def test_no_sentence_has_brackets(corpus: list[Example]) -> None:
    """Rasa would read them as an entity."""
    assert not [example.text for example in corpus if set(example.text) & set("[]{}()")]


def test_no_sentence_is_empty(corpus: list[Example]) -> None:
    assert all(example.text for example in corpus)


def intents_of(rule: Any) -> set[str]:
    """The intents that a rule answers."""
    first = rule["steps"][0]
    return {step["intent"] for step in first.get("or", [first]) if "intent" in step}


@pytest.mark.parametrize("loop", ["triage_form", None])
def test_a_rule_answers_every_intent(domain: Any, loop: str | None) -> None:
    """Between two questions, and outside the questions."""
    rules = [rule for rule in read("data/rules.yml")["rules"] if rule["condition"] == [{"active_loop": loop}]]
    answered = set().union(*map(intents_of, rules))
    assert answered == set(domain["intents"])


def test_every_action_of_a_rule_is_in_the_domain(domain: Any) -> None:
    built_in = {"triage_form", "action_listen"}
    steps = [step for rule in read("data/rules.yml")["rules"] for step in rule["steps"]]
    assert {step["action"] for step in steps if "action" in step} <= set(domain["actions"]) | built_in


def test_every_message_of_an_action_is_written(knowledge: Knowledge) -> None:
    from actions.talk import MESSAGES

    assert {action.message for action in MESSAGES} <= set(knowledge.messages)
