"""What the bot says in one turn, kept as it said it."""

from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel


class WholeMessages(CollectingOutputChannel):
    """Keeps each message whole: Rasa's own would part the text from the choices and the object that go with it."""

    @classmethod
    def name(cls) -> str:
        """Return the name that Rasa gives to this output."""
        return "whole"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep ``message``: its ``text``, ``buttons`` and ``custom`` object (contract.md, section 4)."""
        self.messages.append({**message, "recipient_id": recipient_id})
