"""What each channel shows for the same messages.

`python -m tests.channels.golden` writes the files again.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.case import Case
from actions.form import buttons
from actions.plan import utter_plan
from actions.reception import utter_alert
from boussole.channels.abilities import CHANNELS
from boussole.channels.renderer import Outgoing, render
from boussole.channels.rest import breakdown_text
from boussole.clock import VARIABLE
from boussole.triage.knowledge import load_knowledge

FOLDER = Path(__file__).parent / "golden"
MOMENT = "2026-11-23T07:30:00"
PARENT = {
    "danger": "non", "profil": "parent", "victime_mineure": "oui", "nature": ("insultes",), "cadre_scolaire": "oui",
    "contenu_public": "inconnu", "auteur_connu": "oui", "plateforme": "whatsapp", "plateforme_alertee": "oui",
    "reponse_plateforme": "attente", "un_mois_passe": "non", "date_signalement": "2026-11-01",
}  # fmt: skip


def examples() -> Mapping[str, list[dict[str, Any]]]:
    """Turns of the bot, by name, as an output channel receives them."""
    os.environ[VARIABLE] = MOMENT
    try:
        return {
            "accueil et première question": [said("accueil"), question("danger")],
            "question à quatre choix": [question("victime_mineure")],
            "question à quinze choix": [question("nature")],
            "alerte": [_uttered(lambda dispatcher, case: utter_alert(dispatcher, case, "suicide"))],
            "plan": [_uttered(utter_plan)],
            "panne": [{"text": breakdown_text()}],
        }
    finally:
        del os.environ[VARIABLE]


def said(name: str) -> dict[str, Any]:
    """A text of messages.yml."""
    return {"text": _case().message(name)}


def question(name: str) -> dict[str, Any]:
    """A question, with its choices."""
    case = _case()
    asked = case.knowledge.questions[name]
    return {
        "text": case.text(asked.text),
        "buttons": buttons(case, asked),
        "custom": {"type": "question", "id": name},
    }


def plan() -> dict[str, Any]:
    """A long plan."""
    [message] = examples()["plan"]
    return message


def alert() -> dict[str, Any]:
    """An emergency message."""
    [message] = examples()["alerte"]
    return message


def _case() -> Case:
    return Case(load_knowledge(), PARENT, minor_writer=False)


def _uttered(say: Any) -> dict[str, Any]:
    dispatcher = CollectingDispatcher()
    say(dispatcher, _case())
    [message] = dispatcher.messages
    return message


def page(channel: str) -> str:
    """Everything that a channel shows for the examples."""
    return "".join(
        f"######## {name}\n\n" + "\n".join(map(_draw, render(messages, CHANNELS[channel]))) + "\n"
        for name, messages in examples().items()
    )


def _draw(outgoing: Outgoing) -> str:
    lines = [f"--- message de {len(outgoing.text)} caractères", outgoing.text]
    if outgoing.options:
        lines.append("--- liste à ouvrir" if outgoing.as_list else "--- boutons")
    for option in outgoing.options:
        detail = f" ({option.detail})" if option.detail else ""
        lines.append(f"[{option.title}]{detail} -> {option.payload}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for name in CHANNELS:
        (FOLDER / f"{name}.txt").write_text(page(name), encoding="utf-8")
