"""./dev run: a release server with three demo spaces in .dev/data, in the foreground.

Each space answers on two hosts: a name (voile.localhost) and an address of the loopback network
(127.0.0.11), which needs no name service. Passwords are made once and kept in .dev/demo.json.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading

import build
import common
import server as servers

FOLDER = common.ROOT / ".dev"
STATE = "demo.json"
PORT = 8080
PORTS_TRIED = 100
PASSWORD_LENGTH = 12
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look alike

SPACES = (
    ("voile", "Club de voile", "127.0.0.11", ("lea", "marc")),
    ("jardin", "Jardin partagé", "127.0.0.12", ("ines", "paul")),
    ("chorale", "Chorale du mardi", "127.0.0.13", ("nour", "jean")),
)
LOOPBACK = ("127.0.0.1", "127.0.0.11", "127.0.0.12", "127.0.0.13", "::1")


def can_listen(address, port):
    """True or False; None when the machine does not have the address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
            return True
    except OSError as error:
        return None if error.errno in (97, 99) else False  # no such family, no such address


def choose_port(addresses=LOOPBACK, first=PORT):
    """(port, addresses): the first port that is free on every address the machine has."""
    for port in range(first, first + PORTS_TRIED):
        free = {address: can_listen(address, port) for address in addresses}
        if False not in free.values():
            return port, [address for address, there in free.items() if there]
    return common.stop(f"no free port from {first} to {first + PORTS_TRIED - 1}")


def password():
    return "".join(secrets.choice(LETTERS) for _ in range(PASSWORD_LENGTH))


def passwords(folder):
    """{slug: {uid: password}}, made once and readable by their owner only."""
    path = folder / STATE
    if path.exists():
        return json.loads(path.read_text())
    made = {slug: {uid: password() for uid in uids} for slug, _, _, uids in SPACES}
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(made, file)
    return made


def create_demo(server, secret):
    """Makes what is missing of the demo spaces and their members; a second run makes nothing."""
    there = {space["slug"] for space in json.loads(server.command("space", "list", "--json"))}
    for slug, name, address, uids in SPACES:
        if slug not in there:
            server.command("space", "create", slug, "--name", name, "--host", address)
        listed = json.loads(server.command("member", "list", "--space", slug, "--json"))
        known = {member["uid"] for member in listed}
        for number, uid in enumerate(uids):
            if uid not in known:
                server.command(
                    "member", "add", "--space", slug, uid,
                    "--role", "gestion" if number == 0 else "member",
                    "--password-stdin", given=secret[slug][uid] + "\n",
                )  # fmt: skip


def sheet(port, secret):
    """What a newcomer needs: addresses, passwords, a line to paste."""
    lines = ["", "Three demo spaces are up. Ctrl-C stops the server; the data stays in .dev/.", ""]
    for slug, name, address, uids in SPACES:
        lines.append(f"  {name:<18} http://{slug}.localhost:{port}   http://{address}:{port}")
        for uid in uids:
            lines.append(f"      {uid:<14} {secret[slug][uid]}")
    slug, _, address, uids = SPACES[0]
    lines += [
        "",
        "  Synchronise a folder with Nextcloud's client (Debian: nextcloud-desktop-cmd):",
        "",
        f"  mkdir -p ~/essaim-demo && nextcloudcmd --non-interactive -u {uids[0]} "
        f"-p {secret[slug][uids[0]]} ~/essaim-demo http://{address}:{port}",
        "",
    ]
    return "\n".join(lines)


class Demo(servers.Server):
    """The server on every loopback address, its log on the terminal."""

    def __init__(self, essaim, folder, port, addresses):
        super().__init__(essaim, folder)
        self.port = port
        self.addresses = addresses

    def start(self):
        self.initialise()
        listens = []
        for address in self.addresses:
            shown = f"[{address}]" if ":" in address else address
            listens += ["--listen", f"{shown}:{self.port}"]
        self.process = subprocess.Popen(
            [self.essaim, "serve", "--data", self.data, *listens],
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches us, and we stop it
        )
        self.wait_until_it_answers()
        return self


def run(essaim, folder):
    """Runs until a signal; the exit code of the server."""
    secret = passwords(folder)
    port, addresses = choose_port()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    server = Demo(essaim, folder, port, addresses)
    try:
        server.start()
        create_demo(server, secret)
        print(sheet(port, secret), flush=True)
        while not stop.is_set() and server.process.poll() is None:
            stop.wait(0.2)
        ended = server.process.poll()
        return server.stop() if ended is None else ended
    except servers.Refused as error:
        server.stop()
        common.stop(str(error))


def main(arguments):
    if arguments:
        common.stop("run takes no arguments", 2)
    if not build.build("release", ["essaim"]):
        return 1
    return run(build.folder("release") / "essaim", FOLDER)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
