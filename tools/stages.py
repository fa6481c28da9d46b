"""The machinery of `./dev test --all`: stages that run one after another while builds go ahead.

A stage is a name and a function that writes to a log and returns a Count. A build stage is done by
a second thread, in the order of the list and with a low priority, so that the next build goes on
while tests run. A stage that fails does not stop the others; one whose build failed counts as one
failure.
"""

import concurrent.futures
import dataclasses
import re
import time
import typing

import build
import common

LOGS = common.BUILD / "test"
TAIL_LINES = 80  # of a failed stage's log, shown at once


@dataclasses.dataclass
class Stage:
    name: str
    work: typing.Callable  # (log file) -> Count
    needs: str = ""  # the preset that must have been built


@dataclasses.dataclass
class Build:
    preset: str
    targets: tuple = ()

    @property
    def name(self):
        return f"build {self.preset}"


def log_path(stage):
    return LOGS / (re.sub(r"[^a-z0-9]+", "-", stage.name.lower()).strip("-") + ".log")


def run_build(stage):
    """On the builder's thread: (worked, seconds)."""
    began = time.monotonic()
    with open(log_path(stage), "w", encoding="utf-8") as log:
        worked = build.build(stage.preset, stage.targets, log=log)
    return worked, time.monotonic() - began


def run_work(stage):
    """(Count, seconds); an exception is one failure with its text in the log."""
    began = time.monotonic()
    with open(log_path(stage), "w", encoding="utf-8") as log:
        try:
            count = stage.work(log)
        except Exception as error:  # pylint: disable=broad-except
            log.write(f"the stage itself failed: {error!r}\n")
            count = common.Count(failed=1)
    return count, time.monotonic() - began


def report(stage, count, seconds, out):
    out.write(f"{stage.name:<32} {seconds:7.1f} s   {count}\n")
    text = log_path(stage).read_text(encoding="utf-8", errors="replace").splitlines()
    if count.failed:
        for line in text[-TAIL_LINES:]:
            out.write(f"    {line}\n")
        out.write(f"    all of it: {log_path(stage).relative_to(common.ROOT)}\n")
    elif count.skipped:
        for line in text:
            if "skip" in line.lower():
                out.write(f"    {line}\n")
    out.flush()


def run_all(stages, out):
    """Runs Builds and Stages in order; returns the total Count."""
    LOGS.mkdir(parents=True, exist_ok=True)
    total = common.Count()
    with concurrent.futures.ThreadPoolExecutor(1) as builder:
        builds = {s.preset: builder.submit(run_build, s) for s in stages if isinstance(s, Build)}
        for stage in stages:
            if isinstance(stage, Build):
                worked, seconds = builds[stage.preset].result()
                count = common.Count(passed=1) if worked else common.Count(failed=1)
            elif stage.needs in builds and not builds[stage.needs].result()[0]:
                log_path(stage).write_text(f"not run: build {stage.needs} failed\n")
                count, seconds = common.Count(failed=1), 0.0
            else:
                count, seconds = run_work(stage)
            report(stage, count, seconds, out)
            total += count
    return total
