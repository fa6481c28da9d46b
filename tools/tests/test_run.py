"""./dev run from the outside, on the fake server."""

import base64
import pathlib
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import unittest
import urllib.request

import run

FAKE = pathlib.Path(__file__).with_name("fake_essaim.py")
TOOLS = FAKE.parent.parent


class Choosing(unittest.TestCase):
    def test_a_taken_port_gives_the_next_free_one(self):
        with socket.create_server(("127.0.0.11", 0)) as taken:
            first = taken.getsockname()[1]
            port, addresses = run.choose_port(first=first)
        self.assertGreater(port, first)
        self.assertIn("127.0.0.13", addresses)

    def test_passwords_are_made_once_and_for_their_owner(self):
        with tempfile.TemporaryDirectory(prefix="essaim-") as folder:
            made = run.passwords(pathlib.Path(folder) / "new")
            path = pathlib.Path(folder) / "new" / run.STATE
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
            self.assertEqual(run.passwords(path.parent), made)
        self.assertEqual({len(each) for uids in made.values() for each in uids.values()}, {12})


class Running(unittest.TestCase):
    def start(self, folder):
        """The process, and what it printed up to its last line."""
        code = "import pathlib, sys, run; sys.exit(run.run(sys.argv[1], pathlib.Path(sys.argv[2])))"
        process = subprocess.Popen(
            [sys.executable, "-c", code, FAKE, folder],
            cwd=TOOLS,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        text = ""
        while "nextcloudcmd --non" not in text:
            line = process.stdout.readline()
            self.assertNotEqual(line, "", text)
            text += line
        return process, text

    def stop(self, process):
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), 0)

    def test_what_is_printed_works_and_a_second_run_prints_the_same(self):
        with tempfile.TemporaryDirectory(prefix="essaim-") as folder:
            process, text = self.start(folder)
            user, password, url = re.search(r"-u (\S+) -p (\S+) \S+ (http\S+)", text).groups()
            token = base64.b64encode(f"{user}:{password}".encode()).decode()
            request = urllib.request.Request(
                f"{url}/x", b"hello", {"Authorization": f"Basic {token}"}, method="PUT"
            )
            with urllib.request.urlopen(request) as answer:
                self.assertEqual(answer.status, 201)
            for host in ("voile.localhost", "127.0.0.12", "127.0.0.13"):
                self.assertIn(f"http://{host}:", text)
            self.stop(process)
            process, again = self.start(folder)
            self.stop(process)
            self.assertEqual(re.sub(r":\d+", "", again), re.sub(r":\d+", "", text))


if __name__ == "__main__":
    unittest.main()
