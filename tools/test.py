"""./dev test [filter] | --all | --soak | --update <filter>."""

import functools
import os
import re
import sys
import tempfile
import time

import build
import common
import fuzz
import gtest
import stages

TSAN_MODULES = ("loop", "http_server", "lane", "gate")  # where threads meet
TOOL_SECONDS_MAX = 300
TRANSCRIPTS_SECONDS_MAX = 900
SCRIPT_SECONDS_MAX = 1200
SOAK_SECONDS_MAX = 4 * 3600
FUZZ_SECONDS = 10
FUZZ_SOAK_SECONDS = 600

ASAN = {
    "ASAN_OPTIONS": "abort_on_error=0:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}
TSAN = {"TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1"}


def counted(code, text):
    """What a program that ends with its count says; without one, or ending badly, it failed."""
    count = common.last_count(text) or common.Count(failed=1)
    if code != 0 and count.failed == 0:
        count.failed = 1
    return count


def tool(log, *command):
    """Runs one of our own tools; its last line is its count."""
    return counted(*common.run_logged([sys.executable, *command], log, TOOL_SECONDS_MAX))


def tools_tests(log):
    """The unit tests of the tools themselves."""
    command = [sys.executable, "-m", "unittest", "discover", "-s", "tools/tests", "-t", "tools"]
    code, text = common.run_logged(command, log, TOOL_SECONDS_MAX)
    ran = re.search(r"^Ran (\d+) tests?", text, re.MULTILINE)
    bad = sum(int(number) for number in re.findall(r"(?:failures|errors)=(\d+)", text))
    skipped = sum(int(number) for number in re.findall(r"skipped=(\d+)", text))
    if ran is None or (code != 0 and bad == 0):
        return common.Count(failed=1)
    return common.Count(int(ran[1]) - bad - skipped, bad, skipped)


def unit_tests(preset, log, only=None, test_filter=None, sanitizer=None):
    programs = build.programs(preset, "unit_tests")
    if only is not None:
        programs = [each for each in programs if each.name in only]
    return gtest.run(programs, log, test_filter, {**os.environ, **(sanitizer or {})})


def transcripts(preset, log, *arguments, sanitizer=None):
    server = build.folder(preset) / "essaim"
    command = [sys.executable, "tools/transcripts.py", "--essaim", server, *arguments]
    environment = {**os.environ, **(sanitizer or {})}
    return counted(*common.run_logged(command, log, TRANSCRIPTS_SECONDS_MAX, environment))


def fuzz_seeds(log, seconds=FUZZ_SECONDS):
    return fuzz.fuzz_all(build.programs("fuzz", "fuzzers"), seconds, log)


def run_script(script, log, seconds_max):
    """One test script against the release server, with a folder that is removed after."""
    with tempfile.TemporaryDirectory(prefix="essaim-") as folder:
        environment = {
            **os.environ,
            "ESSAIM": str(build.folder("release") / "essaim"),
            "ESSAIM_TMP": folder,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [sys.executable, script]
        return counted(*common.run_logged(command, log, seconds_max, environment))


def script_stages(ending, seconds_max):
    """A stage for each tests/<folder>/*<ending> but the fences: `clients, rclone`."""
    found = []
    for script in sorted((common.ROOT / "tests").glob(f"*/*{ending}")):
        names = [script.parent.name, script.name.removesuffix(ending).replace("_", " ")]
        if names[0] != "fences":
            name = ", ".join(dict.fromkeys(names))
            work = functools.partial(run_script, script, seconds_max=seconds_max)
            found.append(stages.Stage(name, work, "release"))
    return found


def power_cuts(log):
    """The plug is pulled on a recorded run at every point, and every disk is broken once."""
    folder = build.folder("asan") / "tests" / "power_cut"
    return gtest.run(sorted(folder.glob("*_test")), log, environment={**os.environ, **ASAN})


def all_stages():
    tsan = {f"{name}_test" for name in TSAN_MODULES}
    tests = common.ROOT / "tests"
    return [
        stages.Stage("tidy", lambda log: tool(log, "tools/tidy.py")),
        stages.Stage("tests of the tools", tools_tests),
        stages.Stage("docs", lambda log: tool(log, "tools/docs.py")),
        stages.Build("asan", ("all", "headers")),
        stages.Stage(
            "unit tests, asan", lambda log: unit_tests("asan", log, sanitizer=ASAN), "asan"
        ),
        stages.Stage(
            "transcripts, asan", lambda log: transcripts("asan", log, sanitizer=ASAN), "asan"
        ),
        stages.Stage("power cuts and faults", power_cuts, "asan"),
        stages.Build("tsan", tuple(sorted(tsan))),
        stages.Stage(
            "threads, tsan", lambda log: unit_tests("tsan", log, tsan, sanitizer=TSAN), "tsan"
        ),
        stages.Build("fuzz", ("fuzzers",)),
        stages.Stage("fuzz seeds", fuzz_seeds, "fuzz"),
        stages.Stage("fences", lambda log: tool(log, tests / "fences" / "fences_test.py")),
        stages.Build("release"),
        *script_stages("_test.py", SCRIPT_SECONDS_MAX),
    ]


def soak_stages():
    return [
        stages.Build("release"),
        stages.Build("fuzz", ("fuzzers",)),
        *script_stages("_soak.py", SOAK_SECONDS_MAX),
        stages.Stage("fuzz", lambda log: fuzz_seeds(log, FUZZ_SOAK_SECONDS), "fuzz"),
    ]


def run_stages(chosen):
    began = time.monotonic()
    total = stages.run_all(chosen, sys.stdout)
    print(f"took {time.monotonic() - began:.0f} s")
    if total == common.Count():
        print("dev: nothing has that in its name")
        return 1
    print(total)
    return 1 if total.failed else 0


def quick(test_filter):
    """The debug build, the unit tests and the transcripts: all of them, or those that match."""
    if not build.build("debug"):
        return 1
    wanted = [test_filter] if test_filter else []
    chosen = [
        stages.Stage("unit tests", lambda log: unit_tests("debug", log, test_filter=test_filter)),
        stages.Stage("transcripts", lambda log: transcripts("debug", log, *wanted)),
    ]
    if test_filter is None:
        chosen.append(stages.Stage("tests of the tools", tools_tests))
    return run_stages(chosen)


def update(test_filter):
    if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
        common.stop("--update is refused in continuous integration: expectations are reviewed")
    if not build.build("debug"):
        return 1
    server = build.folder("debug") / "essaim"
    code = common.run(
        [sys.executable, "tools/transcripts.py", "--essaim", server, "--update", test_filter]
    )
    common.run(["git", "--no-pager", "diff", "--", "tests/transcripts"])
    return code


def main(arguments):
    if arguments == ["--all"]:
        return run_stages(all_stages())
    if arguments == ["--soak"]:
        return run_stages(soak_stages())
    if len(arguments) == 2 and arguments[0] == "--update":
        return update(arguments[1])
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        common.stop("test takes a filter, --all, --soak, or --update <filter>", 2)
    return quick(arguments[0] if arguments else None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
