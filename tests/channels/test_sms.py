"""What is Twilio's own, against a stand-in that follows its documentation; never Twilio itself."""

import base64

from tests.channels import golden
from tests.channels.platforms import Bot, Door, Kept, Platform
from tests.channels.stubs import PERSON, SIGNING, STUBS, TOKEN, scene, sms

STUB = STUBS["sms"]


def test_a_message_is_answered_to_its_number() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(*STUB.request("on m'insulte")) == 200
        [(path, body, headers)] = platform.calls
        assert path == "/Accounts/AC1/Messages.json"
        assert base64.b64decode(headers["Authorization"].partition(" ")[2]).decode() == f"AC1:{TOKEN}"
        assert body == {"To": f"+{PERSON}", "From": "+33700000000", "Body": "Réponse 1."}

    scene(STUB, play)


def test_choices_are_numbered_and_a_number_answers() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await entrance.post(*STUB.request("bonjour"))
        assert "\n2. " in STUB.text(platform.bodies()[0])
        await entrance.post(*STUB.request("2", 2))
        assert bot.texts[1] == '/repondre{"profil": "parent"}'

    scene(STUB, play, bot=Bot([[golden.question("profil")]]), agent=Kept(requested_slot="profil"))


def test_a_picture_is_not_read() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        picture = sms("", NumMedia="1", MediaUrl0="https://exemple.fr/image")
        assert await entrance.post(*STUB.sign(picture, SIGNING)) == 200
        assert not bot.heard
        assert "Je ne lis que le texte" in STUB.text(platform.bodies()[0])

    scene(STUB, play)


def test_an_at_sign_that_a_carrier_changed_is_read_right() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await entrance.post(*STUB.request("il écrit de alix¡exemple.fr"))
        assert bot.texts == ["il écrit de alix@exemple.fr"]

    scene(STUB, play)
