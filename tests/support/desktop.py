"""Nextcloud's desktop application on a screen of its own, used as a person uses it.

    with Screen(folder) as screen:
        desktop = Desktop(folder, screen, space.url)
        desktop.tell("SHARE:" + str(path), "SHARE:OK")   # what file managers say to it
        desktop.click("check box", "Allow editing")      # found by what screen readers are told

Windows are found and read over the accessibility bus (AT-SPI), so that nothing here knows where a
button is drawn.
"""

import json
import os
import socket
import subprocess
import time

WAIT_SECONDS_MAX = 120  # it asks for its password every 30 seconds
PROGRAMS = ("nextcloud", "Xvfb", "dbus-run-session", "busctl", "xdotool", "xwdtopnm", "pnmtopng")
_SHOWING = 1 << 25  # ATSPI_STATE_SHOWING
_ROOT = "/org/a11y/atspi/accessible/root"
_ACCESSIBLE = "org.a11y.atspi.Accessible"
_COMPONENT = "org.a11y.atspi.Component"


def wait(happens, what):
    """Returns what `happens` returned, once that is something."""
    until = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        found = happens()
        if found:
            return found
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
        self.bus = folder / "bus"
        self.accessibility = None
        programs = folder / "bin"
        self.home = folder / "home"
        programs.mkdir()
        self.home.mkdir(mode=0o700)
        script = programs / "xdg-open"
        script.write_text(f'#!/bin/sh\necho "$1" >> "{self.opened}"\n', encoding="utf-8")
        script.chmod(0o755)
        self.environment = {
            "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home), "DISPLAY": screen.display,
            "PATH": f"{programs}:/usr/bin:/bin", "BROWSER": str(script), "LANG": "C.UTF-8",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "TMPDIR": str(self.home),  # there it looks whether it is running already
        }  # fmt: skip
        note = f'echo "$DBUS_SESSION_BUS_ADDRESS" > "{self.bus}"; exec "$@"'
        with open(folder / "desktop.out", "wb") as out:
            self.process = subprocess.Popen(
                [
                    "dbus-run-session", "--", "sh", "-c", note, "sh",
                    "nextcloud", "--confdir", str(folder / "conf"),
                    "--logfile", str(folder / "desktop.log"), "--logdebug",
                    "--overrideserverurl", url, "--overridelocaldir", str(self.folder),
                ],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def pages(self):
        """The addresses it wanted to be opened, by a browser or whatever it is."""
        return self.opened.read_text(encoding="utf-8").splitlines() if self.opened.exists() else []

    # --- what file managers say to it

    def tell(self, line, last):
        """Sends a line to its socket; returns the lines it answers, up to one that begins so."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(WAIT_SECONDS_MAX)
            link.connect(str(self.home / "Nextcloud" / "socket"))
            link.sendall(line.encode() + b"\n")
            said = []
            with link.makefile(encoding="utf-8") as answers:
                for answer in answers:
                    said.append(answer.rstrip("\n"))
                    if said[-1].startswith(last):
                        return said
        raise AssertionError(f"{line!r} was answered {said}")

    def menu(self, path):
        """What its menu offers for a file: command -> its text; "" before what is greyed out."""
        said = self.tell(f"GET_MENU_ITEMS:{path}", "GET_MENU_ITEMS:END")
        items = [line.split(":", 3)[1:] for line in said if line.startswith("MENU_ITEM:")]
        return {command: text for command, greyed, text in items if not greyed}

    # --- keys and mouse

    def press(self, *keys):
        self._xdotool("key", *keys)

    def type(self, text):
        self._xdotool("type", text)

    def click(self, role, name=None, **where):
        x, y, width, height = self.see(role, name, **where)
        self._xdotool("mousemove", str(x + width // 2), str(y + height // 2), "click", "1")

    def _xdotool(self, *command):
        subprocess.run(["xdotool", *command], env=self.environment, check=True)

    # --- what is on the screen

    def see(self, role, name=None, **where):
        """Waits for a thing on the screen; returns its place: x, y, width, height."""
        what = f"{role} {name or ''} {where or ''}"
        return wait(lambda: self.seen(role, name, **where), f"on the screen: {what}")

    def seen(self, role, name=None, after=None, window=None):
        """The place of the first thing of that role and name, or None. `after` is the name of what
        comes before it; `window` that of its window, else the newest window is looked at first."""
        for frame in reversed(self._children("org.a11y.atspi.Registry", _ROOT, depth=2)):
            if window is not None and self._name(frame) != window:
                continue
            place = self._seen_below(frame, role, name, after)
            if place:
                return place
        return None

    def _seen_below(self, frame, role, name, after):
        passed = after is None
        waiting = [frame]
        while waiting:
            thing = waiting.pop()
            if not self._is_showing(thing):
                continue
            called = self._name(thing)
            if passed and (name is None or called == name):
                if self._call(thing, _ACCESSIBLE, "GetRoleName") == [role]:
                    return self._call(thing, _COMPONENT, "GetExtents", "u", "0")[0]
            passed = passed or called == after
            waiting += reversed(self._children(*thing))
        return None

    def _is_showing(self, thing):
        states = self._call(thing, _ACCESSIBLE, "GetState")
        return states and states[0][0] & _SHOWING

    def _children(self, name, path, depth=1):
        found = (self._call((name, path), _ACCESSIBLE, "GetChildren") or [[]])[0]
        if depth == 1:
            return [tuple(each) for each in found]
        return [below for each in found for below in self._children(*each, depth - 1)]

    def _name(self, thing):
        return self._busctl(self._address(), "get-property", *thing, _ACCESSIBLE, "Name")

    def _call(self, thing, interface, method, *arguments):
        return self._busctl(self._address(), "call", *thing, interface, method, *arguments)

    def _address(self):
        """Of the accessibility bus; the session's bus knows it."""
        if self.accessibility is None:
            session = self.bus.read_text(encoding="utf-8").strip()
            where = ("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")
            self.accessibility = wait(
                lambda: self._busctl(session, "call", *where), "the accessibility bus is there"
            )[0]
        return self.accessibility

    def _busctl(self, address, *command):
        """None when what was asked is gone: windows change while they are read."""
        address = address.split(",")[0]
        done = subprocess.run(
            ["busctl", f"--address={address}", "--json=short", *command],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return json.loads(done.stdout)["data"] if done.returncode == 0 else None
