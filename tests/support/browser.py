"""A headless Chromium without JavaScript, driven over WebDriver with the standard library alone.

    with Browser(folder, language="fr-FR") as browser:
        browser.open(url)
        browser.type("#user", "lea")
        browser.click("main button")
"""

import base64
import json
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

START_SECONDS_MAX = 60
ANSWER_SECONDS_MAX = 60
WAIT_SECONDS_MAX = 20
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key that WebDriver gives an element


class Failed(Exception):
    """A command of WebDriver was not done."""


def missing():
    """Why there is no browser here; none when there is one."""
    for name in ("chromium", "chromedriver"):
        if not shutil.which(name):
            return f"{name} is not installed"
    return None


class Browser:
    def __init__(self, folder, language="fr-FR", width=1280, height=900, dark=False):
        self.folder = pathlib.Path(folder)
        self.language = language
        self.size = (width, height)
        self.dark = dark
        self.driver = None
        self.session = ""

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "chromedriver.log", "ab") as log:
            self.driver = subprocess.Popen(
                ["chromedriver", f"--port={port}"], stdout=log, stderr=log,
                env={"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "LANGUAGE": self.language},
            )  # fmt: skip
        self.base = f"http://127.0.0.1:{port}"
        try:
            self._wait_for_driver()
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait_for_driver(self):
        until = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < until:
            try:
                if self._ask("GET", "/status")["ready"]:
                    return
            except OSError:
                time.sleep(0.05)
        raise Failed("chromedriver does not start")

    def _begin(self):
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--disable-extensions", "--no-first-run", f"--lang={self.language}",
            f"--user-data-dir={self.folder / 'profile'}",
            f"--window-size={self.size[0]},{self.size[1]}",
        ]  # fmt: skip
        if self.dark:
            arguments.append("--force-dark-mode")
        options = {"args": arguments, "prefs": {"intl.accept_languages": self.language}}
        logs = {"performance": "ALL", "browser": "ALL"}
        always = {"goog:chromeOptions": options, "goog:loggingPrefs": logs}
        wanted = {"capabilities": {"alwaysMatch": always}}
        self.session = "/session/" + self._ask("POST", "/session", wanted)["sessionId"]
        self.set_width(self.size[0])
        self.set_scripts(False)

    def __exit__(self, *_):
        if self.session:
            try:
                self._ask("DELETE", self.session)
            except (OSError, Failed):
                pass
        if self.driver:
            self.driver.terminate()
            self.driver.wait()

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS_MAX) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as refused:
            said = json.load(refused)["value"]
            raise Failed(f"{path}: {said['error']}: {said['message'][:300]}") from refused

    def command(self, method, path, body=None):
        return self._ask(method, self.session + path, body if method != "POST" else body or {})

    def devtools(self, name, parameters):
        return self.command("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def set_width(self, width):
        metrics = {
            "width": width, "height": self.size[1], "deviceScaleFactor": 1, "mobile": False,
        }  # fmt: skip
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)

    # --- what a person does

    def open(self, url):
        self.command("POST", "/url", {"url": url})

    def find(self, selector):
        return self.command("POST", "/element", {"using": "css selector", "value": selector})[
            ELEMENT
        ]

    def has(self, selector):
        found = self.command("POST", "/elements", {"using": "css selector", "value": selector})
        return bool(found)

    def type(self, selector, text):
        element = self.find(selector)
        self.command("POST", f"/element/{element}/clear")
        self.command("POST", f"/element/{element}/value", {"text": text})

    def choose(self, selector, path):
        """A file of this machine, for a field that takes one."""
        element = self.find(selector)
        self.command("POST", f"/element/{element}/value", {"text": str(path)})

    def click(self, selector):
        self.command("POST", f"/element/{self.find(selector)}/click")

    def press(self, key):
        """Types one key wherever the focus is."""
        keys = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        board = {"type": "key", "id": "board", "actions": keys}
        self.command("POST", "/actions", {"actions": [board]})

    def set_scripts(self, allowed):
        """Whether pages may run any; they may not, unless a test looks at one with a script."""
        self.devtools("Emulation.setScriptExecutionDisabled", {"value": not allowed})

    # --- what a person sees

    @property
    def address(self):
        return self.command("GET", "/url")

    @property
    def title(self):
        return self.command("GET", "/title")

    def text(self, selector="main"):
        return self.command("GET", f"/element/{self.find(selector)}/text")

    def attribute(self, selector, name):
        return self.command("GET", f"/element/{self.find(selector)}/attribute/{name}")

    def ask_page(self, script):
        """The value of an expression; the driver may ask although the page may run nothing."""
        said = self.devtools("Runtime.evaluate", {"expression": script, "returnByValue": True})
        if "exceptionDetails" in said:
            raise Failed(json.dumps(said["exceptionDetails"])[:500])
        return said["result"].get("value")

    def wait_until(self, happens, what):
        until = time.monotonic() + WAIT_SECONDS_MAX
        while not self._holds(happens):
            if time.monotonic() > until:
                raise Failed(f"never: {what}; at {self.address}: {self.text()[:500]}")
            time.sleep(0.05)

    @staticmethod
    def _holds(happens):
        """Between two pages there is nothing to look at."""
        try:
            return happens()
        except Failed:
            return False

    def blocked(self):
        """What the Content-Security-Policy of a page has stopped since the last call."""
        said = self.command("POST", "/se/log", {"type": "browser"})
        return [each["message"] for each in said if "Content Security Policy" in each["message"]]

    def redirects(self):
        """Where answers since the last call have sent the browser, in order."""
        found = []
        for line in self.command("POST", "/se/log", {"type": "performance"}):
            event = json.loads(line["message"])["message"]
            headers = event.get("params", {}).get("headers", {})
            if event["method"] == "Network.responseReceivedExtraInfo":
                found += [value for key, value in headers.items() if key.lower() == "location"]
        return found

    def picture(self, path):
        """The whole page as PNG."""
        shot = self.devtools(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True}
        )
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))
        # Chromium has laid the page out for it, and clicks would go by that.
        self.set_width(self.size[0] + 1)
        self.set_width(self.size[0])
