"""./dev fmt [--check]: formats the C++ sources with the clang-format the project names."""

import concurrent.futures
import hashlib
import subprocess
import sys

import common

CLANG_FORMAT = "clang-format-14"
BATCH = 8  # files given to one clang-format


def sources(root=common.ROOT):
    return [name for name in common.tracked_files(root) if name.endswith((".cc", ".h"))]


def fingerprint(root, name):
    style = (root / ".clang-format").read_bytes()
    return hashlib.sha256(style + b"\0" + (root / name).read_bytes()).hexdigest()


def misformatted(names, root):
    """Those of `names` that clang-format would change."""
    done = subprocess.run(
        [CLANG_FORMAT, "--dry-run", "-Werror", "--ferror-limit=1", *names],
        cwd=root,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    if done.returncode == 0:
        return []
    return [name for name in names if f"{name}:" in done.stderr] or list(names)


def check(root=common.ROOT, known_good=None):
    """The sources that are not formatted. `known_good`: fingerprints to skip and to add to."""
    known_good = known_good if known_good is not None else set()
    prints = {name: fingerprint(root, name) for name in sources(root)}
    unknown = [name for name, mark in prints.items() if mark not in known_good]
    batches = [unknown[at : at + BATCH] for at in range(0, len(unknown), BATCH)]
    bad = []
    with concurrent.futures.ThreadPoolExecutor(common.cores()) as pool:
        for found in pool.map(lambda batch: misformatted(batch, root), batches):
            bad += found
    known_good |= {mark for name, mark in prints.items() if name not in bad}
    return bad


def main(arguments):
    if arguments not in ([], ["--check"]):
        common.stop("fmt takes --check or nothing", 2)
    if arguments:
        bad = check()
        for name in bad:
            print(f"{name}: not formatted (./dev fmt)")
        return 1 if bad else 0
    names = sources()
    return common.run([CLANG_FORMAT, "-i", *names]) if names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
