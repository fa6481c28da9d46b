"""The command line is a contract: names, options, exit codes, the one line that says why."""

import json
import os
import signal
import socket
import stat
import sys
import time

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
        assert server.done("--version", data=False).startswith("essaim ")
        names = [line.split()[0] for line in
                 server.done("--version", "--verbose", data=False).splitlines()]
        for name in ("sqlite", "openssl", "sodium", "boost", "curl", "libarchive", "expat", "zlib"):
            assert name in names, name


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
