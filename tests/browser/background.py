"""Tabs of which one hides the others, as for people: Playwright tells every page that it is looked at.

They are opened and spoken to below Playwright, in its browser, over the DevTools protocol.
"""

import itertools
import json
import time

from playwright.sync_api import Browser

PATIENCE = 10  # seconds


class Window:
    """A window with tabs, and a jar of its own."""

    def __init__(self, browser: Browser) -> None:
        self.cdp = browser.new_browser_cdp_session()
        self._context = self.cdp.send("Target.createBrowserContext")["browserContextId"]

    def open(self, url: str) -> "Tab":
        """Open a tab in front of the others."""
        target = self.cdp.send("Target.createTarget", {"url": url, "browserContextId": self._context})
        return Tab(self.cdp, target["targetId"])

    def close(self) -> None:
        """Close all tabs, and forget the jar."""
        self.cdp.send("Target.disposeBrowserContext", {"browserContextId": self._context})
        self.cdp.detach()


class Tab:
    """One tab."""

    def __init__(self, cdp, target: str) -> None:
        self._cdp = cdp
        self._target = target
        self._session = cdp.send("Target.attachToTarget", {"targetId": target, "flatten": False})["sessionId"]
        self._numbers = itertools.count(1)
        self._answers = {}
        cdp.on("Target.receivedMessageFromTarget", self._receive)

    def bring_to_front(self) -> None:
        """Let this tab be looked at, and the others no more."""
        self._cdp.send("Target.activateTarget", {"targetId": self._target})
        self.wait_for("!document.hidden")

    def press(self, key: str) -> None:
        """Press a key, as a person does."""
        for kind in ("keyDown", "keyUp"):
            self._send("Input.dispatchKeyEvent", {"type": kind, "key": key, "text": key})

    def freeze(self) -> None:
        """Stop the tab, as a browser does that is short of memory."""
        self._send("Page.setWebLifecycleState", {"state": "frozen"})

    def thaw(self) -> None:
        """Let it go on."""
        self._send("Page.setWebLifecycleState", {"state": "active"})

    def evaluate(self, expression: str):
        """Return what an expression of JavaScript is, or comes to be; None while the page is none yet."""
        options = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        result = self._send("Runtime.evaluate", options)
        assert "exceptionDetails" not in result, result
        return result.get("result", {}).get("value")

    def wait_for(self, expression: str, seconds: float = PATIENCE) -> None:
        """Wait until an expression is true."""
        until = time.monotonic() + seconds
        while not self.evaluate(f"!!({expression})"):
            assert time.monotonic() < until, f"still not: {expression}"

    def _send(self, method: str, options: dict) -> dict:
        number = next(self._numbers)
        message = json.dumps({"id": number, "method": method, "params": options})
        self._cdp.send("Target.sendMessageToTarget", {"sessionId": self._session, "message": message})
        until = time.monotonic() + PATIENCE
        while number not in self._answers:
            assert time.monotonic() < until, f"no answer to {method}"
            self._cdp.send("Target.getTargetInfo", {"targetId": self._target})  # receives, meanwhile
        return self._answers.pop(number).get("result", {})  # or an error: the page is on its way

    def _receive(self, event: dict) -> None:
        message = json.loads(event["message"])
        if event["sessionId"] == self._session and "id" in message:
            self._answers[message["id"]] = message
