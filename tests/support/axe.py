"""axe-core: a script that knows the rules of accessible pages and names what breaks them."""

import json
import pathlib
import shutil
import subprocess

FOLDER = pathlib.Path(__file__).resolve().parent / "axe"
INSTALL_SECONDS_MAX = 300
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Missing(Exception):
    """It cannot be had here; the text says why."""


class Axe:
    """Installed into `folder` at the version of the lock file."""

    def __init__(self, folder):
        npm = shutil.which("npm")
        if not npm:
            raise Missing("npm is not installed")
        shutil.copytree(FOLDER, folder)
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=INSTALL_SECONDS_MAX, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Missing(f"npm ci failed: {done.stdout.strip()[:200]}")
        script = folder / "node_modules" / "axe-core" / "axe.min.js"
        self.script = script.read_text(encoding="utf-8")

    def violations(self, browser):
        """["rule: element", ...] of the page that the browser shows."""
        options = json.dumps({"runOnly": RULES, "resultTypes": ["violations"]})
        browser.set_scripts(True)
        try:
            browser.ask_page(self.script + ";1")
            found = browser.devtools(
                "Runtime.evaluate",
                {
                    "expression": f"axe.run(document, {options}).then((r) => JSON.stringify("
                    "r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html).join(' '))))",
                    "returnByValue": True,
                    "awaitPromise": True,
                },
            )
        finally:
            browser.set_scripts(False)
        return json.loads(found["result"]["value"])
