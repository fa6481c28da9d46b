"""What one space notices of another that is hammered: the slowest hundredth of its requests."""

import base64
import os
import pathlib
import statistics
import subprocess
import threading
import time

import measure
from essaim_server import Server, scratch

SECONDS = 10
ROUNDS = 3
CALLERS = 16
PAUSE = 0.002  # seconds between two requests of the space that is watched
FACTOR_MAX = 1.5
OTHER_ADDRESS = 31  # of the second server: 127.0.0.31 and up
HAMMER_LUA = """
local n = 0
local me = tostring(math.random(1, 1e9))
local body = string.rep("x", 4096)
request = function()
  n = n + 1
  local method = n %% 4 == 0 and "PROPFIND" or "PUT"
  local path = "/remote.php/webdav/"
  if method == "PUT" then path = path .. "f" .. me .. "-" .. n %% 500 end
  return wrk.format(method, path, {["Authorization"] = "%s", ["Depth"] = "0"},
    method == "PUT" and body .. n or nil)
end
"""


def requests_of(member, seconds):
    """Milliseconds of each request of one person at work: lists, reads, writes in turn."""
    took = []
    dav = member.dav()
    until = time.monotonic() + seconds
    number = 0
    while time.monotonic() < until:
        number += 1
        began = time.monotonic()
        if number % 3 == 0:
            dav.put(f"own {number % 50}.txt", b"y" * 2048)
        elif number % 3 == 1:
            dav.propfind("", depth=1)
        else:
            dav.get("read.txt")
        took.append((time.monotonic() - began) * 1000)
        time.sleep(PAUSE)
    return took


def p99(values):
    return sorted(values)[int(len(values) * 0.99)]


def burn(stop):
    """As much processor as the callers take, without the server: what the machine itself does."""
    programs = [subprocess.Popen(["sha256sum", "/dev/zero"], stdout=subprocess.DEVNULL)]
    stop.wait()
    for program in programs:
        program.kill()
        program.wait()


def beside(action, member):
    """The requests of `member` while `action(stop)` runs."""
    stop = threading.Event()
    worker = threading.Thread(target=action, args=(stop,))
    worker.start()
    time.sleep(0.5)
    took = requests_of(member, SECONDS)
    stop.set()
    worker.join()
    return took


def hammer(space, member):
    login = base64.b64encode(f"{member.uid}:{member.token}".encode()).decode()
    script = pathlib.Path(os.environ["BENCH_TMP"]) / f"hammer-{space.slug}.lua"
    script.write_text(HAMMER_LUA % f"Basic {login}")

    def run(stop):
        load = subprocess.Popen(
            ["wrk", "-t", "1", "-c", str(CALLERS), "-d", "60s", "-s", str(script), space.url],
            stdout=subprocess.DEVNULL,
        )
        stop.wait()
        load.terminate()
        load.wait()

    return run


def another_server():
    """A process of the same kind that shares the machine with the first, and nothing else."""
    other = Server(scratch("bench-isolation-apart"))
    other.addresses = [f"127.0.0.{OTHER_ADDRESS + i}" for i in range(len(other.addresses))]
    return other


def run(programs):
    with Server(scratch("bench-isolation")) as server, another_server() as other:
        loud = server.create_space("loud")
        quiet = server.create_space("quiet")
        shouting = hammer(loud, server.add_member(loud, "tom"))
        there = other.create_space("there")
        shouting_apart = hammer(there, other.add_member(there, "tim"))
        member = server.add_member(quiet, "lea")
        member.dav().put("read.txt", b"z" * 4096)
        requests_of(member, 1)
        alone, burnt, apart, busy = [], [], [], []
        for _ in range(ROUNDS):
            alone.append(p99(requests_of(member, SECONDS)))
            burnt.append(p99(beside(burn, member)))
            apart.append(p99(beside(shouting_apart, member)))
            busy.append(p99(beside(shouting, member)))
    base, reference, far, slow = map(statistics.median, (alone, burnt, apart, busy))
    return [
        measure.row(
            f"p99 of one space while {CALLERS} callers hammer another",
            f"≤ {FACTOR_MAX}× its p99 alone",
            f"{slow:.1f} ms = {slow / base:.2f}× (alone {base:.1f} ms)",
            f"the same load on another server of this machine {far:.1f} ms = {far / base:.2f}×; "
            f"a program that only burns one core {reference:.1f} ms",
            slow <= FACTOR_MAX * base,
        )
    ]
