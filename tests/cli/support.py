"""What the tests of the command line share: a server of their own, and its refusals.

Each test program runs the server named by the environment variable ESSAIM against data folders
of its own, as an operator would. Needs nothing but Python's standard library. The last line says
how many promises held:

    ESSAIM=build/release/essaim python3 tests/cli/cli_test.py [part of a name...]
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from base64 import b64encode

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


def run(promises):
    """Keeps every promise of a test program: its functions without arguments."""
    wanted = sys.argv[1:]
    passed = failed = skipped = 0
    for name, test in list(promises.items()):
        mine = getattr(test, "__module__", "") == "__main__" and hasattr(test, "__code__")
        if not mine or test.__code__.co_argcount > 0:
            continue
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
        except Exception:
            failed += 1
            print(f"FAIL  {name}", flush=True)
            traceback.print_exc(file=sys.stdout)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0
