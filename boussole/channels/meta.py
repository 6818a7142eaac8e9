"""What WhatsApp and Messenger share, both being Meta's: the signature, the declaration of the webhook, the errors.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from boussole.channels.api import Answer, Api
from boussole.channels.desk import Desk
from boussole.channels.rest import OnNewMessage
from boussole.channels.webhook import WebhookInput, same_secret, signature_holds, value_at

logger = logging.getLogger(__name__)

API = "https://graph.facebook.com/v23.0"
SIGNATURE_HEADER = "X-Hub-Signature-256"
# Seconds after a person's message in which a business may answer freely.
WINDOW = 24 * 3600
# Bytes: Meta gathers messages when it is behind, up to here.
BODY_LIMIT = 3 * 1024 * 1024
_TIME = re.compile(r"[0-9]{1,15}")
# Of Meta's error codes, those that say to try again: too many calls, or out of order.
_BUSY_CODES = frozenset({1, 2, 4, 17, 32, 613, 1200, 80006, 80007, 130429, 131000, 131016, 131056, 133004})


class MetaInput(WebhookInput):
    """A webhook that Meta signs and verifies."""

    body_limit: ClassVar[int] = BODY_LIMIT

    def __init__(
        self,
        desk: Desk,
        token: str,
        app_secret: str,
        verify_token: str,
        api: str = API,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make the channel.

        Args:
            desk: answers the messages.
            token: the access token with which messages are sent.
            app_secret: the application's secret, with which Meta signs.
            verify_token: what was typed into Meta's page when the webhook was declared.
            api: the address of the Graph API with its version.
            clock: seconds since 1970.
        """
        super().__init__(desk, Api(api, {"Authorization": f"Bearer {token}"}))
        self._app_secret = app_secret
        self._verify_token = verify_token
        self._clock = clock

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return the routes, with that of the webhook's verification."""
        webhook = super().blueprint(on_new_message)

        @webhook.route("/webhook", methods=["GET"])
        async def verify(request: Request) -> HTTPResponse:
            right = same_secret(request.args.get("hub.verify_token"), self._verify_token)
            if request.args.get("hub.mode") != "subscribe" or not right:
                logger.warning("%s: a verification without the right token was refused", self.name())
                return response.empty(403)
            return response.text(request.args.get("hub.challenge") or "")

        return webhook

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Check Meta's signature."""
        return signature_holds(headers.get(SIGNATURE_HEADER), body, self._app_secret)

    def is_too_late(self, stamp: str | int | None, units: int = 1) -> bool:
        """Tell whether a message of then can no longer be answered; the log says so.

        Args:
            stamp: when it was sent, since 1970, as Meta writes it; one that is no time is not too late.
            units: in how many parts of a second.
        """
        if not _TIME.fullmatch(str(stamp)):
            return False
        late = self._clock() - int(str(stamp)) / units > WINDOW
        if late:
            logger.warning("%s: a message of more than 24 hours ago can no longer be answered", self.name())
        return late

    def check(self, answer: Answer) -> None:
        """Do nothing when Meta took the message.

        Raises:
            BusyError: too many calls, or Meta is out of order.
            RefusedError: any other answer than yes, such as the end of the 24 hours.
        """
        if answer.status == 200:
            return
        code: Any = value_at(answer.body, "error", "code")
        answer.check(f"error {code if isinstance(code, int) else 'unknown'}", busy=code in _BUSY_CODES)
