"""./dev fuzz [name] [seconds]: fuzzes one parser for a while, or lists the fuzzers.

A fuzzer is src/<layer>/<module>/<what>_fuzz.cc; its program is <module>_<what>_fuzz. Its seeds,
kept in the repository, are the files of tests/fuzz/<program>/. New inputs found on the way stay in
build/fuzz/corpus/<program>/, failures in build/fuzz/failures/<program>/.
"""

import concurrent.futures
import os
import pathlib
import random
import sys

import build
import common

SEEDS = common.ROOT / "tests" / "fuzz"
MEMORY_MB = 2048  # of one fuzzer
INPUT_BYTES = 65536  # longest input it makes up
INPUT_SECONDS = 10  # an input that takes longer is a failure


def built(log=None):
    """Builds every fuzzer. None when that failed, else the list of programs."""
    if not build.build("fuzz", ["fuzzers"], log=log):
        return None
    return build.programs("fuzz", "fuzzers")


def command(program, seconds, seed):
    name = pathlib.Path(program).name
    corpus = build.folder("fuzz") / "corpus" / name
    failures = build.folder("fuzz") / "failures" / name
    corpus.mkdir(parents=True, exist_ok=True)
    failures.mkdir(parents=True, exist_ok=True)
    seeds = SEEDS / name
    return [
        program,
        f"-max_total_time={seconds}",
        f"-seed={seed}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-max_len={INPUT_BYTES}",
        f"-timeout={INPUT_SECONDS}",
        f"-artifact_prefix={failures}{os.sep}",
        "-print_final_stats=1",
        corpus,
        *([seeds] if seeds.is_dir() else []),
    ]


def fuzz_one(program, seconds, seed):
    """Returns (name, exit code, output)."""
    code, text = common.output_of(command(program, seconds, seed))
    return pathlib.Path(program).name, code, text


def executions(text):
    """How many inputs a run tried, as its final statistics say."""
    for line in text.splitlines():
        if line.startswith("stat::number_of_executed_units:"):
            return int(line.split(":")[-1])
    return 0


def fuzz_all(programs, seconds, out):
    """Fuzzes each program for `seconds`, one per core at a time. Returns the Count."""
    total = common.Count()
    seed = random.SystemRandom().randrange(1, 2**31)
    out.write(f"seed {seed}\n")
    with concurrent.futures.ThreadPoolExecutor(common.cores()) as pool:
        started = [pool.submit(fuzz_one, each, seconds, seed) for each in programs]
        for done in started:
            name, code, text = done.result()
            if code == 0:
                total.passed += 1
                out.write(f"{name}: {executions(text)} inputs\n")
            else:
                total.failed += 1
                out.write(f"--- {name} failed\n{text}\n")
            out.flush()
    return total


def main(arguments):
    if len(arguments) > 2 or (len(arguments) == 2 and not arguments[1].isdigit()):
        common.stop("fuzz takes a name and a number of seconds", 2)
    programs = built()
    if programs is None:
        return 1
    names = {each.name: each for each in programs}
    if not arguments:
        print("\n".join(names) if names else "There is no fuzzer yet.")
        return 0
    if arguments[0] not in names:
        common.stop(f"no fuzzer '{arguments[0]}'; there are: {', '.join(names) or 'none'}", 2)
    seconds = int(arguments[1]) if len(arguments) == 2 else 60
    seed = random.SystemRandom().randrange(1, 2**31)
    return common.run(command(names[arguments[0]], seconds, seed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
