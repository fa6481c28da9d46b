"""./dev bench [name]: measures against the budgets, each figure beside a reference of the same run.

Without a name it writes bench/RESULTS.md, with the date and the machine.
"""

import argparse
import datetime
import importlib
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

import build
import common

FOLDER = common.ROOT / "bench"
RESULTS = FOLDER / "RESULTS.md"
VERDICTS = {True: "kept", False: "**missed**", None: "–"}


def machine():
    model = next(
        (
            line.partition(":")[2].strip()
            for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{common.cores()} cores of {model}, {gib:.0f} GiB, Linux {platform.release()}"


def storage_text(programs):
    """The figures that the storage benchmark prints itself, references included."""
    program = programs / "lane_lane_bench"
    if not program.exists():
        return ""
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout


def section(name, rows):
    lines = [f"## {name}", "", "| what | budget | measured | beside | |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for row in rows:
        cells = [row["what"], row["budget"], row["measured"], row["reference"]]
        lines.append(f"| {' | '.join(cells)} | {VERDICTS[row['verdict']]} |")
    return "\n".join([*lines, ""])


def main(arguments):
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("name", nargs="?", default="", help="one of bench/*_bench.py, or storage")
    options = parser.parse_args(arguments)
    sys.path.insert(0, str(FOLDER))
    if not build.build("release", ["essaim", "benches"], ["ESSAIM_BENCHES=ON"]):
        return 1
    programs = build.folder("release")
    os.environ["ESSAIM"] = str(programs / "essaim")
    sections = []
    with tempfile.TemporaryDirectory(prefix="essaim-bench-", dir="/var/tmp") as tmp:
        os.environ["BENCH_TMP"] = tmp
        os.environ["ESSAIM_TMP"] = tmp
        for path in sorted(FOLDER.glob("*_bench.py")):
            name = path.stem.removesuffix("_bench")
            if options.name not in ("", name):
                continue
            print(f"{name} ...", flush=True)
            module = importlib.import_module(path.stem)
            text = section(name, module.run(programs))
            sections.append(text + getattr(module, "PICTURE", ""))
        if options.name in ("", "storage"):
            sections.append("## storage\n\n```\n" + storage_text(programs) + "```\n")
    head = f"# Results\n\n{datetime.date.today()}, {machine()}. Made by `./dev bench`.\n"
    text = "\n".join([head, *sections])
    print(text)
    if not options.name:
        RESULTS.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
