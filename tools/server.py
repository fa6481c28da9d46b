"""A server to try things on: started on a free port, driven by its command line, stopped.

    with Server(essaim, folder) as server:
        space = server.create_space("voile", "Club de voile")
"""

import base64
import dataclasses
import os
import pathlib
import signal
import socket
import subprocess
import time

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
COMMAND_SECONDS_MAX = 60


class Refused(Exception):
    """A command of the server's command line ended with something else than expected."""


@dataclasses.dataclass
class Space:
    slug: str
    host: str  # with the port, as clients write it
    passwords: dict = dataclasses.field(default_factory=dict)  # uid -> password
    tokens: dict = dataclasses.field(default_factory=dict)  # uid -> app token

    def basic(self, uid, secret):
        return base64.b64encode(f"{uid}:{secret}".encode()).decode()


def free_port(address="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, essaim, folder, domain="localhost", address="127.0.0.1", arguments=()):
        self.essaim = str(pathlib.Path(essaim).resolve())
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.domain = domain
        self.address = address
        self.port = 0
        self.arguments = list(arguments)
        self.process = None

    def command(self, *arguments, given=None, code=0):
        """Runs `essaim <arguments> --data DIR`; returns what it printed."""
        done = subprocess.run(
            [self.essaim, *arguments],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
            env={**os.environ, "ESSAIM_DATA": str(self.data)},
        )
        if done.returncode != code:
            said = (done.stdout + done.stderr).strip()
            line = f"essaim {' '.join(arguments)}"
            raise Refused(f"`{line}` ended with {done.returncode}, not {code}: {said}")
        return done.stdout

    def initialise(self):
        """Makes the data folder when there is none yet."""
        if not self.data.exists() or not any(self.data.iterdir()):
            self.command("init", "--domain", self.domain)

    def start(self):
        self.initialise()
        self.port = self.port or free_port(self.address)
        listen = f"{self.address}:{self.port}"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.essaim, "serve", "--data", self.data, "--listen", listen, *self.arguments],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        self.wait_until_it_answers()
        return self

    def wait_until_it_answers(self):
        until = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise Refused(f"the server ended with {self.process.returncode}: {self.log_tail()}")
            try:
                with socket.create_connection((self.address, self.port), 5) as probe:
                    host = f"{self.domain}:{self.port}"
                    probe.sendall(
                        f"GET /status.php HTTP/1.1\r\nHost: {host}\r\n"
                        "Connection: close\r\n\r\n".encode()
                    )
                    first = probe.recv(65536)
                    while probe.recv(65536):
                        pass
                    if first.startswith(b"HTTP/1.1 "):
                        return
            except OSError:
                pass
            time.sleep(0.02)
        raise Refused(f"the server does not answer on {self.address}:{self.port}")

    def stop(self):
        """Ends the server gracefully and returns its exit code; None when it was not running."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return -signal.SIGKILL

    def restart(self):
        code = self.stop()
        if code != 0:
            raise Refused(f"the server ended with {code}: {self.log_tail()}")
        self.start()

    def log_tail(self, count=20):
        if not self.log.exists():
            return ""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-count:])

    def create_space(self, slug, name, hosts=()):
        hosts = [part for host in hosts for part in ("--host", host)]
        self.command("space", "create", slug, "--name", name, *hosts)
        return Space(slug, f"{slug}.{self.domain}:{self.port}")

    def add_member(self, space, uid, password, role="member", more=()):
        """Adds an account and gives it an app token, both noted in `space`."""
        self.command(
            "member", "add", "--space", space.slug, uid, "--role", role, *more,
            "--password-stdin", given=password + "\n",
        )
        space.passwords[uid] = password
        token = self.command("member", "token", "--space", space.slug, uid, "--name", "transcript")
        space.tokens[uid] = token.strip().splitlines()[-1].split()[-1]

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
