"""SIGKILL in the middle of the operator's commands: what a command reported as done is done, what
it did not report is done or not, and nothing is left half way.

    kill_commands_test.py [--seed N] [--rounds N]
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import report as reports
from dav import sha256
from essaim_server import DOMAIN, Server, program, scratch

ROUNDS = 84
KILL_SECONDS_MAX = 0.15  # after the command began
COMMAND_SECONDS_MAX = 30


class Fleet:
    """What is known of each space: its state, and its one file's content."""

    def __init__(self, server, rng):
        self.server = server
        self.rng = rng
        self.copy = server.folder / "copy.tar"
        self.origin = server.create_space("origin")
        self.member = server.add_member(self.origin, "lea")
        self.dav = self.member.dav()
        self.contents = [bytes([n]) * 50_000 for n in range(3)]
        self.put(0)
        server.command("space", "export", "origin", self.copy)
        self.copied = self.current
        self.made = 0
        self.fingerprint = self._fingerprint()
        self.done = {"reported": 0, "done": 0, "not done": 0}

    def put(self, which):
        self.dav.close()
        self.current = self.contents[which]
        assert self.dav.put("file", self.current).done

    def _fingerprint(self):
        self.dav.close()
        return self.dav.propfind("", 0, "<oc:data-fingerprint/>").text().split("fingerprint>")[1]

    def spaces(self):
        listed = json.loads(self.server.command("space", "list", "--json"))
        return {each["slug"]: each for each in listed}

    def interrupted(self, *arguments, given=None):
        """Runs a command and kills the server meanwhile. True when the command reported success."""
        command = subprocess.Popen(
            [program(), *map(str, arguments), "--data", str(self.server.data)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        if given:
            command.stdin.write(given)
        command.stdin.close()
        time.sleep(self.rng.random() * KILL_SECONDS_MAX)
        self.server.kill()
        reported = command.wait(COMMAND_SECONDS_MAX) == 0
        self.server.start()
        return reported

    def note(self, reported, done):
        """`done`: what is found afterwards. What was reported must be."""
        assert done or not reported, "reported as done, and it is not"
        self.done["reported" if reported else "done" if done else "not done"] += 1

    # --- one command each

    def create(self):
        self.made += 1
        slug = f"made{self.made}"
        reported = self.interrupted("space", "create", slug, "--name", "Made")
        there = self.spaces().get(slug)
        self.note(reported, there is not None)
        if there is None:
            self.server.command("space", "create", slug, "--name", "Made")
        assert self.spaces()[slug]["state"] == "ready"

    def add_member(self):
        self.made += 1
        uid = f"member{self.made}"
        arguments = ("member", "add", "--space", "origin", uid, "--password-stdin")
        reported = self.interrupted(*arguments, given="a good password\n")
        listed = json.loads(self.server.command("member", "list", "--space", "origin", "--json"))
        self.note(reported, uid in {each["uid"] for each in listed})

    def suspend(self):
        slug = "origin"
        reported = self.interrupted("space", "suspend", slug)
        state = self.spaces()[slug]["state"]
        assert state in ("ready", "suspended"), state
        self.note(reported, state == "suspended")
        if state == "suspended":
            self.server.command("space", "resume", slug)

    def delete(self):
        slug = next((name for name in sorted(self.spaces()) if name.startswith("made")), None)
        if slug is None:
            return
        if self.spaces()[slug]["state"] == "deleted":
            self.server.command("space", "resume", slug)
        reported = self.interrupted("space", "delete", slug)
        self.note(reported, self.spaces()[slug]["state"] == "deleted")

    def restore(self):
        """Import over the living space: old content with the old mark, or new with a new."""
        self.put(1 + self.rng.randrange(2))
        reported = self.interrupted("space", "import", self.copy)
        now, mark = self._file(), self._fingerprint()
        restored = mark != self.fingerprint
        assert now == (self.copied if restored else self.current), "another content"
        self.fingerprint, self.current = mark, now
        self.note(reported, restored)

    def import_as(self):
        self.made += 1
        slug = f"made{self.made}"
        reported = self.interrupted("space", "import", self.copy, "--as", slug)
        there = self.spaces().get(slug)
        self.note(reported, there is not None)
        if there is not None:
            host = f"{slug}.{DOMAIN}:{self.server.port}"
            answer = self.member.dav(host=host).get("file")
            assert answer.body == self.copied, (answer.status, len(answer.body))

    def export(self):
        """A copy that was reported is whole; one that was not leaves no file of that name."""
        file = self.server.folder / "another.tar"
        file.unlink(missing_ok=True)
        reported = self.interrupted("space", "export", "origin", file)
        self.note(reported, file.exists())
        if file.exists():
            listed = subprocess.run(["tar", "-tf", file], stdout=subprocess.DEVNULL, check=False)
            assert listed.returncode == 0, "tar cannot read the copy"

    def _file(self):
        self.dav.close()
        answer = self.dav.get("file")
        assert answer.status == 200, answer
        return answer.body

    def check(self):
        assert sha256(self._file()) == sha256(self.current)
        self.server.doctor()
        staging = self.server.data / "staging"
        left = sorted(each.name for each in staging.iterdir()) if staging.exists() else []
        assert not left, f"left in staging: {left}"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options = options.parse_args()
    report = reports.Report()
    with Server(scratch("kill-commands"), addresses=1) as server:
        fleet = Fleet(server, random.Random(options.seed))
        deeds = (fleet.create, fleet.add_member, fleet.suspend, fleet.delete, fleet.restore,
                 fleet.import_as, fleet.export)  # fmt: skip
        with report.case(f"{options.rounds} kills during commands, seed {options.seed}"):
            for number in range(options.rounds):
                deed = deeds[number % len(deeds)]
                try:
                    deed()
                    fleet.check()
                except AssertionError as error:
                    raise AssertionError(f"round {number}, {deed.__name__}: {error}") from error
        report.note(f"{fleet.done}")
    report.finish()


if __name__ == "__main__":
    main()
