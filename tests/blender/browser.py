"""A real Chromium without a window, driven over its DevTools protocol."""

import base64
import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

WIDTH, HEIGHT = 1280, 800
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    f"--window-size={WIDTH},{HEIGHT}",
)


class Tab:
    """One page."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection, self._count = connection, 0
        self._call("Page.enable")
        self._call("Emulation.setDeviceMetricsOverride", width=WIDTH, height=HEIGHT, deviceScaleFactor=1, mobile=False)

    def open(self, url: str) -> None:
        self._call("Page.navigate", url=url)

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        done = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def text(self) -> str:
        return self.evaluate("document.body ? document.body.innerText : ''")

    def click(self, x: float, y: float, shift: bool = False) -> None:
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            button = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, modifiers=8 * shift, **button)
            time.sleep(0.05)

    def type_with_control(self, letter: str) -> None:
        """Press a letter's key while Control is held."""
        for kind in ("rawKeyDown", "keyUp"):
            key = {"key": letter.lower(), "code": f"Key{letter}", "windowsVirtualKeyCode": ord(letter)}
            self._call("Input.dispatchKeyEvent", type=kind, modifiers=2, **key)

    def press(self, label: str) -> None:
        """Click on the button that is seen and whose text begins so."""
        fits = f"b.offsetParent && b.innerText.trim().startsWith({json.dumps(label)})"
        find = f"[...document.querySelectorAll('button')].find(b => {fits})"
        self.wait_for(f"!!{find}", f"a button {label!r}")
        box = self.evaluate(
            f"(() => {{ const b = {find}; b.scrollIntoView({{block: 'center'}}); const r = b.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        self.click(*box)

    def wait_for(self, expression: str, what: str, seconds: float = 60) -> None:
        """Wait until a JavaScript expression is true."""
        wait_until(lambda: bool(self.evaluate(expression)), what, seconds)

    def picture(self) -> bytes:
        """What the window shows, as PNG."""
        return base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def _call(self, method: str, **parameters: Any) -> Any:
        self._count += 1
        self._connection.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=60))
            if message.get("id") == self._count:
                assert "error" not in message, message["error"]
                return message["result"]


@contextmanager
def chromium(profile: Path) -> Iterator[Tab]:
    """A tab of a fresh browser; skips the test where none is installed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium here: the page is only tested where one is installed")
    profile.mkdir(exist_ok=True)
    log = profile / "stderr.txt"
    with log.open("w") as errors:
        browser = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"], stdout=errors, stderr=errors
        )
    try:
        wait_until(lambda: "DevTools listening" in log.read_text(), "the browser")
        found = re.search(r"ws://([^/]+)/", log.read_text())
        assert found
        with connect(_first_page(found[1]), max_size=None) as connection:
            yield Tab(connection)
    finally:
        browser.terminate()
        browser.wait(20)


def _first_page(host: str) -> str:
    with urllib.request.urlopen(f"http://{host}/json/list", timeout=20) as answer:
        targets = json.load(answer)
    return next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page")


def wait_until(true: Any, what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what}: waited {seconds} s in vain"
        time.sleep(0.1)
