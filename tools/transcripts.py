"""Plays the transcripts of tests/transcripts against a server.

One server is started for all of them; each gets a fresh space with a host name of its own. A
transcript that says `serve: <arguments>` or restarts the server gets a server of its own. The
format is in docs/develop/transcripts.md.
"""

import argparse
import concurrent.futures
import pathlib
import sys
import tempfile
import threading
import time

import common
import server as servers
from wire import format, play, update

FOLDER = common.ROOT / "tests" / "transcripts"
SLOW_SECONDS = 5  # a transcript that takes longer is named


def find(folder, wanted):
    """The transcript files whose path has `wanted` in it, fixtures left out."""
    names = sorted(path.relative_to(folder) for path in folder.rglob("*.http"))
    return [
        name
        for name in names
        if name.parts[0] != "fixtures" and (not wanted or wanted in str(name))
    ]


def own_server(transcript):
    restarts = any(step.settings.get("server") == "restart" for step in transcript.steps)
    return "serve" in transcript.settings or restarts


class Runner:
    def __init__(self, essaim, folder, tmp, updating):
        self.essaim = essaim
        self.folder = folder
        self.tmp = pathlib.Path(tmp)
        self.updating = updating
        self.count = common.Count()
        self.lock = threading.Lock()
        self.spaces = 0
        self.stage = None

    def number(self):
        with self.lock:
            self.spaces += 1
            return self.spaces

    def shared_stage(self):
        if self.stage is None:
            server = servers.Server(self.essaim, self.tmp / "all")
            server.folder.mkdir()
            self.stage = play.Stage(server.start(), self.folder)
        return self.stage

    def one(self, name):
        """Plays one transcript: (name, text of its failures, seconds)."""
        began = time.monotonic()
        try:
            path = self.folder / name
            transcript = format.parse(str(name), path.read_text(encoding="utf-8"))
            text = self.play(transcript, path)
        except (servers.Refused, format.Malformed, OSError) as error:
            text = f"{name}: {error}"
        return name, text, time.monotonic() - began

    def play(self, transcript, path):
        if not own_server(transcript):
            return self.play_on(self.stage, transcript, path)
        arguments = transcript.settings.get("serve", "").replace("{slug}", "t1").split()
        server = servers.Server(self.essaim, self.tmp / f"own-{self.number()}", arguments=arguments)
        server.folder.mkdir()
        with server:
            text = self.play_on(play.Stage(server, self.folder), transcript, path, "t1")
            return text or stopped_badly(server)

    def play_on(self, stage, transcript, path, slug=None):
        captures = {}
        number = None if slug else self.number()
        fixture = transcript.settings.get("space", play.DEFAULT_FIXTURE)
        space = stage.space(slug or f"t{number}", fixture, captures)
        if "also" in transcript.settings:
            other = f"o{number or 1}"
            stage.space(other, transcript.settings["also"], captures, "other-")
        player = play.Player(stage, transcript, space, captures)
        try:
            failures = player.play(keep_going=self.updating)
        finally:
            player.close()
        if self.updating:
            lines = update.rewrite(transcript, player.seen)
            if lines != transcript.lines:
                path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            failures = [each for each in failures if each.answer is None]
        return "\n".join(each.text(transcript.name) for each in failures)

    def run(self, names, jobs):
        self.shared_stage()
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for name, text, seconds in pool.map(self.one, names):
                if text:
                    self.count.failed += 1
                    print(text, flush=True)
                else:
                    self.count.passed += 1
                if seconds > SLOW_SECONDS:
                    print(f"{name}: took {seconds:.1f} s", flush=True)
        text = stopped_badly(self.stage.server)
        if text:
            self.count.failed += 1
            print(text)


def stopped_badly(server):
    """Stops the server; says so when it did not end with 0 (a sanitizer's report does that)."""
    code = server.stop()
    return "" if code == 0 else f"the server ended with {code}:\n{server.log_tail(60)}"


def main(arguments):
    parser = argparse.ArgumentParser(prog="transcripts")
    parser.add_argument("--essaim", required=True)
    parser.add_argument("--folder", default=str(FOLDER))
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--jobs", type=int, default=common.cores())
    parser.add_argument("filter", nargs="?", default="")
    options = parser.parse_args(arguments)
    folder = pathlib.Path(options.folder)
    names = find(folder, options.filter)
    if not names:
        print(common.Count())
        return 0
    with tempfile.TemporaryDirectory(prefix="essaim-") as tmp:
        runner = Runner(options.essaim, folder, tmp, options.update)
        try:
            runner.run(names, options.jobs)
        except servers.Refused as error:
            print(error)
            runner.count.failed += 1
        finally:
            if runner.stage is not None:
                runner.stage.server.stop()
    print(runner.count)
    return 1 if runner.count.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
