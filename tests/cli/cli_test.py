"""The command line is a contract: names, options, exit codes and the one line that says why.

Runs the program named by the environment variable ESSAIM against data folders of its own, as an
operator would. Needs nothing but Python's standard library, and tar and sqlite3 for the promise that
an export can be read without Essaim. The last line says how many promises held.

    ESSAIM=build/release/essaim python3 tests/cli/cli_test.py [name...]
"""

import http.client
import io
import json
import os
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tarfile
import tempfile
import time
import traceback
import urllib.parse
from base64 import b64encode
from hashlib import sha256

ESSAIM = os.path.abspath(os.environ.get("ESSAIM", "build/release/essaim"))
START_SECONDS_MAX = 10
STOP_SECONDS_MAX = 30
PASSWORD = "correct horse battery"


class Skip(Exception):
    """The machine lacks what the test needs."""


class Server:
    """A data folder, and the server that may run on it."""

    def __init__(self, init=True):
        self.root = tempfile.mkdtemp(prefix="essaim-cli-")
        self.data = os.path.join(self.root, "data")
        self.process = None
        self.address = None
        if init:
            check(self.run("init", "--domain", "example.org"), 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.root, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.root, name)

    def run(self, *words, stdin=b"", data=True):
        """One command to its end."""
        environment = {k: v for k, v in os.environ.items() if k != "ESSAIM_DATA"}
        if data:
            environment["ESSAIM_DATA"] = self.data
        if isinstance(stdin, str):
            stdin = stdin.encode()
        return subprocess.run([ESSAIM, *words], input=stdin, capture_output=True, env=environment,
                              timeout=120, check=False)

    def done(self, *words, **more):
        """A command that succeeds; its standard output."""
        return check(self.run(*words, **more), 0).stdout.decode()

    def refused(self, *words, **more):
        """A command that is refused; its one line."""
        return why(self.run(*words, **more), 1)

    def start(self, *words):
        self.process = subprocess.Popen(
            [ESSAIM, "serve", "--data", self.data, "--listen", "127.0.0.1:0", *words],
            stderr=subprocess.PIPE)
        deadline = time.monotonic() + START_SECONDS_MAX
        os.set_blocking(self.process.stderr.fileno(), False)
        seen = b""
        while time.monotonic() < deadline:
            seen += self.process.stderr.read() or b""
            for line in seen.decode().splitlines():
                if line.startswith("essaim: listening on http://"):
                    self.address = line.rsplit("/", 1)[1]
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise AssertionError("the server did not start: " + seen.decode())

    def stop(self, with_signal=signal.SIGTERM):
        self.process.send_signal(with_signal)
        code = self.process.wait(timeout=STOP_SECONDS_MAX)
        self.process.stderr.close()
        self.process = None
        return code

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stderr.close()
            self.process = None

    def http(self, method, path, host, user=None, body=None, headers=None):
        connection = http.client.HTTPConnection(self.address, timeout=30)
        fields = {"Host": host, **(headers or {})}
        if user:
            fields["Authorization"] = "Basic " + b64encode(":".join(user).encode()).decode()
        connection.request(method, path, body=body, headers=fields)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content, dict(answer.getheaders())

    def space(self, slug):
        return json.loads(self.done("space", "show", slug, "--json"))

    def make_space(self, slug="voile", member="lea"):
        self.done("space", "create", slug, "--name", "Club " + slug)
        self.done("member", "add", "--space", slug, member, "--password-stdin", stdin=PASSWORD)
        return self.done("member", "token", "--space", slug, member, "--name", "test").strip()

    def put(self, token, name, content, slug="voile", member="lea"):
        status, _, headers = self.http("PUT", f"/remote.php/dav/files/{member}/{name}",
                                       slug + ".example.org", (member, token), content)
        assert status in (201, 204), status
        return headers

    def get(self, token, name, slug="voile", member="lea"):
        status, content, _ = self.http("GET", f"/remote.php/dav/files/{member}/{name}",
                                       slug + ".example.org", (member, token))
        return content if status == 200 else status


def check(result, code):
    assert result.returncode == code, (result.args, result.returncode, result.stderr.decode())
    return result


def why(result, code):
    check(result, code)
    lines = result.stderr.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith("essaim: "), lines
    return lines[0][len("essaim: "):]


def equal(have, want):
    assert have == want, f"{have!r} is not {want!r}"


def contains(text, part):
    assert part in text, f"{part!r} is not in {text!r}"


# --- wrong use -----------------------------------------------------------------------------------


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


# --- init and serve ------------------------------------------------------------------------------


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


# --- spaces --------------------------------------------------------------------------------------


def a_space_is_created_and_answers_on_its_hosts():
    with Server() as server:
        server.start()
        out = server.done("space", "create", "voile", "--name", "Club de voile d'Étretat",
                          "--host", "Voile.FR", "--host", "127.0.0.2", "--quota", "1000000")
        contains(out, "voile.example.org")
        space = server.space("voile")
        equal(space["name"], "Club de voile d'Étretat")
        equal(space["hosts"], ["voile.example.org", "voile.fr", "127.0.0.2"])
        equal(space["quota_bytes"], 1000000)
        equal(space["state"], "ready")
        for host in ("voile.example.org", "VOILE.fr:81", "127.0.0.2:9"):
            status, body, _ = server.http("GET", "/status.php", host)
            equal(status, 200)
            equal(json.loads(body)["installed"], True)
        status, _, _ = server.http("GET", "/status.php", "other.example.org")
        assert status != 200, "an unknown host got an answer"


def a_space_is_refused_with_a_reason():
    with Server() as server:
        server.start()
        server.done("space", "create", "voile", "--name", "Voile", "--host", "voile.fr")
        contains(server.refused("space", "create", "voile", "--name", "x"), "taken")
        contains(server.refused("space", "create", "x", "--name", "x", "--host", "VOILE.fr"),
                 "taken by space voile")
        contains(server.refused("space", "create", "Bad Slug", "--name", "x"), "slug")
        contains(server.refused("space", "create", "flotte", "--name", "x"), "fleet itself")
        contains(server.refused("space", "create", "x", "--name", ""), "name")
        contains(server.refused("space", "create", "x", "--name", "x", "--host", "a b"), "host")
        contains(server.refused("space", "create", "", "--name", "x"), "slug")
        equal([s["slug"] for s in json.loads(server.done("space", "list", "--json"))], ["voile"])
        for words in (["show"], ["suspend"], ["resume"], ["delete"]):
            contains(server.refused("space", *words, "nobody"), "no space nobody")
        contains(server.refused("space", "show", "../../x"), "")
        contains(server.refused("space", "export", "nobody", server.path("x.tar")), "no space")
        assert not os.path.exists(server.path("x.tar"))


def list_and_show_speak_to_people_and_programs():
    with Server() as server:
        server.start()
        server.done("space", "create", "b", "--name", "Bé")
        server.done("space", "create", "a", "--name", "A")
        equal([s["slug"] for s in json.loads(server.done("space", "list", "--json"))], ["a", "b"])
        lines = server.done("space", "list").splitlines()
        equal(len(lines), 3)
        contains(lines[2], "b.example.org")
        contains(server.done("space", "show", "b"), "name: Bé")


def suspended_spaces_answer_503_and_resume():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.put(token, "a.txt", b"a")
        server.done("space", "suspend", "voile", "--read-only")
        equal(server.space("voile")["state"], "suspended_read_only")
        equal(server.get(token, "a.txt"), b"a")
        status, body, headers = server.http("PUT", "/remote.php/dav/files/lea/b.txt",
                                            "voile.example.org", ("lea", token), b"b")
        equal(status, 503)
        contains(body.decode(), "Storage is temporarily not available")
        assert "Retry-After" in headers
        server.done("space", "suspend", "voile", "--reason", "unpaid")
        equal(server.space("voile")["reason"], "unpaid")
        equal(server.get(token, "a.txt"), 503)
        server.stop()
        server.start()
        equal(server.get(token, "a.txt"), 503)
        server.done("space", "resume", "voile")
        equal(server.get(token, "a.txt"), b"a")
        equal(server.get(token, "b.txt"), 404)


def deleted_spaces_are_held_and_come_back():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.put(token, "a.txt", b"a")
        contains(server.done("space", "delete", "voile"), "held until")
        status, _, _ = server.http("GET", "/status.php", "voile.example.org")
        assert status != 200
        contains(server.refused("space", "delete", "voile"), "deleted")
        contains(server.refused("space", "create", "voile", "--name", "x"), "still held")
        contains(server.refused("member", "list", "--space", "voile"), "deleted")
        server.stop()
        server.start()
        server.done("space", "resume", "voile")
        equal(server.get(token, "a.txt"), b"a")


def the_default_space_answers_on_any_other_host():
    with Server() as server:
        server.start("--default-space", "voile")
        status, _, _ = server.http("GET", "/status.php", "192.168.1.7")
        assert status != 200
        server.make_space("rugby")
        server.make_space("voile")
        for host in ("192.168.1.7", "example.org", "anything"):
            equal(server.http("GET", "/status.php", host)[0], 200)
    with Server() as server:
        contains(server.refused("serve", "--default-space", "Not A Slug"), "slug")


def many_spaces_are_created_from_a_list():
    with Server() as server:
        server.start()
        lines = "".join(f"s{i}\tClub {i}\ts{i}.fr,www.s{i}.fr\n" for i in range(1, 501))
        contains(server.done("space", "create-many", "-", stdin=lines), "created 500")
        equal(server.space("s7")["hosts"], ["s7.example.org", "s7.fr", "www.s7.fr"])
        equal(server.http("GET", "/status.php", "www.s500.fr")[0], 200)
        with open(server.path("more.tsv"), "w") as file:
            file.write("t1\tOne\nt2\tTwo\nS3\tbad slug\n")
        contains(server.refused("space", "create-many", server.path("more.tsv")), "slug")
        contains(server.refused("space", "create-many", "-", stdin="t1\tOne\nno tab\n"), "line 2")
        contains(server.refused("space", "create-many", "-", stdin="t1\tOne\ns7\tx\n"), "taken")
        contains(server.refused("space", "create-many", server.path("none")), "No such file")
        equal(len(json.loads(server.done("space", "list", "--json"))), 500)
        server.stop()
        server.start()
        equal(server.http("GET", "/status.php", "s250.example.org")[0], 200)
        contains(server.done("doctor"), "checked 500 spaces")


# --- members -------------------------------------------------------------------------------------


def members_are_added_and_listed():
    with Server() as server:
        server.start()
        server.done("space", "create", "voile", "--name", "Voile")
        add = ["member", "add", "--space", "voile"]
        server.done(*add, "lea", "--role", "gestion", "--email", "lea@example.net", "--quota",
                    "5000", "--password-stdin", stdin=PASSWORD + "\n")
        server.done(*add, "max", "--password-stdin", stdin=PASSWORD)
        contains(server.refused(*add, "LEA", "--password-stdin", stdin=PASSWORD), "")
        contains(server.refused(*add, "tim", "--password-stdin", stdin="short"), "")
        contains(server.refused(*add, "../x", "--password-stdin", stdin=PASSWORD), "")
        contains(server.refused("member", "add", "--space", "none", "x", "--password-stdin",
                                stdin=PASSWORD), "no space none")
        members = json.loads(server.done("member", "list", "--space", "voile", "--json"))
        equal([(m["uid"], m["role"]) for m in members], [("lea", "gestion"), ("max", "member")])
        equal(members[0]["email"], "lea@example.net")
        equal(members[0]["quota_bytes"], 5000)
        assert not any("pass" in key or "pw" in key for m in members for key in m)
        contains(server.done("member", "list", "--space", "voile"), "lea@example.net")
        equal(server.space("voile")["members"], 2)
        user = ("lea", PASSWORD)
        equal(server.http("PROPFIND", "/remote.php/dav/files/lea/", "voile.example.org", user,
                          headers={"Depth": "0"})[0], 207)


def passwords_change_and_accounts_close():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.put(token, "a.txt", b"a")
        login = lambda secret: server.http("GET", "/remote.php/dav/files/lea/a.txt",
                                           "voile.example.org", ("lea", secret))[0]
        of_lea = ["--space", "voile", "lea"]
        equal(login(PASSWORD), 200)
        server.done("member", "passwd", *of_lea, "--password-stdin", stdin="another long one\n")
        equal(login("another long one"), 200)
        equal(login(PASSWORD), 401)
        contains(server.refused("member", "passwd", *of_lea, "--password-stdin", stdin="x"), "")
        server.done("member", "disable", *of_lea)
        equal(login("another long one"), 401)
        equal(login(token), 401)
        contains(server.refused("member", "token", *of_lea, "--name", "x"), "disabled")
        server.done("member", "enable", *of_lea)
        equal(login(token), 200)
        for words in (["passwd", "--space", "voile", "tim", "--password-stdin"],
                      ["disable", "--space", "voile", "tim"],
                      ["token", "--space", "voile", "tim", "--name", "x"]):
            contains(server.refused("member", *words, stdin=PASSWORD), "no member tim")


def tokens_are_printed_once():
    with Server() as server:
        server.start()
        token = server.make_space()
        equal(len(token), 72)
        assert token.isalnum()
        server.put(token, "a.txt", b"a")
        server.stop()
        for folder, _, names in os.walk(server.data):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    assert token.encode() not in file.read(), name


# --- export and import ---------------------------------------------------------------------------


def an_export_is_read_with_tar_and_sqlite3():
    for tool in ("tar", "sqlite3"):
        if not shutil.which(tool):
            raise Skip(tool + " is not here")
    with Server() as server:
        server.start()
        token = server.make_space()
        large = os.urandom(300_000)
        server.put(token, "large.bin", large)
        server.put(token, "small.txt", b"small")
        file = server.path("voile.tar")
        server.done("space", "export", "voile", file)
        equal(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        assert not os.path.exists(file + ".part")
        folder = server.path("unpacked")
        os.mkdir(folder)
        subprocess.run(["tar", "xf", file, "-C", folder], check=True)
        names = subprocess.run(["tar", "tf", file], check=True, capture_output=True,
                               text=True).stdout.split()
        digest = sha256(large).hexdigest()
        equal(names, ["manifest.json", "main.db", f"blobs/{digest[:2]}/{digest}"])
        manifest = json.load(open(os.path.join(folder, "manifest.json")))
        equal(manifest["space"]["slug"], "voile")
        database = open(os.path.join(folder, "main.db"), "rb").read()
        equal(manifest["main.db"], {"bytes": len(database),
                                    "sha256": sha256(database).hexdigest()})
        equal(manifest["blobs"], {"count": 1, "bytes": 300_000})
        with open(os.path.join(folder, names[2]), "rb") as blob:
            equal(blob.read(), large)
        os.chmod(folder, 0o500)  # it stands alone, also where nothing can be written
        asked = subprocess.run(
            ["sqlite3", "-readonly", os.path.join(folder, "main.db"),
             "PRAGMA integrity_check; SELECT name FROM node WHERE kind = 2 ORDER BY name;"],
            check=True, capture_output=True, text=True).stdout.split()
        os.chmod(folder, 0o700)
        equal(asked, ["ok", "large.bin", "small.txt"])


def a_space_moves_to_another_server():
    with Server() as here, Server() as there:
        here.start()
        there.start()
        token = here.make_space()
        here.done("space", "create", "rugby", "--name", "Rugby", "--host", "rugby.fr")
        content = os.urandom(2_000_000)
        here.put(token, "large.bin", content)
        here.put(token, "small.txt", b"small")
        copy = here.run("space", "export", "voile", "-")
        check(copy, 0)
        contains(there.done("space", "import", "-", stdin=copy.stdout), "imported space voile")
        equal(there.space("voile")["id"], here.space("voile")["id"])
        user = ("lea", PASSWORD)
        host = "voile.example.org"
        equal(there.http("GET", "/remote.php/dav/files/lea/large.bin", host, user)[1], content)
        equal(there.http("GET", "/remote.php/dav/files/lea/small.txt", host, user)[1], b"small")
        contains(there.done("doctor"), "checked 1 spaces")
        here.done("space", "export", "rugby", here.path("rugby.tar"))
        there.done("space", "import", here.path("rugby.tar"), "--as", "ballon")
        equal(there.space("ballon")["hosts"], ["ballon.example.org", "rugby.fr"])
        there.stop()
        there.start()
        equal(there.http("GET", "/remote.php/dav/files/lea/large.bin", host, user)[1], content)


def file_property(server, token, name, prop):
    body = f"""<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns">
        <d:prop><{prop}/></d:prop></d:propfind>"""
    status, answer, _ = server.http("PROPFIND", "/remote.php/dav/files/lea/" + name,
                                    "voile.example.org", ("lea", token), body, {"Depth": "0"})
    equal(status, 207)
    text = answer.decode()
    return text[text.index(f"<{prop}>") + len(prop) + 2:text.index(f"</{prop}>")]


def a_restore_brings_back_content_and_never_an_id_or_an_etag():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.put(token, "kept.txt", b"first")
        server.done("space", "export", "voile", server.path("old.tar"))
        kept_id = file_property(server, token, "kept.txt", "oc:fileid")
        seen = {file_property(server, token, "kept.txt", "d:getetag")}
        ids = {kept_id}
        for i in range(20):
            server.put(token, f"later{i}.txt", b"later")
            server.put(token, "kept.txt", b"changed %d" % i)
            seen.add(file_property(server, token, "kept.txt", "d:getetag"))
            seen.add(file_property(server, token, "", "d:getetag"))
            ids.add(file_property(server, token, f"later{i}.txt", "oc:fileid"))
        before = server.space("voile")
        contains(server.done("space", "import", server.path("old.tar")), "restored space voile")
        after = server.space("voile")
        equal(after["id"], before["id"])
        equal(after["hosts"], before["hosts"])
        equal(server.get(token, "kept.txt"), b"first")
        equal(server.get(token, "later3.txt"), 404)
        equal(file_property(server, token, "kept.txt", "oc:fileid"), kept_id)
        assert file_property(server, token, "kept.txt", "d:getetag") not in seen
        assert file_property(server, token, "", "d:getetag") not in seen
        assert file_property(server, token, "", "oc:data-fingerprint") != ""
        for i in range(20):
            server.put(token, f"new{i}.txt", b"new")
            assert file_property(server, token, f"new{i}.txt", "oc:fileid") not in ids
        equal(len(os.listdir(os.path.join(server.data, "aside"))), 1)
        server.stop()
        server.start()
        equal(server.get(token, "kept.txt"), b"first")
        contains(server.done("doctor"), "checked 1 spaces")


def an_import_never_takes_another_spaces_slug():
    with Server() as server:
        server.start()
        token = server.make_space("voile")
        server.make_space("rugby")
        server.put(token, "a.txt", b"a")
        file = server.path("voile.tar")
        server.done("space", "export", "voile", file)
        contains(server.refused("space", "import", file, "--as", "rugby"), "another space")
        contains(server.refused("space", "import", file, "--as", "Bad Slug"), "slug")
        contains(server.done("space", "import", file, "--as", "copie"), "copied space copie")
        assert server.space("copie")["id"] != server.space("voile")["id"]
        equal(server.get(token, "a.txt"), b"a")
        server.put(token, "a.txt", b"changed")
        equal(server.http("GET", "/remote.php/dav/files/lea/a.txt", "copie.example.org",
                          ("lea", PASSWORD))[1], b"a")


def a_deleted_space_can_be_restored():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.put(token, "a.txt", b"a")
        server.done("space", "export", "voile", server.path("voile.tar"))
        server.done("space", "delete", "voile")
        contains(server.done("space", "import", server.path("voile.tar")), "restored")
        equal(server.get(token, "a.txt"), b"a")


def tar_bytes(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for entry in entries:
            name, content, kind = (*entry, tarfile.REGTYPE)[:3]
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                info.linkname = content.decode()
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def hostile_copies_are_refused_and_leave_nothing():
    with Server() as server:
        server.start()
        token = server.make_space()
        large = os.urandom(100_000)
        server.put(token, "large.bin", large)
        good = check(server.run("space", "export", "voile", "-"), 0).stdout
        with tarfile.open(fileobj=io.BytesIO(good)) as tar:
            parts = [(m.name, tar.extractfile(m).read()) for m in tar.getmembers()]
        manifest, database, blob = parts
        server.done("space", "delete", "voile")
        facts = json.loads(manifest[1])

        def with_manifest(change):
            changed = json.loads(manifest[1])
            change(changed)
            return tar_bytes([(manifest[0], json.dumps(changed).encode()), database, blob])

        broken = bytearray(database[1])
        for i in range(4096, len(broken), 4096):
            broken[i:i + 64] = os.urandom(64)
        broken = bytes(broken)
        foreign = server.path("foreign.db")
        with open(foreign, "wb") as file:
            file.write(database[1])
        connection = sqlite3.connect(foreign)
        connection.execute("CREATE TRIGGER evil AFTER INSERT ON node BEGIN"
                           " DELETE FROM member; END")
        connection.commit()
        connection.close()
        foreign = open(foreign, "rb").read()

        def with_database(content):
            changed = json.loads(manifest[1])
            changed["main.db"] = {"bytes": len(content), "sha256": sha256(content).hexdigest()}
            return tar_bytes([(manifest[0], json.dumps(changed).encode()),
                              (database[0], content), blob])

        hostile = {
            "nothing": b"",
            "noise": os.urandom(100_000),
            "zeros": bytes(100_000),
            "empty tar": tar_bytes([]),
            "cut in the manifest": good[:600],
            "cut in the database": good[:50_000],
            "cut in the blob": good[:-60_000],
            "no blob": tar_bytes([manifest, database]),
            "no database": tar_bytes([manifest, blob]),
            "wrong order": tar_bytes([manifest, blob, database]),
            "manifest last": tar_bytes([database, blob, manifest]),
            "a blob too many": tar_bytes([manifest, database, blob, (
                "blobs/" + sha256(b"x").hexdigest()[:2] + "/" + sha256(b"x").hexdigest(), b"x")]),
            "a blob twice": tar_bytes([manifest, database, blob, blob]),
            "a damaged blob": tar_bytes([manifest, database,
                                         (blob[0], blob[1][:-1] + b"?")]),
            "a damaged database": tar_bytes([manifest, (database[0], database[1][:-1] + b"?"),
                                             blob]),
            "a database that is broken inside": with_database(broken),
            "a database with a trigger": with_database(foreign),
            "a database that is none": with_database(b"hello" * 1000),
            "an empty database": with_database(b""),
            "path traversal": tar_bytes([manifest, database, ("../../evil", b"evil")]),
            "absolute path": tar_bytes([manifest, database, ("/tmp/evil", b"evil")]),
            "dots in a blob": tar_bytes([manifest, database,
                                         ("blobs/../" + blob[0].split("/")[2], blob[1])]),
            "wrong folder": tar_bytes([manifest, database,
                                       ("blobs/zz/" + blob[0].split("/")[2], blob[1])]),
            "symbolic link": tar_bytes([manifest, database,
                                        (blob[0], b"/etc/passwd", tarfile.SYMTYPE)]),
            "hard link": tar_bytes([manifest, database,
                                    (blob[0], b"main.db", tarfile.LNKTYPE)]),
            "device": tar_bytes([manifest, database, (blob[0], b"", tarfile.CHRTYPE)]),
            "pipe": tar_bytes([manifest, database, (blob[0], b"", tarfile.FIFOTYPE)]),
            "link for a database": tar_bytes([manifest, ("main.db", b"/etc/passwd",
                                                         tarfile.SYMTYPE), blob]),
            "a foreign folder": tar_bytes([("etc", b"", tarfile.DIRTYPE), *parts]),
            "not JSON": tar_bytes([(manifest[0], b"{"), database, blob]),
            "deep JSON": tar_bytes([(manifest[0], b"[" * 50_000), database, blob]),
            "a long manifest": tar_bytes([(manifest[0], manifest[1] + b" " * 70_000), database,
                                          blob]),
            "a newer format": with_manifest(lambda m: m.update(version=2)),
            "a newer schema": with_manifest(lambda m: m.update(schema_version=900_000)),
            "another format": with_manifest(lambda m: m.update(format="other")),
            "an evil id": with_manifest(lambda m: m["space"].update(id="../../../etc/ab")),
            "an evil slug": with_manifest(lambda m: m["space"].update(slug="../x")),
            "an evil host": with_manifest(lambda m: m["space"].update(hosts=["a b"])),
            "many hosts": with_manifest(
                lambda m: m["space"].update(hosts=[f"h{i}.fr" for i in range(1000)])),
            "counts below zero": with_manifest(lambda m: m["blobs"].update(count=-1)),
            "huge counts": with_manifest(lambda m: m["blobs"].update(count=10**18)),
            "overflowing counts": with_manifest(lambda m: m["blobs"].update(bytes=10**30)),
            "a huge database": with_manifest(lambda m: m["main.db"].update(bytes=10**18)),
            "numbers that are texts": with_manifest(lambda m: m["blobs"].update(count="1")),
            "fields missing": with_manifest(lambda m: m.pop("space")),
        }
        for name, copy in hostile.items():
            result = server.run("space", "import", "-", "--as", "x", stdin=copy)
            try:
                line = why(result, 1)
                assert 0 < len(line) < 300, line
            except AssertionError as failure:
                raise AssertionError(f"{name}: {failure}") from failure
            equal(os.listdir(os.path.join(server.data, "staging")), [])
        assert not os.path.exists("/tmp/evil")
        equal([s["slug"] for s in json.loads(server.done("space", "list", "--json"))], ["voile"])
        # The same parts, unharmed, packed again by hand.
        again = tar_bytes([("./", b"", tarfile.DIRTYPE), ("./" + manifest[0], manifest[1]),
                           ("./" + database[0], database[1]), ("./blobs/", b"", tarfile.DIRTYPE),
                           ("./blobs/" + blob[0].split("/")[1] + "/", b"", tarfile.DIRTYPE),
                           ("./" + blob[0], blob[1])])
        contains(server.done("space", "import", "-", "--as", "x", stdin=again), "copied")
        equal(server.http("GET", "/remote.php/dav/files/lea/large.bin", "x.example.org",
                          ("lea", PASSWORD))[1], large)
        equal(facts["space"]["slug"], "voile")


def an_import_that_breaks_off_leaves_nothing():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.put(token, "large.bin", os.urandom(3_000_000))
        good = check(server.run("space", "export", "voile", "-"), 0).stdout
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(os.path.join(server.data, "essaim.sock"))
        connection.sendall(b"POST /fleet/v1/import?as=x HTTP/1.1\r\nHost: x\r\n"
                           b"Content-Length: %d\r\n\r\n" % len(good))
        connection.sendall(good[:2_000_000])
        time.sleep(0.2)
        connection.close()
        deadline = time.monotonic() + 10
        while os.listdir(os.path.join(server.data, "staging")):
            assert time.monotonic() < deadline, "the staging folder stays"
            time.sleep(0.05)
        contains(server.refused("space", "show", "x"), "no space")


def an_export_that_fails_leaves_the_old_file():
    with Server() as server:
        server.start()
        token = server.make_space()
        large = os.urandom(1_000_000)
        server.put(token, "large.bin", large)
        file = server.path("voile.tar")
        server.done("space", "export", "voile", file)
        before = open(file, "rb").read()
        digest = sha256(large).hexdigest()
        for folder, _, names in os.walk(os.path.join(server.data, "spaces")):
            for name in names:
                if name == digest:
                    with open(os.path.join(folder, name), "r+b") as blob:
                        blob.seek(500_000)
                        blob.write(b"rot")
        line = server.refused("space", "export", "voile", file)
        contains(line, "cut")
        equal(open(file, "rb").read(), before)
        equal([n for n in os.listdir(server.root) if n.endswith(".part")], [])
        contains(server.refused("space", "export", "voile", "/no/such/folder/x"), "No such file")


# --- doctor --------------------------------------------------------------------------------------


def doctor_finds_what_is_missing_and_freezes_what_is_broken():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.make_space("rugby", "max")
        large = os.urandom(100_000)
        server.put(token, "large.bin", large)
        contains(server.done("doctor"), "checked 2 spaces")
        contains(server.done("doctor", "--space", "rugby"), "checked 1 spaces")
        contains(server.refused("doctor", "--space", "none"), "no space none")
        equal(json.loads(server.done("doctor", "--json")), {"checked": 2, "problems": []})
        digest = sha256(large).hexdigest()
        folder = os.path.join(server.data, "spaces", server.space("voile")["id"][:2],
                              server.space("voile")["id"])
        os.unlink(os.path.join(folder, "blobs", digest[:2], digest))
        os.makedirs(os.path.join(server.data, "spaces", "zz", "zzzzzzzzzzzzzzzz"))
        result = check(server.run("doctor"), 1)
        contains(result.stdout.decode(), "voile: content " + digest)
        contains(result.stdout.decode(), "zzzzzzzzzzzzzzzz belongs to no space")
        equal(result.stderr.decode(), "essaim: 2 problems found\n")
        server.stop()
        rugby = server_database(server, "rugby")
        with open(rugby, "r+b") as file:
            size = os.path.getsize(rugby)
            for page in range(2, size // 4096):
                file.seek(page * 4096)
                file.write(os.urandom(200))
        server.start()
        check(server.run("doctor", "--space", "rugby"), 1)
        equal(server.space("rugby")["state"], "frozen")
        contains(server.refused("space", "resume", "rugby"), "")
        contains(server.refused("space", "export", "rugby", server.path("x.tar")), "frozen")
        equal(server.http("GET", "/status.php", "voile.example.org")[0], 200)


def server_database(server, slug):
    process = server.process
    folder = os.path.join(server.data, "spaces")
    connection = sqlite3.connect("file:" + urllib.parse.quote(
        os.path.join(server.data, "fleet.db")) + "?mode=ro", uri=True)
    identity = connection.execute("SELECT id FROM space WHERE slug = ?", (slug,)).fetchone()[0]
    connection.close()
    assert process is None
    return os.path.join(folder, identity[:2], identity, "main.db")


def metrics_are_for_the_operator_only():
    with Server() as server:
        server.start("--default-space", "voile")
        server.make_space()
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(os.path.join(server.data, "essaim.sock"))
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        connection.close()
        text = answer.decode()
        contains(text, 'essaim_spaces{state="ready"} 1')
        contains(text, "process_resident_memory_bytes")
        for line in text.split("\r\n\r\n", 1)[1].splitlines():
            assert line.startswith("#") or len(line.rsplit(" ", 1)) == 2, line
        status, body, _ = server.http("GET", "/metrics", "voile.example.org")
        assert status != 200 or b"essaim_spaces" not in body


def the_operators_api_is_not_on_the_public_listener():
    with Server() as server:
        server.start("--default-space", "voile")
        server.make_space()
        for host in ("voile.example.org", "operator", "example.org"):
            status, body, _ = server.http("GET", "/fleet/v1/spaces", host)
            assert status != 200, (host, body)


def tests():
    """Every function here without arguments whose name is a promise."""
    others = {"main", "tests"}
    return [value for name, value in globals().items()
            if name not in others and type(value) is type(main)
            and value.__code__.co_argcount == 0]


def main():
    wanted = sys.argv[1:]
    passed = failed = skipped = 0
    for test in tests():
        name = test.__name__
        if wanted and not any(word in name for word in wanted):
            continue
        begun = time.monotonic()
        try:
            test()
            passed += 1
            print(f"ok    {name}  {time.monotonic() - begun:.1f} s", flush=True)
        except Skip as reason:
            skipped += 1
            print(f"skip  {name}: {reason}", flush=True)
        except Exception:  # every promise gets its line
            failed += 1
            print(f"FAIL  {name}", flush=True)
            traceback.print_exc(file=sys.stdout)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
