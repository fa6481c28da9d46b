"""The desktop application itself signs in: log-in flow v2, consent in Chromium, then a sync.

It runs on a screen of its own (Xvfb). What it opens a browser with is a script of this test that
only notes the address. A picture of its window is kept in build/test/desktop/.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import report as reports
from browser import Browser
from essaim_server import Server, scratch

PICTURES = pathlib.Path(__file__).resolve().parents[2] / "build" / "test" / "desktop"
PROGRAMS = (
    "nextcloud", "Xvfb", "dbus-run-session", "xdotool", "xwdtopnm", "pnmtopng",
    "chromium", "chromedriver",
)  # fmt: skip
WAIT_SECONDS_MAX = 120  # it asks for its password every 30 seconds


def wait(happens, what):
    until = time.monotonic() + WAIT_SECONDS_MAX
    while not happens():
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.2)


class Screen:
    """An X server without a screen, on a display number that it chooses.

    It keeps its picture in a file: asking the server for it (xwd) fails when a window closes
    meanwhile.
    """

    def __init__(self, folder):
        self.folder = folder / "screen"

    def __enter__(self):
        self.folder.mkdir()
        reading, writing = os.pipe()
        self.process = subprocess.Popen(
            [
                "Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24",
                "-fbdir", str(self.folder),
            ],
            pass_fds=[writing], stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(writing)
        with os.fdopen(reading) as said:
            self.display = ":" + said.readline().strip()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def picture(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        dump = (self.folder / "Xvfb_screen0").read_bytes()
        for command in (["xwdtopnm"], ["pnmtopng"]):
            dump = subprocess.run(
                command, input=dump, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
            ).stdout
        path.write_bytes(dump)


class Desktop:
    """The application, with a home and a configuration of its own."""

    def __init__(self, folder, screen, url):
        self.opened = folder / "opened"
        self.folder = folder / "files"
        self.screen = screen
        programs = folder / "bin"
        home = folder / "home"
        programs.mkdir()
        home.mkdir(mode=0o700)
        script = programs / "xdg-open"
        script.write_text(f'#!/bin/sh\necho "$1" >> "{self.opened}"\n', encoding="utf-8")
        script.chmod(0o755)
        self.environment = {
            "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "DISPLAY": screen.display,
            "PATH": f"{programs}:/usr/bin:/bin", "BROWSER": str(script), "LANG": "C.UTF-8",
        }  # fmt: skip
        with open(folder / "desktop.out", "wb") as out:
            self.process = subprocess.Popen(
                [
                    "dbus-run-session", "--", "nextcloud", "--confdir", str(folder / "conf"),
                    "--logfile", str(folder / "desktop.log"), "--logdebug",
                    "--overrideserverurl", url, "--overridelocaldir", str(self.folder),
                ],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip

    def address(self):
        wait(lambda: self.opened.exists() and self.opened.read_text().strip(), "a page is opened")
        return self.opened.read_text().split()[0]

    def press(self, key):
        subprocess.run(["xdotool", "key", key], env=self.environment, check=True)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def agree(server, lea, address):
    with Browser(server.folder / "browser", "fr-FR") as browser:
        browser.open(address)
        browser.click("main button")
        browser.wait_until(lambda: browser.has("#password"), "the log-in page")
        browser.type("#user", lea.uid)
        browser.type("#password", lea.password)
        browser.click("main button")
        browser.wait_until(lambda: "Autoriser" in browser.title, "the consent page")
        assert "Desktop Client" in browser.text(), browser.text()
        browser.click("main button")
        browser.wait_until(lambda: "C’est fait" in browser.title, "the last page")


def asked(server, path, status):
    return any(
        line["path"] == path and line["status"] == status for line in server.requests()
    )


def run(report, server, screen):
    space = server.create_space("voile")
    lea = server.add_member(space, "lea")
    lea.dav().put("Bienvenue à bord.txt", b"bon vent")
    desktop = Desktop(server.folder, screen, space.url)
    try:
        with report.case("it opens the link of a flow, and is given its password"):
            agree(server, lea, desktop.address())
            wait(lambda: asked(server, "/index.php/login/v2/poll", "200"), "the poll is answered")
            wait(lambda: asked(server, "/ocs/v1.php/cloud/user", "200"), "it asks who it is")
            tokens = server.command("member", "tokens", "--space", space.slug, "lea")
            assert "Desktop Client" in tokens, tokens
        with report.case("it syncs with that password"):
            # The last page of its assistant is there once it knows how large the files are.
            looked = ("/remote.php/dav/files/lea/", "207")
            wait(lambda: asked(server, *looked), "it looks at the files")
            screen.picture(PICTURES / "signed-in.png")
            there = desktop.folder / "Bienvenue à bord.txt"
            until = time.monotonic() + WAIT_SECONDS_MAX
            while not there.exists() and time.monotonic() < until:
                desktop.press("Return")
                time.sleep(2)
            screen.picture(PICTURES / "synchronised.png")
            assert there.read_bytes() == b"bon vent"
    finally:
        desktop.stop()


def main():
    report = reports.Report()
    absent = [name for name in PROGRAMS if not shutil.which(name)]
    if absent:
        report.skip("the desktop application signs in", f"not installed: {', '.join(absent)}")
        report.finish()
    with Server(scratch("desktop"), addresses=2) as server, Screen(server.folder) as screen:
        run(report, server, screen)
    report.finish()


main()
