"""What every benchmark shares: CPU and memory of a process, load by wrk, nginx as the reference."""

import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids):
    """User and system time of these processes so far."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory_mib(pid, field="VmRSS"):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1024


def forget_peak(pid):
    """Lets VmHWM begin anew (proc(5), clear_refs): it remembers the hash of every password."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


class Cpu:
    """`with Cpu(pids) as cpu: ...` then cpu.seconds and cpu.wall."""

    def __init__(self, pids):
        self.pids = list(pids)

    def __enter__(self):
        self.before = cpu_seconds(self.pids)
        self.began = time.monotonic()
        return self

    def __exit__(self, *_):
        self.wall = time.monotonic() - self.began
        self.seconds = cpu_seconds(self.pids) - self.before


def wrk(url, seconds, script=None, connections=16, threads=1, headers=()):
    """(answers, answers that were no 2xx or 3xx). The script is Lua text."""
    command = ["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{seconds}s"]
    for header in headers:
        command += ["-H", header]
    if script:
        path = pathlib.Path(os.environ["BENCH_TMP"]) / "load.lua"
        path.write_text(script)
        command += ["-s", str(path)]
    out = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    done = int(re.search(r"(\d+) requests in", out)[1])
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return done, int(bad[1]) if bad else 0


class Nginx:
    """nginx with one worker over a folder; PUT by its dav module where Debian ships it."""

    def __init__(self, folder, port):
        self.folder = pathlib.Path(folder)
        self.port = port
        (self.folder / "files").mkdir(parents=True)
        (self.folder / "files").chmod(0o777)
        self.folder.chmod(0o755)
        modules = "/usr/share/nginx/modules-available"
        dav = "" if not os.path.isdir(modules) else ""
        self.conf = self.folder / "nginx.conf"
        self.conf.write_text(
            f"""{dav}worker_processes 1; daemon off; pid {folder}/nginx.pid; user root;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log {folder}/access.log; sendfile on; keepalive_requests 1000000;
  client_max_body_size 0; client_body_temp_path {folder}/tmp;
  server {{ listen 127.0.0.1:{port}; root {folder}/files;
    location / {{ dav_methods PUT DELETE MKCOL; create_full_put_path on; }} }}
}}
"""
        )

    def __enter__(self):
        self.process = subprocess.Popen(["nginx", "-c", str(self.conf)], stderr=subprocess.DEVNULL)
        for _ in range(100):
            time.sleep(0.05)
            if subprocess.run(["curl", "-s", "-o", "/dev/null", self.url("")]).returncode == 0:
                break
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

    def pids(self):
        children = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True
        ).stdout.split()
        return [self.process.pid, *map(int, children)]


def row(what, budget, measured, reference, verdict):
    """One line of the results; verdict is True, False or None (no budget)."""
    return {
        "what": what,
        "budget": budget,
        "measured": measured,
        "reference": reference,
        "verdict": verdict,
    }
