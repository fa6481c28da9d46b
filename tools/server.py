"""A server to try things on: started on a free port, driven by its command line, stopped.

    with Server(essaim, folder) as server:
        space = server.create_space("voile", "Club de voile")
"""

import base64
import dataclasses
import http.client
import json
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


class OperatorConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("operator", timeout=COMMAND_SECONDS_MAX)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


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

    def operator(self, method, path, body):
        """Asks over the operator's socket, as the command line does, without starting a program."""
        connection = OperatorConnection(str(self.data / "essaim.sock"))
        try:
            connection.request(method, path, json.dumps(body), {"Host": "operator"})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        if answer.status >= 300:
            raise Refused(f"{method} {path} answered {answer.status}: {text.strip()}")
        return json.loads(text)

    def create_space(self, slug, name):
        self.operator("POST", "/fleet/v1/spaces", {"slug": slug, "name": name})
        return Space(slug, f"{slug}.{self.domain}:{self.port}")

    def add_member(self, space, uid, password, role="member"):
        """Adds an account and gives it an app token, both noted in `space`."""
        members = f"/fleet/v1/spaces/{space.slug}/members"
        self.operator("POST", members, {"uid": uid, "password": password, "role": role})
        given = self.operator("POST", f"{members}/{uid}/tokens", {"name": "transcript"})
        space.passwords[uid] = password
        space.tokens[uid] = given["token"]

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
