"""The command line is a contract: names, options, exit codes, the one line that says why."""

import json
import os
import re
import signal
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import time
import zlib
from xml.parsers.expat import EXPAT_VERSION

from support import START_SECONDS_MAX, Server, check, contains, equal, run


def wrong_use_is_2():
    with Server() as server:
        for words in ([], ["fly"], ["space"], ["space", "create"], ["space", "create", "x"],
                      ["space", "fly"], ["member", "add", "--space", "x", "u"],
                      ["init"], ["space", "list", "--yaml"], ["space", "export", "x"],
                      ["member", "add", "--space", "x", "u", "--password-stdin", "--role", "king"],
                      ["space", "create", "x", "--name", "x", "--quota", "much"],
                      ["space", "create", "x", "--name", "x", "--quota", "-1"]):
            result = check(server.run(*words), 2)
            assert result.stderr, words
            assert not result.stdout, words


def without_a_data_folder_nothing_is_done():
    with Server(init=False) as server:
        result = check(server.run("space", "list", data=False), 2)
        contains(result.stderr.decode(), "--data DIR")


def help_and_version_need_nothing():
    with Server(init=False) as server:
        contains(server.done("--help", data=False), "space")
        contains(server.done("space", "create", "--help", data=False), "--host")
        assert re.fullmatch(r"essaim \d+\.\d+\.\d+\n", server.done("--version", data=False))


def verbose_versions(server):
    """{name: (loaded or the only one known, built)} as told."""
    first, *lines = server.done("--version", "--verbose", data=False).splitlines()
    assert first.startswith("essaim "), first
    told = {}
    for line in lines:
        match = re.fullmatch(r"(\w+) (.*?)(?: \(built with (.*)\))?", line)
        told[match[1]] = (match[2], match[3])
    return told


def the_libraries_it_was_built_and_runs_with_are_told():
    with Server(init=False) as server:
        told = verbose_versions(server)
        for name, (version, built) in told.items():
            assert re.search(r"\d+\.\d+|^\d+$", version), (name, version)
            assert built is None or re.match(r"\d+\.\d+", built), (name, built)
        both = {name for name, (_, built) in told.items() if built}
        equal(both, {"curl", "expat", "glibc", "libarchive", "openssl", "qrencode", "sodium",
                     "sqlite", "utf8proc", "zlib"})
        # The same libraries of the system, asked by another program.
        equal(told["sqlite"][0], sqlite3.sqlite_version)
        equal(told["zlib"][0], zlib.ZLIB_RUNTIME_VERSION)
        contains(ssl.OPENSSL_VERSION, " " + told["openssl"][0] + " ")
        equal("expat_" + told["expat"][0], EXPAT_VERSION)


def no_library_it_needs_is_left_out():
    names = {"libcrypto": "openssl", "libsqlite3": "sqlite", "libsodium": "sodium", "libz": "zlib",
             "libboost_json": "boost", "libboost_container": "boost", "libc": "glibc",
             "libm": "glibc", "libstdc++": "compiler", "libgcc_s": "compiler",
             "libasan": "compiler", "libubsan": "compiler", "libtsan": "compiler",
             "libarchive": "libarchive"}
    program = os.environ.get("ESSAIM", "build/release/essaim")
    needed = re.findall(r"NEEDED\s+(\S+?)\.so", subprocess.run(
        ["objdump", "-p", program], capture_output=True, text=True, check=True).stdout)
    assert len(needed) > 5, needed
    with Server(init=False) as server:
        told = verbose_versions(server)
        for library in needed:
            if library.startswith("ld-linux"):
                continue  # glibc's own
            name = names.get(library, library.removeprefix("lib"))
            assert name in told, f"{library} is linked and not told"
        for headers_alone in ("cli11", "expected"):
            assert headers_alone in told, headers_alone


def init_makes_a_private_folder_and_only_once():
    with Server(init=False) as server:
        contains(server.refused("init", "--domain", "not a domain"), "not a domain")
        contains(server.refused("init", "--domain", "127.0.0.1"), "not a domain")
        assert not os.path.exists(server.data)
        contains(server.done("init", "--domain", "Example.ORG"), "essaim serve")
        equal(stat.S_IMODE(os.stat(server.data).st_mode), 0o700)
        for name in ("secret.key", "essaim.conf"):
            equal(stat.S_IMODE(os.stat(os.path.join(server.data, name)).st_mode), 0o600)
        key = open(os.path.join(server.data, "secret.key")).read()
        contains(server.refused("init", "--domain", "example.org"), "initialised already")
        equal(open(os.path.join(server.data, "secret.key")).read(), key)


def commands_say_when_no_server_runs():
    with Server() as server:
        line = (f"no server is running on {server.data}; "
                f"start it with: essaim serve --data {server.data}")
        for words in (["space", "list"], ["space", "create", "x", "--name", "x"], ["doctor"],
                      ["space", "export", "x", server.path("x.tar")], ["member", "list",
                                                                       "--space", "x"]):
            equal(server.refused(*words), line)
        assert not os.path.exists(server.path("x.tar.part"))
        server.start()
        server.kill()  # leaves its socket behind
        equal(server.refused("space", "list"), line)
        server.start()
        server.done("space", "list")


def data_may_stand_anywhere():
    with Server() as server:
        server.start()
        for words in (["--data", server.data, "space", "list"],
                      ["space", "--data", server.data, "list"],
                      ["space", "list", "--data", server.data]):
            server.done(*words, data=False)


def serve_needs_an_initialised_folder():
    with Server(init=False) as server:
        contains(server.refused("serve"), "essaim init")


def a_second_server_says_who_runs_already():
    with Server() as server:
        server.start()
        line = server.refused("serve", "--listen", "127.0.0.1:0")
        contains(line, "already")
        contains(line, str(server.process.pid))
        server.done("space", "list")


def settings_that_are_wrong_are_told():
    with Server() as server:
        with open(os.path.join(server.data, "essaim.conf"), "a") as settings:
            settings.write("lane_workers = lots\n")
        contains(server.refused("serve"), "lane_workers")
    with Server() as server:
        os.chmod(os.path.join(server.data, "secret.key"), 0o644)
        contains(server.refused("serve"), "chmod 600")
    with Server() as server:
        contains(server.refused("serve", "--listen", "nowhere"), "nowhere")


def the_operators_socket_is_private():
    with Server() as server:
        server.start()
        equal(stat.S_IMODE(os.stat(os.path.join(server.data, "essaim.sock")).st_mode), 0o600)


def a_deep_data_folder_works():
    with Server(init=False) as server:
        server.data = os.path.join(server.root, *["a-long-name-of-a-folder"] * 10)
        server.done("init", "--domain", "example.org")
        server.start()
        server.done("space", "create", "voile", "--name", "Voile")
        equal(len(json.loads(server.done("space", "list", "--json"))), 1)


def signals_end_it_in_peace():
    with Server() as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            server.start()
            server.make_space("s" + str(int(number)))
            begun = time.monotonic()
            equal(server.stop(number), 0)
            assert time.monotonic() - begun < 5, "stopping took long"
            assert not os.path.exists(os.path.join(server.data, "essaim.sock"))


def systemd_is_told():
    with Server() as server:
        path = server.path("notify")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind(path)
        listener.settimeout(START_SECONDS_MAX)
        os.environ["NOTIFY_SOCKET"] = path
        try:
            server.start()
            equal(listener.recv(100), b"READY=1")
            server.stop()
            equal(listener.recv(100), b"STOPPING=1")
        finally:
            del os.environ["NOTIFY_SOCKET"]
            listener.close()


if __name__ == "__main__":
    sys.exit(run(globals()))
