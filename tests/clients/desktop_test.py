"""The desktop application itself: it signs in, syncs, searches, shares and locks.

Log-in flow v2 with consent in Chromium, then its main window, its share dialog, and what file
managers ask of it. Pictures of its windows are kept in build/test/desktop/.
"""

import json
import pathlib
import re
import shutil
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import desktop as desktops
import report as reports
from browser import Browser
from desktop import WAIT_SECONDS_MAX, Desktop, Screen, wait
from essaim_server import Server, scratch

PICTURES = pathlib.Path(__file__).resolve().parents[2] / "build" / "test" / "desktop"
PROGRAMS = (*desktops.PROGRAMS, "chromium", "chromedriver")
NAME = "Bienvenue à bord.txt"
SHARES = "/ocs/v2.php/apps/files_sharing/api/v1/shares"
SHAREES = "/ocs/v2.php/apps/files_sharing/api/v1/sharees"
FORM = {"OCS-APIRequest": "true", "Content-Type": "application/x-www-form-urlencoded"}
# What it asks in vain, and why that is right.
REFUSED = {
    ("PROPFIND", "/remote.php/dav/files//", "401"): "it looks how one signs in",
    ("PUT", SHARES + "/*", "400"): "a password for a member",
}


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


class Scene:
    """Léa's application, and what the server and Marc see of it."""

    def __init__(self, server, screen):
        self.server = server
        self.screen = screen
        self.space = server.create_space("voile")
        self.lea = server.add_member(self.space, "lea")
        self.marc = server.add_member(self.space, "marc").dav()
        self.lea.dav().put(NAME, b"bon vent")
        self.marc.mkcol("Donné")
        self.marc.put("Donné/carte.txt", b"au large")
        fields = {"path": "/Donné", "shareType": 0, "shareWith": "lea"}
        given = self.marc.send("POST", SHARES, FORM, urllib.parse.urlencode(fields))
        assert given.done, given.text()
        self.marc.put("Espace commun/statuts.txt", b"article premier")
        self.began = server.mark()
        self.desktop = Desktop(server.folder, screen, self.space.url)
        self.file = self.desktop.folder / NAME

    def picture(self, name):
        self.screen.picture(PICTURES / f"{name}.png")

    def asked(self, method, path, status="200", since=0):
        return any(
            line["path"] == path and line["status"] == status
            for line in self.server.requests(since, [method])
        )

    def wait_asked(self, method, path, status="200", since=0):
        what = f"{method} {path} is answered {status}"
        wait(lambda: self.asked(method, path, status, since), what)

    def shares(self):
        """The shares of the file, as OCS tells them."""
        answer = self.lea.dav().send("GET", SHARES + "?format=json", FORM)
        return json.loads(answer.body)["ocs"]["data"]

    def wait_share(self, fits, what):
        return wait(lambda: [each for each in self.shares() if fits(each)], what)[0]


def sign_in(report, scene):
    with report.case("it opens the link of a flow, and is given its password"):
        wait(scene.desktop.pages, "a page is opened")
        agree(scene.server, scene.lea, scene.desktop.pages()[0])
        scene.wait_asked("POST", "/index.php/login/v2/poll")
        scene.wait_asked("GET", "/ocs/v1.php/cloud/user")
        tokens = scene.server.command("member", "tokens", "--space", scene.space.slug, "lea")
        assert "Desktop Client" in tokens, tokens
    with report.case("it syncs with that password"):
        # The last page of its assistant is there once it knows how large the files are.
        scene.wait_asked("PROPFIND", "/remote.php/dav/files/lea/", "207")
        scene.picture("signed-in")
        until = time.monotonic() + WAIT_SECONDS_MAX
        while not scene.file.exists() and time.monotonic() < until:
            scene.desktop.press("Return")
            time.sleep(2)
        scene.picture("synchronised")
        assert scene.file.read_bytes() == b"bon vent"
    with report.case("what somebody gave and the common folder are synced without asking"):
        for path, content in (("Donné/carte.txt", b"au large"),
                              ("Espace commun/statuts.txt", b"article premier")):  # fmt: skip
            wait((scene.desktop.folder / path).exists, f"{path} is there")
            assert (scene.desktop.folder / path).read_bytes() == content


def search(report, scene):
    with report.case("the search field of its main window finds a file"):
        scene.desktop.click("text", window="Nextcloud")
        scene.desktop.type("VENUE a")
        scene.wait_asked("GET", "/ocs/v2.php/search/providers/files/search")
        scene.desktop.see("label", NAME, window="Nextcloud")
        scene.picture("search")
        scene.desktop.click("label", NAME, window="Nextcloud")
        opened = wait(lambda: scene.desktop.pages()[1:], "what was found is opened")
        assert str(scene.desktop.folder) in opened[0], opened


def share(report, scene):
    desktop = scene.desktop
    with report.case("its share dialog gives a file to somebody found by name"):
        wait(lambda: "SHARE" in desktop.menu(scene.file), "the file can be shared")
        assert "COPY_PUBLIC_LINK" not in desktop.menu(scene.file), "there are no links"
        desktop.tell(f"SHARE:{scene.file}", "SHARE:OK")
        desktop.see("label", "Internal link")
        scene.picture("share-dialog")
        desktop.click("text")
        desktop.type("mar")
        scene.wait_asked("GET", SHAREES)
        desktop.see("list item", "marc")
        scene.picture("share-found")
        desktop.click("list item", "marc")
        scene.wait_asked("POST", SHARES)
        desktop.see("push button", after="marc")
        scene.picture("shared")
        assert scene.marc.get(NAME).body == b"bon vent"
        assert "W" in scene.marc.stat(NAME).permissions, scene.marc.stat(NAME)
    with report.case("it changes what was given: rights, an end, a note"):
        desktop.click("push button", after="marc")
        desktop.click("check box", "Allow editing")
        scene.wait_share(lambda share: share["permissions"] == 17, "Marc may only read")
        assert "W" not in scene.marc.stat(NAME).permissions, scene.marc.stat(NAME)
        desktop.click("check box", "Set expiration date")
        scene.wait_share(lambda share: share["expiration"], "the share ends")
        desktop.click("check box", "Note to recipient")
        scene.wait_share(lambda share: share["note"], "there is a note")
        scene.picture("share-changed")
    with report.case("it shows that a member needs no password"):
        desktop.click("check box", "Password protect")
        desktop.see("label", "What is shared with people has no password.")
        scene.picture("share-refused")
    with report.case("it takes back what was given"):
        desktop.click("push button", "Unshare")
        wait(lambda: not scene.shares(), "the share is gone")
        assert scene.marc.stat(NAME) is None
        wait(lambda: not desktop.seen("label", "marc"), "the dialog shows it")
        scene.picture("share-removed")


def lock(report, scene):
    desktop = scene.desktop
    address = "/remote.php/dav/files/lea/" + urllib.parse.quote(NAME)
    with report.case("it locks a file and unlocks it"):
        desktop.tell(f"LOCK_FILE:{scene.file}\nVERSION:", "VERSION:")
        scene.wait_asked("LOCK", address)
        wait(lambda: "UNLOCK_FILE" in desktop.menu(scene.file), "the menu offers to unlock it")
        desktop.tell(f"UNLOCK_FILE:{scene.file}\nVERSION:", "VERSION:")
        scene.wait_asked("UNLOCK", address)
        wait(lambda: "LOCK_FILE" in desktop.menu(scene.file), "the menu offers to lock it")


def leave(report, scene):
    given = scene.desktop.folder / "Donné"
    with report.case("it leaves what somebody gave, which stays theirs"):
        assert "LEAVESHARE" in scene.desktop.menu(given), scene.desktop.menu(given)
        scene.desktop.tell(f"LEAVESHARE:{given}\nVERSION:", "VERSION:")
        wait(lambda: not given.exists(), "the folder is gone here")
        assert scene.marc.get("Donné/carte.txt").body == b"au large"


def served(report, scene):
    with report.case("everything it asked was served"):
        lines = [line for line in scene.server.requests(scene.began)
                 if int(line["status"]) >= 400 and "/files/marc/" not in line["path"]]  # fmt: skip
        refused = {(each["method"], re.sub(r"/\d+$", "/*", each["path"]), each["status"])
                   for each in lines}  # fmt: skip
        assert refused <= set(REFUSED), refused


def main():
    report = reports.Report()
    absent = [name for name in PROGRAMS if not shutil.which(name)]
    if absent:
        report.skip("the desktop application signs in", f"not installed: {', '.join(absent)}")
        report.finish()
    with Server(scratch("desktop"), addresses=2) as server, Screen(server.folder) as screen:
        scene = Scene(server, screen)
        try:
            for part in (sign_in, search, share, lock, leave, served):
                part(report, scene)
        finally:
            scene.desktop.stop()
    report.finish()


main()
