"""What an operator may set for the website, and what is refused with a clear word."""

import pytest

from boussole.channels.settings import VARIABLES, WebSettings, read_settings
from boussole.triage.knowledge import PROJECT


def test_without_settings_no_other_site_may_call() -> None:
    assert read_settings(None, {}) == WebSettings()
    assert read_settings({}, {}).origins == frozenset()


def test_credentials_are_read() -> None:
    given = {"origins": ["https://www.mairie.example", "http://localhost:8000/"], "proxies": 1, "per_address": 60}
    assert read_settings(given, {}) == WebSettings(
        frozenset({"https://www.mairie.example", "http://localhost:8000"}), proxies=1, per_address=60
    )


def test_the_environment_goes_before_the_file() -> None:
    environment = {"BOUSSOLE_ORIGINS": "https://a.example, https://B.example", "BOUSSOLE_PER_CONVERSATION": "5"}
    settings = read_settings({"origins": ["https://c.example"], "per_conversation": 9}, environment)
    assert settings.origins == {"https://a.example", "https://b.example"}
    assert settings.per_conversation == 5


def test_every_site_can_be_allowed() -> None:
    assert read_settings({"origins": "*"}, {}).origins == {"*"}


@pytest.mark.parametrize(
    "origin",
    ["www.mairie.example", "https://*.example", "https://a.example/chat", "null", "ftp://a.example", "https://"],
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="is not like https://"):
        read_settings({"origins": [origin]}, {})


@pytest.mark.parametrize(("name", "value"), [("proxies", -1), ("per_address", 0), ("per_conversation", "beaucoup")])
def test_a_number_that_cannot_be_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        read_settings({name: value}, {})


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="no such setting: origine"):
        read_settings({"origine": []}, {})


def test_every_setting_is_documented() -> None:
    page = (PROJECT / "docs" / "widget.md").read_text(encoding="utf-8")
    assert not [word for pair in VARIABLES.items() for word in pair if f"`{word}`" not in page]
