"""One space cannot see another: what belongs to space A is unknown on space B.

Every combination of a host, credentials, an address and a place to put things that crosses from one
space to the other is answered like one that was made up. And while only A is used, the server
touches no file of B.

    isolation_test.py [--seed N]
"""

import argparse
import base64
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import report as reports
from dav import Dav
from essaim_server import Server, scratch

FUZZ_REQUESTS = 3000
PASSWORD_SHARE = 0.02
CALLS = (
    "read,pread64,readv,preadv,preadv2,write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,"
    "ftruncate,openat,unlink,unlinkat,rename,renameat,renameat2,link,linkat,sendfile,"
    "copy_file_range,mmap,fallocate"
)


class Side:
    """A space with two members and things in it that the other side would like to have."""

    def __init__(self, server, slug):
        self.space = server.create_space(slug)
        self.lea = server.add_member(self.space, "lea")
        self.own = server.add_member(self.space, f"only-{slug}")
        self.dav = self.lea.dav()
        self.transfer = f"/remote.php/dav/uploads/lea/transfer-{slug}"
        self.secret = f"secret of {slug}"
        for path in (f"secret {slug}.txt", "docs/plan.txt"):
            if "/" in path:
                self.dav.mkcol("docs")
            assert self.dav.put(path, self.secret.encode() * 500).status == 201
        assert self.dav.send("MKCOL", self.transfer).status == 201
        assert self.dav.send("PUT", f"{self.transfer}/00001", {}, b"part").status == 201
        self.ids = sorted(entry.id for entry in self.dav.tree().values())

    def state(self):
        parts = self.dav.send("PROPFIND", self.transfer, {"Depth": "1"}).body
        return self.dav.tree(), parts, self.own.dav().tree()


def normal(answer):
    """An answer without what differs from one request to the next."""
    names = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("date", "x-request-id", "connection", "keep-alive")
    }
    return answer.status, names, answer.body


def basic(uid, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{uid}:{secret}".encode()).decode()}


def credentials(report, here, there):
    plain = Dav(there.space.address, there.space.server.port)
    target = "/remote.php/dav/files/lea/docs/plan.txt"
    unknown = normal(plain.send("GET", target, basic("lea", "x" * 72)))
    with report.case("a token of one space is unknown on another"):
        assert unknown[0] == 401
        got = normal(plain.send("GET", target, basic("lea", here.lea.token)))
        assert got == unknown, (got, unknown)
    with report.case("a password of one space is unknown on another"):
        got = normal(plain.send("GET", target, basic("lea", here.lea.password)))
        assert got == unknown, (got, unknown)
    with report.case("a member of one space is like nobody on another"):
        for secret in (here.own.token, here.own.password):
            got = normal(plain.send("GET", target, basic(here.own.uid, secret)))
            assert got == unknown, (got, unknown)


def addresses(report, here, there):
    dav = there.lea.dav()
    with report.case("a path, a transfer or an id of one space is unknown on another"):
        pairs = (
            (f"/remote.php/dav/files/lea/secret%20{here.space.slug}.txt",
             "/remote.php/dav/files/lea/secret%20none.txt"),
            (f"/remote.php/dav/files/{here.own.uid}/", "/remote.php/dav/files/nobody/"),
            (here.transfer, "/remote.php/dav/uploads/lea/transfer-none"),
            (f"{here.transfer}/00001", "/remote.php/dav/uploads/lea/transfer-none/00001"),
            (f"/index.php/f/{int(here.ids[-1][:8])}", "/index.php/f/99999999"),
            (f"/spaces/{here.space.slug}", "/spaces/none"),
        )  # fmt: skip
        for method in ("GET", "PROPFIND", "DELETE", "PUT", "MOVE"):
            for theirs, nobodys in pairs:
                if method == "PUT" and "/files/lea/" in theirs:
                    continue  # a new file of their own, rightly
                body = b"x" if method == "PUT" else None
                headers = {"Destination": "/remote.php/dav/files/lea/stolen"}
                got = dav.send(method, theirs, headers, body)
                made_up = dav.send(method, nobodys, headers, body)
                log_in = got.status == 303 and got.headers["location"].startswith("/login?")
                assert got.status == made_up.status, (method, theirs, got)
                assert log_in or got.status >= 400, (method, theirs, got)
                assert here.secret.encode() not in got.body
    with report.case("a destination in another space is refused"):
        for host in (here.space.host, here.space.name, f"{here.space.name}:{dav.port}"):
            for scheme in ("http", "https"):
                to = f"{scheme}://{host}/remote.php/dav/files/lea/moved"
                for method in ("MOVE", "COPY"):
                    answer = dav.request(method, "docs/plan.txt", {"Destination": to})
                    assert 400 <= answer.status < 600 and answer.status != 500, (to, answer)


def fuzz(report, seed, here, there):
    """Random mixtures of two spaces; whatever is answered, no secret leaves and nothing changes."""
    rng = random.Random(seed)
    before = here.state(), there.state()
    statuses = {}
    with report.case(f"{FUZZ_REQUESTS} mixtures of both spaces leak nothing, seed {seed}"):
        connections = [Dav(each.space.address, each.space.server.port) for each in (here, there)]
        for _ in range(FUZZ_REQUESTS):
            play = rng.choice((mixture, crossing))
            said = play(rng, connections, here, there)
            statuses[said] = statuses.get(said, 0) + 1
        assert (here.state(), there.state()) == before, "something changed"
        assert 500 not in statuses, statuses
        report.note(f"answers by status: {dict(sorted(statuses.items()))}")


def mixture(rng, connections, here, there):
    """One request that is somewhere not of the space that would answer it."""
    sides = [here, there]
    signed, reached = rng.sample(sides, 2)
    place = reached.space
    hosts = [place.host, place.name, f"{place.name}:1", place.address]
    member = rng.choice((signed.lea, signed.own))
    uid = rng.choice((member.uid, "lea", reached.own.uid, member.uid.upper()))
    path = rng.choice(
        (f"files/lea/secret%20{reached.space.slug}.txt", "files/lea/docs/plan.txt", "files/lea/",
         f"files/{reached.own.uid}/", reached.transfer[16:], f"{reached.transfer[16:]}/00001",
         f"files/lea/../{reached.own.uid}/", "files/lea/new.txt")
    )  # fmt: skip
    prefix = rng.choice(("/remote.php/dav/", "/remote.php/dav/", "//remote.php//dav/"))
    # A password costs the server a hash each time, so it is rarer.
    secret = member.password if rng.random() < PASSWORD_SHARE else member.token
    headers = {"Host": rng.choice(hosts), **basic(uid, secret)}
    if rng.random() < 0.3:
        headers["X-Forwarded-User"] = "lea"
    # From ever other addresses (the loopback is a trusted proxy), or all are throttled: 429.
    headers["X-Forwarded-For"] = f"10.{rng.randrange(256)}.{rng.randrange(256)}.7"
    if rng.random() < 0.1:
        headers.update({"Host": signed.space.host, "X-Forwarded-Host": reached.space.host})
    if rng.random() < 0.3:
        headers["Cookie"] = f"nc_username={reached.lea.uid}; nc_token={signed.lea.token}"
    method = rng.choice(("GET", "HEAD", "PROPFIND", "PUT", "DELETE", "MKCOL", "MOVE", "COPY"))
    if method in ("MOVE", "COPY"):
        host = rng.choice((signed, reached)).space.host
        headers["Destination"] = f"http://{host}/remote.php/dav/files/lea/x{rng.randrange(9)}"
    target = prefix + path
    if rng.random() < 0.1:
        target = f"http://{headers['Host']}{target}"
    body = b"overwritten" if method == "PUT" else None
    answer = rng.choice(connections).send(method, target, headers, body)
    for side in sides:
        assert side.secret.encode() not in answer.body, (method, target, headers)
    assert not answer.done, (method, target, headers, answer)
    return answer.status


def crossing(rng, connections, here, there):
    """One request that signs in rightly and asks for what is the other space's."""
    own, other = rng.sample([here, there], 2)
    member = rng.choice((own.lea, own.own))
    headers = {"Host": rng.choice((own.space.host, own.space.name))}
    headers.update(basic(member.uid, member.token))
    method = rng.choice(("GET", "HEAD", "PROPFIND", "DELETE", "MOVE", "COPY"))
    foreign = (
        f"files/{member.uid}/secret%20{other.space.slug}.txt", f"files/{other.own.uid}/",
        f"files/{other.own.uid}/docs/plan.txt", other.transfer[16:], f"{other.transfer[16:]}/00001",
        f"{other.transfer[16:]}/.file", f"uploads/{other.own.uid}/transfer-{other.space.slug}",
    )  # fmt: skip
    target = "/remote.php/dav/" + rng.choice(foreign)
    headers["Destination"] = f"/remote.php/dav/files/{member.uid}/taken"
    if method in ("MOVE", "COPY") and rng.random() < 0.5:
        target = "/remote.php/dav/files/lea/docs/plan.txt"
        place = rng.choice(("files/lea/x", f"files/{other.own.uid}/x", other.transfer[16:]))
        host = rng.choice((other.space.host, other.space.name, f"user@{other.space.host}"))
        headers["Destination"] = f"{rng.choice(('http', 'https'))}://{host}/remote.php/dav/{place}"
    answer = rng.choice(connections).send(method, target, headers)
    assert other.secret.encode() not in answer.body, (method, target, headers)
    assert not answer.done, (method, target, headers, answer)
    return answer.status


def two_hosts(report, here, there):
    with report.case("a target that names another host than Host reaches one space only"):
        dav = here.lea.dav()
        for host in (there.space.host, f"{there.space.name}:{dav.port}"):
            target = f"http://{host}/remote.php/dav/files/lea/docs/plan.txt"
            answer = dav.send("GET", target)
            assert there.secret.encode() not in answer.body
            assert answer.status in (400, 401, 404, 421), answer
    with report.case("a forwarded host does not carry credentials along"):
        dav = here.lea.dav()
        for name in ("X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-Host"):
            value = there.space.host if name != "Forwarded" else f"host={there.space.host}"
            answer = dav.send("GET", "/remote.php/dav/files/lea/docs/plan.txt", {name: value})
            assert there.secret.encode() not in answer.body, name


def descriptors(report, server, here, there):
    """Traces the server while only `here` is used."""
    promise = "while only one space is used no file of another is touched"
    if shutil.which("strace") is None:
        report.skip(promise, "strace is not installed")
        return
    output = server.folder / "strace.txt"
    there.dav.tree()  # both are open
    here.dav.tree()
    time.sleep(3)  # what follows a request (checkpoints) has been done
    tracer = subprocess.Popen(
        ["strace", "-f", "-y", "-e", f"trace={CALLS}", "-o", str(output), "-p", str(server.pid)],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )
    first = tracer.stderr.readline()
    if "attached" not in first:
        tracer.kill()
        report.skip(promise, f"strace cannot attach: {first.strip()}")
        return
    with report.case(promise):
        try:
            use(here)
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(20)
        text = output.read_text(encoding="utf-8", errors="replace")
        mine, theirs = (server.space_folder(side.space).name for side in (here, there))
        touched = [line for line in text.splitlines() if theirs in line]
        assert not touched, touched[:5]
        calls = len(re.findall(mine, text))
        assert calls > 50, f"the trace shows {calls} calls of the space that was used"
        total = len(text.splitlines())
        report.note(f"{total} system calls, {calls} of the space in use, 0 of another")


def use(side):
    for number in range(20):
        assert side.dav.put(f"traced {number}", os.urandom(40_000)).status == 201
        assert side.dav.get(f"traced {number}").status == 200
    side.dav.move("traced 0", "traced again")
    side.dav.copy("docs", "docs again")
    side.dav.delete("docs again")
    side.dav.tree()
    time.sleep(2.5)  # the checkpoint that follows


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    seed = options.parse_args().seed
    report = reports.Report()
    with Server(scratch("isolation"), addresses=2) as server:
        here, there = Side(server, "voile"), Side(server, "chorale")
        descriptors(report, server, here, there)
        credentials(report, here, there)
        addresses(report, here, there)
        two_hosts(report, here, there)
        fuzz(report, seed, here, there)
        with report.case("the doctor finds nothing"):
            server.doctor()
    report.finish()


if __name__ == "__main__":
    main()
