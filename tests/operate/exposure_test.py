"""What gets out and what is left behind: answers, log, files, and the program itself.

    ESSAIM=build/release/essaim python3 tests/operate/exposure_test.py
"""

import base64
import os
import pathlib
import re
import stat
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import report as reports
from dav import exchange
from essaim_server import Server, program, scratch

FILES = "/remote.php/dav/files/lea"
LOG_SECONDS_MAX = 5


def ask(space, method, target, user=None, body=b"", headers=None):
    """One request: (status, {name: value}, body)."""
    fields = {"Host": space.host, "Connection": "close", "Content-Length": str(len(body))}
    if user:
        secret = base64.b64encode(f"{user[0]}:{user[1]}".encode()).decode()
        fields["Authorization"] = f"Basic {secret}"
    lines = [f"{name}: {value}" for name, value in {**fields, **(headers or {})}.items()]
    head = f"{method} {target} HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n"
    said = exchange(space.address, space.server.port, head.encode() + body)
    head, _, content = said.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    names = dict(line.split(": ", 1) for line in rest)
    return int(first.split()[1]), {name.lower(): names[name] for name in names}, content


def every_kind_of_answer(space, lea):
    """(what, status, headers, body) of successes and refusals, on every protocol."""
    me, wrong = ("lea", lea.token), ("lea", "not the password")
    for what, *request in (
        ("a page", "GET", "/"),
        ("the status", "GET", "/status.php"),
        ("no content", "GET", "/index.php/204"),
        ("capabilities, unknown", "GET", "/ocs/v2.php/cloud/capabilities?format=json"),
        ("a person", "GET", "/ocs/v1.php/cloud/user?format=json", me),
        ("a person in XML", "GET", "/ocs/v2.php/cloud/user", me),
        ("a listing", "PROPFIND", FILES, me),
        ("a file", "GET", FILES + "/page.html", me),
        ("a new file", "PUT", FILES + "/new", me, b"x"),
        ("no such file", "GET", FILES + "/none", me),
        ("no such address", "GET", "/no/such/address"),
        ("wrong password", "PROPFIND", FILES, wrong),
        ("wrong password, OCS", "GET", "/ocs/v1.php/cloud/user", wrong),
        ("bad XML", "PROPFIND", FILES, me, b"<!DOCTYPE x><x/>"),
        ("bad method", "TRACE", FILES, me),
        ("a long address", "GET", "/" + "x" * 40_000),
        ("no host at all", "GET", "/", None, b"", {"Host": "a b"}),
    ):
        yield (what, *ask(space, *request))


def answers(report, space, lea):
    kinds = list(every_kind_of_answer(space, lea))
    with report.case("every answer forbids sniffing and says its type and characters"):
        for what, status, headers, body in kinds:
            assert headers.get("x-content-type-options") == "nosniff", (what, headers)
            kind = headers.get("content-type", "")
            if body:
                # JSON is UTF-8 always (RFC 8259 §8.1); a file is what its member says it is.
                known = re.search("^application/json|; charset=utf-8$", kind, re.I)
                assert known or what == "a file", (what, kind)
            assert status < 500 or status == 501, (what, status)
    with report.case("no answer with somebody's data is kept by a cache"):
        for what, _, headers, _ in kinds:
            if what in ("a long address", "no host at all"):
                continue  # refused before anybody's data was looked for
            assert "no-store" in headers.get("cache-control", ""), (what, headers)
    with report.case("no answer names the server's release, its parts or its paths"):
        for what, _, headers, body in kinds:
            text = str(headers) + body.decode("utf-8", "replace")
            assert "server" not in headers and "x-powered-by" not in headers, (what, headers)
            for word in ("essaim/", "sqlite", "beast", "openssl", str(space.server.data), ".cc"):
                assert word not in text.lower(), (what, word)
    with report.case("a file of a member is never run by a browser"):
        headers = next(headers for what, _, headers, _ in kinds if what == "a file")
        assert headers["content-disposition"].startswith("attachment"), headers
        assert "sandbox" in headers["content-security-policy"], headers
    with report.case("a page can neither be framed nor load anything"):
        headers = next(headers for what, _, headers, _ in kinds if what == "a page")
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, policy
        # Not no-referrer: it would take the origin off our own forms as well.
        assert headers["referrer-policy"] in ("no-referrer", "same-origin"), headers
    with report.case("no origin but its own is let in"):
        for method in ("OPTIONS", "GET"):
            asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}
            _, headers, _ = ask(space, method, FILES + "/page.html", ("lea", lea.token), b"", asked)
            assert not any(name.startswith("access-control") for name in headers), headers


def sign_ins(report, server, space):
    mark = server.mark()
    tried = "nobody-of-that-name"
    status, _, _ = ask(space, "GET", FILES, (tried, "a wrong password"))
    assert status == 401
    with report.case("a refused sign-in is written down: where, from where, which request"):
        until = time.monotonic() + LOG_SECONDS_MAX
        while not (said := [each for each in server.lines(mark) if each["event"] == "sign-in"]):
            assert time.monotonic() < until, server.tail()
        assert len(said) == 1 and said[0]["outcome"] == "refused", said
        assert said[0]["from"] == "127.0.0.1" or said[0]["from"].startswith("127.0.0."), said
        assert said[0]["space"] and said[0]["id"], said
    with report.case("that somebody is slowed down is written down"):
        for _ in range(11):
            status, _, _ = ask(space, "GET", FILES, (tried, "a wrong password"))
        assert status == 429, status
        until = time.monotonic() + LOG_SECONDS_MAX
        while "throttled" not in [each.get("outcome") for each in server.lines(mark)]:
            assert time.monotonic() < until, server.tail()


def secrets(report, server, lea):
    with report.case("passwords and tokens are nowhere in the log and on the disk"):
        secret = base64.b64encode(f"lea:{lea.token}".encode())
        hidden = [lea.password.encode(), lea.token.encode(), secret, b"a wrong password"]
        looked = 0
        for path in [server.log_path, *server.data.rglob("*")]:
            if not path.is_file():
                continue
            looked += 1
            held = path.read_bytes()
            for each in hidden:
                assert each not in held, (path, each)
        assert looked > 5, looked
    with report.case("files and folders are for their owner alone"):
        for path in [server.data, *server.data.rglob("*")]:
            mode = stat.S_IMODE(path.lstat().st_mode)
            assert mode & 0o077 == 0, (path, oct(mode))


def the_program(report):
    with report.case("the program is built to make overflows hard to use"):
        shown = subprocess.run(
            ["readelf", "--wide", "--file-header", "--dynamic", "--program-headers", "--dyn-syms",
             program()], stdout=subprocess.PIPE, text=True, check=True,
        ).stdout  # fmt: skip
        assert re.search(r"Type:\s+DYN", shown), "its place in memory is not random"
        assert re.search(r"GNU_STACK.* RW ", shown), "its stack can be run"
        if "__asan_init" in shown:
            raise reports.Skip("a build with sanitizers has checks of its own")
        assert "BIND_NOW" in shown or "Flags: NOW" in shown, "the table of functions is writable"
        assert "GNU_RELRO" in shown
        if "/debug/" in program():
            raise reports.Skip("canaries and checked copies are for the release build")
        assert "__stack_chk_fail" in shown, "no canaries"
        assert re.search(r"__\w+_chk\b", shown.replace("__stack_chk_fail", "")), "copies unchecked"


def main():
    report = reports.Report()
    the_program(report)
    with Server(scratch("exposure"), addresses=1) as server:
        space = server.create_space("voile")
        lea = server.add_member(space, "lea")
        dav = lea.dav()
        dav.put("page.html", b"<script>alert(1)</script>")
        dav.put("large.bin", os.urandom(100_000))
        ask(space, "GET", FILES, ("lea", lea.password))
        answers(report, space, lea)
        sign_ins(report, server, space)
        secrets(report, server, lea)
        dav.close()
    report.finish()


if __name__ == "__main__":
    main()
