"""A page in a real headless Chromium, driven through the DevTools protocol.

Protocol: https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--window-size=1280,900",
)
KEYS = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Escape": 27, "Enter": 13, "Tab": 9, "l": 76}


class Page:
    """One tab: `problems` collects console errors and exceptions, `requests` every address that it asked for."""

    def __init__(self, socket: Any) -> None:
        self.problems: list[str] = []
        self.requests: list[str] = []
        self._loaded = False
        self._socket = socket
        self._number = 0
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command's result; events that arrive before it are noted."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=60))
            if message.get("id") == self._number:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]
            self._note(message)

    def _note(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        match event.get("method"):
            case "Runtime.exceptionThrown":
                details = parameters["exceptionDetails"]
                self.problems.append(details.get("exception", {}).get("description", details["text"]))
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning", "assert"):
                self.problems.append(str([argument.get("value") for argument in parameters["args"]]))
            case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                self.problems.append(parameters["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
            case "Page.loadEventFired":
                self._loaded = True

    def open(self, page: Path | str, timeout: float = 30) -> None:
        """Load a file, or an address, and wait until it and its pictures are there."""
        self._loaded = False
        self.send("Page.navigate", url=page if isinstance(page, str) else page.resolve().as_uri())
        end = time.monotonic() + timeout
        while not self._loaded:
            assert time.monotonic() < end, f"{page} did not load in {timeout} s"
            self.evaluate("0")
            time.sleep(0.02)

    def evaluate(self, code: str) -> Any:
        """The JSON value of a JavaScript expression; a promise is waited for."""
        result = self.send("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, f"{code}: {result['exceptionDetails']}"
        return result["result"].get("value")

    def settle(self) -> None:
        """Wait until what was asked for is drawn."""
        self.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")

    def wait_for(self, code: str, timeout: float = 10) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + timeout
        while not self.evaluate(f"Boolean({code})"):
            assert time.monotonic() < end, f"not within {timeout} s: {code}"
            time.sleep(0.03)

    def press(self, key: str) -> None:
        """A key goes down and up."""
        text = {"text": "\r"} if key == "Enter" else {"text": key} if len(key) == 1 else {}
        common = {"key": key, "code": f"Key{key.upper()}" if len(key) == 1 else key, "windowsVirtualKeyCode": KEYS[key]}
        self.send("Input.dispatchKeyEvent", type="keyDown", **common, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)
        self.settle()

    def click(self, selector: str) -> None:
        """Press the mouse in the middle of the first element that matches."""
        box = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({ block: 'nearest' });"
            " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)
        self.settle()

    def type(self, selector: str, text: str) -> None:
        """Put the keyboard into a field and write."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        self.send("Input.insertText", text=text)
        self.settle()

    def resize(self, width: int, height: int, mobile: bool = False) -> None:
        """The window's size in CSS pixels; `mobile` is a telephone: fingers, and bars that lie over the page."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        self.send("Emulation.setTouchEmulationEnabled", enabled=mobile)

    def screenshot(self, path: Path, whole: bool = False) -> None:
        """The window's picture as PNG; `whole`: the page's, down to its end."""
        shown = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **self._clip(whole))
        path.write_bytes(base64.b64decode(shown["data"]))

    def _clip(self, whole: bool) -> dict[str, Any]:
        if not whole:
            return {}
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}


@contextmanager
def chromium(*flags: str) -> Iterator[Page]:
    """A fresh browser with one empty page; `flags` beside those that every one gets."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, _process(Path(folder), flags) as process:
        address = _address(Path(folder), process)
        with connect(address, max_size=None) as browser, connect(_tab(browser, address), max_size=None) as socket:
            yield Page(socket)


@contextmanager
def _process(profile: Path, flags: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    assert CHROMIUM
    command = [CHROMIUM, *FLAGS, *flags, f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=20)


def _address(profile: Path, process: subprocess.Popen[bytes]) -> str:
    """Where the browser listens; it writes that to a file in its profile once it does."""
    port_file = profile / "DevToolsActivePort"
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        lines = port_file.read_text().split() if port_file.is_file() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise RuntimeError("Chromium did not start within a minute")


def _tab(browser: Any, address: str) -> str:
    """Where the browser's only page listens."""
    browser.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
    while (message := json.loads(browser.recv(timeout=60))).get("id") != 1:
        continue
    target = next(t["targetId"] for t in message["result"]["targetInfos"] if t["type"] == "page")
    return f"{address.split('/devtools/')[0]}/devtools/page/{target}"
