"""Runs GoogleTest programs side by side and sums what they say."""

import concurrent.futures
import pathlib
import re
import time

import common

SECONDS_MAX = 600  # of one test program

PASSED = re.compile(r"^\[  PASSED  \] (\d+) tests?", re.MULTILINE)
FAILED = re.compile(r"^\[  FAILED  \] (\d+) tests?", re.MULTILINE)
SKIPPED = re.compile(r"^\[  SKIPPED \] (\d+) tests?", re.MULTILINE)
ENDED = re.compile(r"^\[==========\] \d+ tests? from .* ran\.", re.MULTILINE)


def summary(text, code):
    """The Count in a program's output. A program that ended before its summary is one failure."""
    if not ENDED.search(text):
        return common.Count(failed=1)
    found = (pattern.search(text) for pattern in (PASSED, FAILED, SKIPPED))
    count = common.Count(*(int(match[1]) if match else 0 for match in found))
    if code != 0 and count.failed == 0:
        count.failed = 1  # a sanitizer's report after the last test
    return count


def run_one(program, test_filter, environment):
    """Runs one program: (program, count, its output when it failed, seconds)."""
    command = ["timeout", "--kill-after=10", str(SECONDS_MAX), program]
    if test_filter and test_filter not in pathlib.Path(program).name:
        command.append(f"--gtest_filter=*{test_filter}*")
    began = time.monotonic()
    code, text = common.output_of(command, env=environment)
    count = summary(text, code)
    return pathlib.Path(program).name, count, text, time.monotonic() - began


def run(programs, out, test_filter=None, environment=None, jobs=None):
    """Runs the programs; writes the output of those that failed to `out`. Returns the Count."""
    total = common.Count()
    with concurrent.futures.ThreadPoolExecutor(jobs or common.cores()) as pool:
        started = [pool.submit(run_one, each, test_filter, environment) for each in programs]
        for done in started:
            name, count, text, seconds = done.result()
            total += count
            if count.failed:
                out.write(f"--- {name}\n{text}\n")
            if count != common.Count():
                out.write(f"{name}: {count} ({seconds:.1f} s)\n")
            out.flush()
    return total
