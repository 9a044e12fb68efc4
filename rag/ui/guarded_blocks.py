"""Gradio's page, without what it would print; its import takes seconds: import it late."""

from __future__ import annotations

import logging
from typing import Any

from rag.ui.gradio_quickly import gr

logger = logging.getLogger(__name__)

_REFUSAL = (
    "the request does not have what this function takes; /gradio_api/info says what that is"
)


class GuardedBlocks(gr.Blocks):
    """A page that refuses what its functions cannot take in a sentence.

    Gradio would print a traceback, with all that was sent, for everybody's malformed request.
    """

    async def process_api(self, *given: Any, **named: Any) -> dict[str, Any]:
        """Call a function of the page with what was sent. Raises gr.Error only."""
        try:
            return await super().process_api(*given, **named)
        except gr.Error:
            raise
        except Exception as error:
            logger.warning("a request was refused: %s", type(error).__name__)
            raise gr.Error(_REFUSAL, print_exception=False) from None
