"""./dev build [debug|release|asan|tsan]: configures when needed, then builds."""

import sys

import common

PRESETS = ("debug", "release", "asan", "tsan", "fuzz")


def folder(preset):
    return common.BUILD / preset


def configure_command(preset, options=()):
    return ["cmake", "--preset", preset, *(f"-D{option}" for option in options)]


def build_command(preset, targets=(), jobs=None):
    jobs = jobs or common.cores()
    return ["nice", "ninja", "-C", folder(preset), "-j", jobs, *targets]


def build(preset, targets=(), options=(), log=None):
    """Configures and builds. Returns True when it worked. `log` is a file for the output."""
    out = {"stdout": log, "stderr": log} if log else {}
    environment = common.environment()
    fresh = not (folder(preset) / "build.ninja").exists()
    if fresh or options:
        if common.run(configure_command(preset, options), env=environment, **out) != 0:
            return False
    return common.run(build_command(preset, targets), env=environment, **out) == 0


def programs(preset, kind):
    """The programs of one kind (unit_tests, benches, fuzzers) that the last configure declared."""
    names = (folder(preset) / f"{kind}.list").read_text().split()
    return [folder(preset) / name for name in names]


def main(arguments):
    preset = arguments[0] if arguments else "debug"
    if preset not in PRESETS or len(arguments) > 1:
        common.stop(f"build takes one of {', '.join(PRESETS[:-1])}", 2)
    return 0 if build(preset) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
