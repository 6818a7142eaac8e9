"""credentials.yml: every channel that it proposes starts once its « # » are taken away and its variables are set."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.shared.utils.io import read_config_file

from boussole.channels.identity import MissingSecretError
from boussole.channels.matrix import MatrixInput
from boussole.channels.mattermost import MattermostInput
from boussole.channels.messenger import MessengerInput
from boussole.channels.operations import OperationsInput
from boussole.channels.rest import RestInput
from boussole.channels.slack import SlackInput
from boussole.channels.sms import SmsInput
from boussole.channels.telegram import TelegramInput
from boussole.channels.website import WebsiteInput
from boussole.channels.whatsapp import WhatsAppInput
from boussole.triage.knowledge import PROJECT

CLASSES = {
    f"{channel.__module__}.{channel.__name__}": channel
    for channel in (
        RestInput, WebsiteInput, MatrixInput, TelegramInput, WhatsAppInput, MessengerInput, SlackInput,
        MattermostInput, SmsInput, OperationsInput,
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
        monkeypatch.setenv(variable, f"valeur-de-{variable}")
    monkeypatch.setenv("BOUSSOLE_CLE", "c" * 32)
    monkeypatch.setenv("BOUSSOLE_ETAT", str(tmp_path))
    (tmp_path / "credentials.yml").write_text(OPENED, encoding="utf-8")
    settings = read_config_file(tmp_path / "credentials.yml")
    channels = [CLASSES[name].from_credentials(own) for name, own in settings.items()]
    names = [channel.name() for channel in channels]
    messengers = ["matrix", "telegram", "whatsapp", "facebook", "slack", "mattermost", "twilio"]
    assert names == ["rest", "website", *messengers, OperationsInput.name()]
    assert all(channel.blueprint(lambda _: None) for channel in channels)


@pytest.mark.parametrize(
    ("channel", "setting"),
    [
        (MessengerInput, "verify"), (MessengerInput, "secret"), (MessengerInput, "page-access-token"),
        (SlackInput, "slack_token"), (SlackInput, "slack_signing_secret"),
        (MattermostInput, "url"), (MattermostInput, "token"), (MattermostInput, "webhook_token"),
        (SmsInput, "account_sid"), (SmsInput, "auth_token"), (SmsInput, "twilio_number"), (SmsInput, "adresse"),
    ],
)  # fmt: skip
def test_without_what_a_check_needs_a_channel_does_not_start(channel: Any, setting: str) -> None:
    own = next(own for name, own in yaml.safe_load(OPENED).items() if name.endswith(channel.__name__))
    with pytest.raises(ValueError, match=f"« {setting} »"):
        channel.from_credentials({name: value for name, value in own.items() if name != setting})


def test_the_key_of_conversation_ids_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOUSSOLE_CLE", raising=False)
    own = {"url": "https://m.exemple.fr/api/v4", "token": "t", "webhook_token": "w"}
    with pytest.raises(MissingSecretError, match="BOUSSOLE_CLE"):
        MattermostInput.from_credentials(own)


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
