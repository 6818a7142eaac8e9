"""Custom actions in Rasa's own process, behind the interface of Rasa's action endpoint."""

import json
import logging
from typing import Any

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from boussole.serving import metrics
from boussole.serving.failures import report_failure

logger = logging.getLogger(__name__)


class InProcessActions(EndpointConfig):
    """An action endpoint that runs the actions of a package instead of calling a server.

    Requests and results go through JSON as they would over HTTP, so an action cannot reach into
    Rasa's objects, and works the same with ``rasa run actions``.
    """

    def __init__(self, package: str = "actions") -> None:
        """Register the actions of ``package``.

        Raises:
            SystemExit: the package cannot be imported; the SDK has logged why.
        """
        super().__init__(url="inprocess://actions")
        self._executor = ActionExecutor()
        # The SDK logs one line for each action that it registers.
        logging.getLogger("rasa_sdk.executor").setLevel(logging.WARNING)
        self._executor.register_package(package)

    async def request(
        self, method: str = "post", subpath: str | None = None, content_type: str | None = None,
        compress: bool = False, **kwargs: Any,
    ) -> Any:  # fmt: skip
        """Run the action that ``kwargs["json"]`` asks for and return its events and responses.

        Raises:
            ClientResponseError: 400 when the action rejects its execution, 404 when there is none of that
                name, as the HTTP action server answers.
        """
        call = json.loads(json.dumps(kwargs["json"]))
        try:
            result = await self._executor.run(call)
        except ActionExecutionRejection as error:
            body = json.dumps({"error": str(error), "action_name": error.action_name})
            raise ClientResponseError(400, str(error), body) from error
        except ActionNotFoundException as error:
            report_failure(error)
            body = json.dumps({"error": str(error), "action_name": error.action_name})
            raise ClientResponseError(404, str(error), body) from error
        except Exception as error:
            report_failure(error)
            logger.error("action %s failed: %s", call.get("next_action"), type(error).__name__)
            raise ClientResponseError(500, type(error).__name__, "") from error
        plain = json.loads(json.dumps(result))
        metrics.count_action(call["next_action"], plain["responses"])
        return plain
