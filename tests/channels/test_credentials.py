"""credentials.yml: every channel that it proposes starts once its « # » are taken away and its variables are set."""

import re
from pathlib import Path

import pytest
from rasa.shared.utils.io import read_config_file

from boussole.channels.connectors import MattermostDeskInput, MessengerInput, SlackDeskInput, SmsInput
from boussole.channels.matrix import MatrixInput
from boussole.channels.operations import OperationsInput
from boussole.channels.rest import RestInput
from boussole.channels.telegram import TelegramInput
from boussole.channels.website import WebsiteInput
from boussole.channels.whatsapp import WhatsAppInput
from boussole.triage.knowledge import PROJECT

CLASSES = {
    f"{channel.__module__}.{channel.__name__}": channel
    for channel in (
        RestInput, WebsiteInput, MatrixInput, TelegramInput, WhatsAppInput, MessengerInput, SlackDeskInput,
        MattermostDeskInput, SmsInput, OperationsInput,
    )
}  # fmt: skip
CREDENTIALS = (PROJECT / "credentials.yml").read_text(encoding="utf-8")
VARIABLES = sorted(set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", CREDENTIALS)))
# The lines that are settings behind their « # », and not words.
OPENED = re.sub(r"^# (?=boussole\.|  )", "", CREDENTIALS, flags=re.MULTILINE)


def test_every_channel_proposed_starts_once_uncommented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        if variable.startswith("BOUSSOLE_"):
            continue
        monkeypatch.setenv(variable, f"https://exemple.fr/{variable}")
    monkeypatch.setenv("BOUSSOLE_CLE", "c" * 32)
    monkeypatch.setenv("BOUSSOLE_ETAT", str(tmp_path))
    (tmp_path / "credentials.yml").write_text(OPENED, encoding="utf-8")
    settings = read_config_file(tmp_path / "credentials.yml")
    channels = [CLASSES[name].from_credentials(own) for name, own in settings.items()]
    names = [channel.name() for channel in channels]
    messengers = ["matrix", "telegram", "whatsapp", "facebook", "slack", "mattermost", "twilio"]
    assert names == ["rest", "website", *messengers, OperationsInput.name()]
    assert all(channel.blueprint(lambda _: None) for channel in channels)


def test_every_channel_and_variable_is_documented() -> None:
    guide = (PROJECT / "docs" / "canaux.md").read_text(encoding="utf-8")
    channels = re.findall(r"boussole\.channels\.\w+\.\w+", CREDENTIALS)
    # The website's settings have a page of their own, for those who embed it; the operator's tools too.
    elsewhere = ("rest", "website", "operations")
    messengers = [name for name in channels if name.split(".")[2] not in elsewhere]
    variables = [name for name in VARIABLES if not name.startswith("BOUSSOLE_")]
    assert [name for name in (*messengers, *variables, "BOUSSOLE_CLE", "BOUSSOLE_ETAT") if name not in guide] == []


def test_no_secret_is_written_in_the_repository() -> None:
    settings = re.findall(r"^#?\s+([\w-]*(?:token|secret|sid)[\w-]*): (.*)$", CREDENTIALS, re.MULTILINE)
    assert settings
    assert all(re.fullmatch(r"\$\{[A-Z_]+\}", value) for _, value in settings)
