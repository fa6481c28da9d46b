"""Rounds of load, SIGKILL (now and then SIGTERM), restart and comparison, for kill_test.py and
kill_soak.py."""

import random
import threading
import time

import space_check
from essaim_server import Server
from mixed_load import Writer
from promises import ALWAYS

SPACES = 3
MEMBERS = 2  # of each space; every one is a thread of its own
ACKNOWLEDGED_MIN = 50  # writes before each kill
LOAD_SECONDS_MAX = 30
DOCTOR_EVERY = 10  # rounds
REPORT_EVERY = 100  # rounds
STOP_SHARE = 0.1  # of the rounds end with SIGTERM instead of SIGKILL


class Reader:
    """Whom the writers of a space share with: reaches exactly that."""

    def __init__(self, member, writers):
        self.dav = member.dav()
        self.writers = writers

    def verify(self):
        self.dav.close()
        seen = {entry.id: path for path, entry in self.dav.tree().items() if path not in ALWAYS}
        given = set().union(*(writer.given() for writer in self.writers))
        missing = given - set(seen)
        assert not missing, f"not there for whom it is shared with: {sorted(missing)[:5]}"
        more = [path for each, path in seen.items() if each not in given]
        assert not more, f"there and not shared: {more[:5]}"


class Rounds:
    def __init__(self, folder, seed):
        self.rng = random.Random(seed)
        self.server = Server(folder, addresses=SPACES).start()
        self.writers = []
        self.readers = []
        for number in range(SPACES):
            space = self.server.create_space(f"space{number}")
            reader = self.server.add_member(space, "zoe")
            writers = [
                Writer(self.server.add_member(space, uid), seed, reader.uid)
                for uid in ("lea", "max")[:MEMBERS]
            ]
            self.readers.append(Reader(reader, writers))
            self.writers += writers
        spaces = self.server.spaces.values()
        self.folders = [self.server.space_folder(space) for space in spaces]
        self.in_the_air = {"done": 0, "not done": 0, "none": 0}
        self.fewest = None
        self.stops = 0
        self.restart_seconds = []

    def run(self, count, report):
        """Raises AssertionError, with the round, at the first promise that is broken."""
        for number in range(count):
            if number and number % REPORT_EVERY == 0:
                report.note(f"{number} rounds, {self.acknowledged()} acknowledged writes")
            try:
                self._round(number)
            except AssertionError as error:
                raise AssertionError(f"round {number}: {error}") from error

    def _round(self, number):
        gently = self.rng.random() < STOP_SHARE
        self._load_and_end(gently)
        for folder in self.folders:
            # Contents are hashed by the GETs below; here all that SQL can tell.
            wrong = space_check.problems(folder, contents=number % DOCTOR_EVERY == 0)
            assert not wrong, f"{folder.name} at rest: {wrong[:5]}"
        began = time.monotonic()
        self.server.start()
        self.restart_seconds.append(time.monotonic() - began)
        if self.rng.random() < 0.1:  # a second crash while it recovers
            self.server.kill()
            self.server.start()
        for writer in self.writers:
            ended = writer.verify()
            assert not (gently and ended == "done"), "a stop left a write without its answer"
            self.in_the_air[ended] += 1
        for reader in self.readers:
            reader.verify()
        self.stops += gently
        if number % DOCTOR_EVERY == DOCTOR_EVERY - 1:
            self.server.doctor()

    def _load_and_end(self, gently):
        before = self.acknowledged()
        failures = []
        threads = [
            threading.Thread(target=_guarded, args=(writer, failures)) for writer in self.writers
        ]
        for each in threads:
            each.start()
        until = time.monotonic() + LOAD_SECONDS_MAX
        wanted = before + ACKNOWLEDGED_MIN + self.rng.randrange(40)
        while self.acknowledged() < wanted and time.monotonic() < until and not failures:
            time.sleep(0.001)
        time.sleep(self.rng.random() * 0.004)
        code = 0
        if gently:
            code = self.server.stop()
        else:
            self.server.kill()
        for each in threads:
            each.join()
        assert code == 0, f"a stop under load ended with {code}"
        assert not failures, failures[0]
        got = self.acknowledged() - before
        assert got >= ACKNOWLEDGED_MIN, f"only {got} writes in {LOAD_SECONDS_MAX} s"
        self.fewest = min(got, self.fewest or got)
        refused = [each for writer in self.writers for each in writer.refused]
        assert not refused, f"refused under load: {refused[:5]}"

    def acknowledged(self):
        return sum(writer.acknowledged for writer in self.writers)

    def by_method(self):
        total = {}
        for writer in self.writers:
            for method, count in writer.by_method.items():
                total[method] = total.get(method, 0) + count
        return total

    def figures(self):
        methods = ", ".join(f"{count} {name}" for name, count in sorted(self.by_method().items()))
        entries = sum(len(writer.tree) for writer in self.writers)
        slowest = max(self.restart_seconds)
        return [
            f"{self.acknowledged()} acknowledged writes ({methods})",
            f"at least {self.fewest} before each kill; in the air at the kill: "
            f"{self.in_the_air['done']} were done, {self.in_the_air['not done']} were not",
            f"{self.stops} rounds ended with SIGTERM: no write was left without its answer",
            f"{entries} entries at the end; slowest restart {slowest * 1000:.0f} ms",
        ]


def _guarded(writer, failures):
    try:
        writer.run_until_broken()
    except Exception as error:  # pylint: disable=broad-except
        failures.append(f"{type(error).__name__}: {error}")


def play(report, folder, seed, count):
    """The whole test: `count` rounds, then the doctor, then the figures."""
    rounds = Rounds(folder, seed)
    try:
        with report.case(f"every acknowledged write survives {count} kills, seed {seed}"):
            rounds.run(count, report)
        with report.case("the doctor finds nothing afterwards"):
            rounds.server.doctor()
        for line in rounds.figures() if rounds.restart_seconds else []:
            report.note(line)
    finally:
        rounds.server.kill()
