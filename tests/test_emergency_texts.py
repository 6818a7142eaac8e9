"""The texts that a person in danger reads: reviewed, fixed, changed only on purpose."""

import re
from pathlib import Path

import pytest
import yaml

from boussole.channels.terminal import NUMBERS
from boussole.triage.model import Knowledge, Message

GOLDEN = yaml.safe_load((Path(__file__).parent / "golden" / "emergency.yml").read_text(encoding="utf-8"))


def emergency(knowledge: Knowledge) -> dict[str, Message]:
    """Every text that must not change by accident."""
    return {**knowledge.alerts, "panne": knowledge.messages["panne"], "douceur": knowledge.messages["douceur"]}


def test_the_emergency_texts_are_those_that_were_reviewed(knowledge: Knowledge) -> None:
    """A change here needs two reviewers (docs/editeurs.md): change tests/golden/emergency.yml with it."""
    found = {
        name: {**message.text.variants, **({"services": list(message.services)} if message.services else {})}
        for name, message in emergency(knowledge).items()
    }
    assert found == GOLDEN


@pytest.mark.parametrize(
    ("level", "numbers"),
    [
        ("suicide", ("3114", "15", "112", "114", "3018")),
        ("danger", ("17", "112", "114", "15", "3018", "3114")),
        ("enfance", ("119", "17", "112", "114", "3018")),
        ("panne", ("17", "112", "114", "15", "3114", "119", "3018")),
    ],
)
def test_each_text_names_its_numbers_in_both_registers(
    knowledge: Knowledge, level: str, numbers: tuple[str, ...]
) -> None:
    message = emergency(knowledge)[level]
    for text in message.text.variants.values():
        assert all(number in text for number in numbers)


@pytest.mark.parametrize("name", ["panne", "trop_vite", "trop_gros", "illisible", "groupe", "chiffre", "aide"])
def test_whoever_cannot_be_answered_gets_the_five_numbers(knowledge: Knowledge, name: str) -> None:
    for text in knowledge.messages[name].text.variants.values():
        assert {"17", "112", "114", "3114", "3018"} <= set(re.findall(r"\b\d{2,4}\b", text))


def test_every_number_that_is_written_outside_of_the_data_is_that_of_a_service(knowledge: Knowledge) -> None:
    services = knowledge.services.values()
    known = {number for service in services for number in (service.phone, service.sms) if number}
    assert set(re.findall(r"\b\d{2,4}\b", NUMBERS)) <= known
