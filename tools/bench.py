"""./dev bench [name]: measures on the release build.

A bench is a program made of src/<layer>/<module>/<what>_bench.cc, or a script bench/<name>.py which
gets the server's program in ESSAIM and an empty folder in ESSAIM_TMP. Each prints what it measured
beside its reference; without a name all of them run, one after another.
"""

import os
import sys
import tempfile

import build
import common

SCRIPTS = common.ROOT / "bench"


def find(programs, scripts, wanted):
    """{name: command} of the benches whose name has `wanted` in it."""
    found = {program.name.removesuffix("_bench"): [program] for program in programs}
    found |= {script.stem: [sys.executable, script] for script in scripts}
    return {name: command for name, command in sorted(found.items()) if wanted in name}


def run(name, command):
    """Runs one bench with its output on the terminal; True when it ended well."""
    print(f"== {name}", flush=True)
    with tempfile.TemporaryDirectory(prefix="essaim-") as folder:
        environment = {
            **os.environ,
            "ESSAIM": str(build.folder("release") / "essaim"),
            "ESSAIM_TMP": folder,
        }
        return common.run(command, env=environment) == 0


def main(arguments):
    if len(arguments) > 1 or any(each.startswith("-") for each in arguments):
        common.stop("bench takes a name or nothing", 2)
    if not build.build("release", ["all", "benches"], ["ESSAIM_BENCHES=ON"]):
        return 1
    scripts = [path for path in SCRIPTS.glob("*.py") if not path.name.startswith("_")]
    benches = find(build.programs("release", "benches"), scripts, "".join(arguments))
    if not benches:
        common.stop("there is no such bench")
    bad = [name for name, command in benches.items() if not run(name, command)]
    if bad:
        print(f"failed: {', '.join(bad)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
