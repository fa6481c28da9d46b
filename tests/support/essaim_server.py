"""A real server in a scratch folder, driven as an operator would: by its command line and signals.

    with Server(scratch("first")) as server:
        space = server.create_space("voile")
        lea = server.add_member(space, "lea")
        dav = lea.dav()

Every space answers on an IP address of its own (127.0.0.11, 127.0.0.12, ...), because that needs no
name service, and on <slug>.<domain> for whoever sends the Host header.
"""

import atexit
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from dav import Dav

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
COMMAND_SECONDS_MAX = 120
DOMAIN = "essaim.test"
FIRST_ADDRESS = 11  # 127.0.0.11 is the first space's

_FIELD = re.compile(r'([\w.]+)=("(?:\\.|[^"\\])*"|\S*)')


class Refused(Exception):
    """A command ended with another exit code than expected."""


def program():
    """The server to test: $ESSAIM, else the release build beside these tests."""
    built = pathlib.Path(__file__).resolve().parents[2] / "build" / "release" / "essaim"
    return str(pathlib.Path(os.environ.get("ESSAIM", built)).resolve())


def scratch(name):
    """A new empty folder; under $ESSAIM_TMP if the driver gave one, else removed at the end."""
    if "ESSAIM_TMP" in os.environ:
        return pathlib.Path(tempfile.mkdtemp(prefix=name + "-", dir=os.environ["ESSAIM_TMP"]))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="essaim-" + name + "-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@dataclasses.dataclass
class Space:
    server: "Server"
    slug: str
    address: str  # the IP address that is its host

    @property
    def host(self):
        return f"{self.address}:{self.server.port}"

    @property
    def url(self):
        return f"http://{self.host}"

    @property
    def name(self):
        """Its host name, for who can choose the Host header."""
        return f"{self.slug}.{DOMAIN}"


@dataclasses.dataclass
class Member:
    space: Space
    uid: str
    password: str
    token: str

    def dav(self, **options):
        """A client that signs in with the app token."""
        place = self.space
        return Dav(place.address, place.server.port, self.uid, self.token, **options)


class Server:
    """`settings` are lines of essaim.conf; `wrapper` stands before the server's command line."""

    def __init__(self, folder, addresses=8, settings=None, wrapper=(), data=None):
        self.folder = pathlib.Path(folder)
        self.data = pathlib.Path(data) if data else self.folder / "data"
        self.log_path = self.folder / "server.log"
        self.addresses = [f"127.0.0.{FIRST_ADDRESS + i}" for i in range(addresses)]
        self.settings = dict(settings or {})
        self.wrapper = list(wrapper)
        self.spaces = {}
        self.port = 0
        self.process = None

    # --- its life

    def start(self):
        """Starts on the same data and port as before; returns when it answers."""
        if not (self.data / "essaim.conf").exists():
            self.command("init", "--domain", DOMAIN)
            with open(self.data / "essaim.conf", "a", encoding="utf-8") as conf:
                conf.writelines(f"{name} = {value}\n" for name, value in self.settings.items())
        if not self.port:
            self.port = free_port(self.addresses)
        listen = [part for each in self.addresses for part in ("--listen", f"{each}:{self.port}")]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, program(), "serve", "--data", str(self.data), *listen],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_it_answers()
        return self

    def _wait_until_it_answers(self):
        until = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise Refused(f"the server ended with {self.process.returncode}: {self.tail()}")
            if self.answers():
                return
            time.sleep(0.01)
        raise Refused(f"no answer on port {self.port} within {START_SECONDS_MAX} s: {self.tail()}")

    def answers(self):
        """Whether a request on the last address is answered: then all addresses are listened on."""
        try:
            with socket.create_connection((self.addresses[-1], self.port), 5) as probe:
                probe.settimeout(5)
                probe.sendall(b"GET /index.php/204 HTTP/1.0\r\nHost: nobody\r\n\r\n")
                return probe.recv(5) == b"HTTP/"
        except OSError:
            return False

    @property
    def pid(self):
        """Of the server itself, also behind a wrapper."""
        if not self.wrapper:
            return self.process.pid
        return int((self.data / "essaim.lock").read_text().split()[0])

    def stop(self):
        """Asks it to end (SIGTERM) and returns its exit code; None when it does not run."""
        if self.process is None:
            return None
        process = self.process
        os.kill(self.pid, signal.SIGTERM)
        try:
            code = process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired as slow:
            self.kill()
            raise Refused(f"the server did not end within {STOP_SECONDS_MAX} s") from slow
        self.process = None
        return code

    def kill(self):
        """As a crash: SIGKILL, no warning."""
        if self.process is not None:
            os.kill(self.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.stop()

    # --- its command line

    def run(self, *arguments, given=None):
        """Runs a command and returns the finished process, whatever its exit code."""
        return subprocess.run(
            [program(), *map(str, arguments), "--data", str(self.data)],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
        )

    def command(self, *arguments, given=None, code=0):
        """Runs a command and returns what it printed. Raises Refused on another exit code."""
        done = self.run(*arguments, given=given)
        if done.returncode != code:
            said = (done.stdout + done.stderr).strip()
            line = " ".join(map(str, arguments))
            raise Refused(f"`essaim {line}` ended with {done.returncode}, not {code}: {said}")
        return done.stdout

    def command_long(self, *arguments, given=None):
        """A command that may take minutes: creating thousands of spaces."""
        subprocess.run(
            [program(), *map(str, arguments), "--data", str(self.data)],
            input=given,
            text=True,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def create_space(self, slug, quota=None):
        address = self.addresses[len(self.spaces)]
        more = [] if quota is None else ["--quota", quota]
        self.command("space", "create", slug, "--name", f"Space {slug}", "--host", address, *more)
        self.spaces[slug] = Space(self, slug, address)
        return self.spaces[slug]

    def add_member(self, space, uid, quota=None, role="member"):
        password = f"correct horse {space.slug} {uid}"
        more = [] if quota is None else ["--quota", quota]
        self.command(
            "member", "add", "--space", space.slug, uid, "--role", role, *more,
            "--password-stdin", given=password + "\n",
        )
        return Member(space, uid, password, self.token(space, uid))

    def token(self, space, uid, label="test"):
        said = self.command("member", "token", "--space", space.slug, uid, "--name", label)
        return said.split()[-1]

    def doctor(self):
        """Raises Refused, with the problems, when there is any."""
        return self.command("doctor")

    # --- what it says and what it is

    def mark(self):
        """A place in the log, for requests()."""
        return self.log_path.stat().st_size if self.log_path.exists() else 0

    def lines(self, since=0):
        """The log as dictionaries, one a line, from a mark on."""
        with open(self.log_path, "rb") as log:
            log.seek(since)
            text = log.read().decode("utf-8", "replace")
        return [dict(_fields(line)) for line in text.splitlines()]

    def requests(self, since=0, methods=None):
        """The logged requests, those with one of `methods` if given."""
        found = [line for line in self.lines(since) if line.get("event") == "request"]
        return [line for line in found if methods is None or line.get("method") in methods]

    def tail(self, count=20):
        if not self.log_path.exists():
            return ""
        text = self.log_path.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-count:])

    def memory_kib(self):
        """Resident memory of the process."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)[1])

    def descriptors(self):
        """How many files, sockets and the like it has open."""
        return len(list(pathlib.Path(f"/proc/{self.pid}/fd").iterdir()))

    def space_folder(self, space):
        """Where a space keeps its files; asked of the server."""
        shown = json.loads(self.command("space", "show", space.slug, "--json"))
        identity = shown["id"]
        return self.data / "spaces" / identity[:2] / identity


def _fields(line):
    for name, value in _FIELD.findall(line):
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        yield name, value


def free_port(addresses):
    """A port that is free on every one of the addresses."""
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind((addresses[0], 0))
            port = probe.getsockname()[1]
        if all(_is_free(address, port) for address in addresses):
            return port
    raise Refused("no free port")


def _is_free(address, port):
    with socket.socket() as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
