"""Files over HTTP: small reads, large ones both ways, small writes, a first synchronisation.

Each beside a reference on the same machine in the same run.
"""

import os
import pathlib
import random
import subprocess
import time
import base64

import measure
from essaim_server import Server, scratch

SECONDS = 4
BIG = 100 * 1024 * 1024
PUT_LUA = """
local n = 0
local me = tostring(math.random(1, 1e9))
local body = string.rep("x", 1024)
request = function()
  n = n + 1
  return wrk.format("PUT", "/remote.php/webdav/f" .. me .. "-" .. n,
    {["Authorization"] = "%s"}, body .. n)
end
"""


def authorization(member):
    return "Basic " + base64.b64encode(f"{member.uid}:{member.token}".encode()).decode()


def small_get(server, space, member, nginx):
    member.dav().put("small.txt", b"x" * 1024)
    (nginx.folder / "files" / "small.txt").write_bytes(b"x" * 1024)
    header = [f"Authorization: {authorization(member)}"]
    url = f"{space.url}/remote.php/webdav/small.txt"
    measure.wrk(url, 1, headers=header)
    with measure.Cpu([server.pid]) as ours:
        done, bad = measure.wrk(url, SECONDS, headers=header)
    with measure.Cpu(nginx.pids()) as theirs:
        reference, _ = measure.wrk(nginx.url("small.txt"), SECONDS)
    rate, base = done / ours.seconds, reference / theirs.seconds
    share = rate / base
    return measure.row(
        "small GET with app token",
        "≥ 20 % of nginx's requests per CPU-second",
        f"{rate:,.0f}/CPU-s = {share:.0%} ({done / ours.wall:,.0f}/s, {bad} refused)",
        f"nginx {base:,.0f}/CPU-s",
        share >= 0.2 and bad == 0,
    )


def timed_curl(pids, *arguments):
    with measure.Cpu(pids) as cpu:
        subprocess.run(["curl", "-s", "-f", "-o", "/dev/null", *arguments], check=True)
    return cpu.seconds * 1000


def hashing_ms(path):
    """CPU of one SHA-256 over the file, by the library that the server uses."""
    before = os.times()
    subprocess.run(["openssl", "dgst", "-sha256", str(path)], check=True, capture_output=True)
    after = os.times()
    used = after.children_user + after.children_system
    return (used - before.children_user - before.children_system) * 1000


def large(server, space, member, nginx):
    source = pathlib.Path(os.environ["BENCH_TMP"]) / "big.bin"
    source.write_bytes(random.randbytes(BIG))
    login = ["-H", f"Authorization: {authorization(member)}"]
    url = f"{space.url}/remote.php/webdav/big.bin"
    puts, gets, nginx_puts, nginx_gets = [], [], [], []
    rest = measure.memory_mib(server.pid)
    measure.forget_peak(server.pid)
    for _ in range(3):
        puts.append(timed_curl([server.pid], *login, "-T", str(source), url))
        gets.append(timed_curl([server.pid], *login, url))
        nginx_puts.append(timed_curl(nginx.pids(), "-T", str(source), nginx.url("big.bin")))
        nginx_gets.append(timed_curl(nginx.pids(), nginx.url("big.bin")))
    more = measure.memory_mib(server.pid, "VmHWM") - rest
    hash_ms = hashing_ms(source)
    put, get = sorted(puts)[1], sorted(gets)[1]
    nginx_put, nginx_get = sorted(nginx_puts)[1], sorted(nginx_gets)[1]
    return [
        measure.row(
            "GET 100 MiB",
            "≤ 2× nginx's CPU",
            f"{get:.0f} CPU-ms",
            f"nginx {nginx_get:.0f} CPU-ms",
            get <= 2 * max(nginx_get, 10),
        ),
        measure.row(
            "PUT 100 MiB",
            "≤ 3.5× nginx dav's CPU, hashing apart; ≤ 16 MiB more memory",
            f"{put:.0f} CPU-ms, of which SHA-256 about {hash_ms:.0f}; {more:.0f} MiB more",
            f"nginx dav {nginx_put:.0f} CPU-ms",
            put - hash_ms <= 3.5 * max(nginx_put, 10) and more <= 16,
        ),
    ]


def small_puts(server, space, member):
    script = PUT_LUA % authorization(member)
    with measure.Cpu([server.pid]) as cpu:
        done, bad = measure.wrk(space.url, SECONDS, script=script)
    each = cpu.seconds * 1000 / max(done, 1)
    return measure.row(
        "PUT of 1 KiB files over HTTP, one space, 16 in flight",
        "≤ 0.4 ms CPU each (the rate beside bare SQLite is measured without HTTP, below)",
        f"{each:.2f} ms CPU, {done / cpu.wall:,.0f}/s, {bad} refused",
        "–",
        each <= 0.4 and bad == 0,
    )


def bare_commits(count):
    """CPU-s of as many commits and nothing else: 40 KiB written over, synced, a pause between."""
    page = random.randbytes(40 * 1024)
    file = os.open(pathlib.Path(os.environ["BENCH_TMP"]) / "commits", os.O_RDWR | os.O_CREAT, 0o600)
    for i in range(100):
        os.pwrite(file, page, i * len(page))
    os.fsync(file)
    used = 0.0
    for i in range(count):
        before = time.process_time()
        os.pwrite(file, page, i % 100 * len(page))
        os.fdatasync(file)
        used += time.process_time() - before
        time.sleep(0.003)
    os.close(file)
    return used


def first_sync(server, space, member):
    folder = pathlib.Path(os.environ["BENCH_TMP"]) / "sync"
    for i in range(1000):
        path = folder / f"d{i % 20}" / f"file {i}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(random.randbytes(10 * 1024))
    home = pathlib.Path(os.environ["BENCH_TMP"]) / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    with measure.Cpu([server.pid]) as cpu:
        before = os.times()
        subprocess.run(
            ["nextcloudcmd", "--non-interactive", "--silent", "-u", member.uid, "-p", member.token]
            + ["--path", "/", str(folder), space.url],
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        after = os.times()
    client = after.children_user + after.children_system
    client -= before.children_user + before.children_system
    share = cpu.seconds / client
    return measure.row(
        "first sync of 1,000 files × 10 KiB by nextcloudcmd",
        "server CPU ≤ 10 % of the client's",
        f"{cpu.seconds:.2f} CPU-s = {share:.0%}; {cpu.wall:.1f} s in all",
        f"client {client:.2f} CPU-s; 1,000 bare commits {bare_commits(1000):.2f} CPU-s",
        share <= 0.1,
    )


def listing(bench_program):
    out = subprocess.run([bench_program], check=True, capture_output=True, text=True).stdout
    values = dict(line.split() for line in out.splitlines())

    def row(what, budget, key):
        took = float(values[key])
        reference = "bare" if key == "handler" else "bare_again"
        bare = f"bare SQL + XML writer {float(values[reference]):.2f} ms CPU"
        verdict = took <= budget if budget else None
        limit = f"≤ {budget} ms CPU" if budget else "–"
        return measure.row(what, limit, f"{took:.2f} ms CPU", bare, verdict)

    return [
        row("PROPFIND depth 1, 1,000 entries, 15 properties", 1.4, "handler"),
        row("the same with 10,000 grants on them", 1.4, "granted"),
        row("the home of somebody with 200 mounts, depth 1", None, "mounted"),
        row("the same, depth 0: what a client polls", None, "polled"),
        row("giving one of 10,000 grants to a person", None, "grant"),
    ]


def search(bench_program):
    out = subprocess.run([bench_program], check=True, capture_output=True, text=True).stdout
    values = {what: float(ms) for what, ms in map(str.split, out.splitlines())}
    return [
        measure.row(
            "search by name over 100,000 names",
            "≤ 15 ms CPU",
            f"{values['name']:.1f} ms CPU",
            f"bare LIKE {values['bare_like']:.1f} ms CPU",
            values["name"] <= 15,
        ),
        measure.row(
            "the latest 100 of 5,000 pictures among 100,000 files",
            "–",
            f"{values['photos']:.1f} ms CPU; anything newer than a date {values['recent']:.1f}",
            f"bare LIKE {values['bare_like']:.1f} ms CPU",
            None,
        ),
        measure.row(
            "what a write pays for locks when there are none",
            "–",
            f"{values['lock_check'] * 1000:.2f} µs CPU",
            "–",
            None,
        ),
    ]


def run(programs):
    rows = listing(programs / "dav_propfind_bench")
    rows.extend(search(programs / "files_search_bench"))
    with Server(scratch("bench-files")) as server:
        space = server.create_space("bench")
        member = server.add_member(space, "lea")
        with measure.Nginx(scratch("bench-nginx"), 18099) as nginx:
            rows.append(small_get(server, space, member, nginx))
            rows.extend(large(server, space, member, nginx))
        rows.append(small_puts(server, space, member))
        other = server.create_space("sync")
        rows.append(first_sync(server, other, server.add_member(other, "tom")))
    return rows
