"""What every part of ./dev needs: where things are, running programs, counting tests."""

import contextlib
import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"

COUNT_LINE = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped\s*$")


@dataclasses.dataclass
class Count:
    """How many tests passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def last_count(text):
    """The last `N passed, N failed, N skipped` line of a test program, or None."""
    for line in reversed(text.splitlines()):
        found = COUNT_LINE.match(line.strip())
        if found:
            return Count(*(int(number) for number in found.groups()))
    return None


def stop(message, code=1):
    """Ends the command with one line that says why."""
    print(f"dev: {message}", file=sys.stderr)
    raise SystemExit(code)


def cores():
    return len(os.sched_getaffinity(0))


def environment(**more):
    """The environment of a build: ccache sees relative paths, so that clones share it."""
    env = dict(os.environ)
    env["CCACHE_BASEDIR"] = str(ROOT)
    env["CCACHE_NOHASHDIR"] = "1"
    env.update(more)
    return env


def run(command, **options):
    """Runs a program from the checkout and returns its exit code."""
    options.setdefault("cwd", ROOT)
    return subprocess.run([str(part) for part in command], **options).returncode


def output_of(command, **options):
    """Runs a program and returns (exit code, standard output and error together)."""
    options.setdefault("cwd", ROOT)
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        **options,
    )
    return done.returncode, done.stdout


def run_logged(command, log, seconds_max, env=None):
    """Runs a program with its output in `log`, an open file: (exit code, output).

    It and whatever it started ends after `seconds_max`; the code is then 124, as timeout(1) says.
    """
    log.flush()
    start = log.tell()
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=env,
        start_new_session=True,
    )
    try:
        code = process.wait(seconds_max)
    except subprocess.TimeoutExpired:
        code = 124
    finally:
        end_group(process)
    log.seek(0, os.SEEK_END)
    if code == 124:
        log.write(f"it took more than {seconds_max} s and was ended\n")
        log.flush()
    with open(log.name, encoding="utf-8", errors="replace") as written:
        written.seek(start)
        return code, written.read()


def end_group(process):
    """Ends a program started in a session of its own, with everything it left behind."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def tracked_files(root=ROOT):
    """Paths below `root` of every file git tracks or would add; without git, of all files."""
    if (root / ".git").exists():
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout.decode()
        names = sorted(set(name for name in listing.split("\0") if name))
        return [name for name in names if (root / name).is_file()]
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in (".git", "build"))
        for name in sorted(files):
            found.append(str((pathlib.Path(folder) / name).relative_to(root)))
    return found
