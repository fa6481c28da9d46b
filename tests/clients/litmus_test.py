"""litmus, the WebDAV conformance suite: all five suites pass without a warning.

Both trees are tried, /remote.php/dav/files/<uid>/ and /remote.php/webdav/.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import report as reports
from essaim_server import Server, scratch

SECONDS_MAX = 120
SUITES = ("basic", "copymove", "props", "locks", "http")

_SUMMARY = re.compile(r"summary for `(\w+)': of (\d+) tests run: (\d+) passed, (\d+) failed")
_WARNING = re.compile(r"WARNING: (.*)")


def run(report, folder, member, tree):
    url = f"{member.space.url}{tree}"
    for suite in SUITES:
        work = folder / f"{suite}-{tree.count('/')}"
        work.mkdir()
        done = subprocess.run(
            ["litmus", "--keep-going", url, member.uid, member.token],
            cwd=work,
            env={**os.environ, "TESTS": suite, "HOME": str(work)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=SECONDS_MAX,
            check=False,
        )
        with report.case(f"litmus {suite} on {tree}"):
            summary = _SUMMARY.search(done.stdout)
            assert summary, done.stdout
            assert summary[4] == "0" and done.returncode == 0, done.stdout
            warnings = _WARNING.findall(done.stdout)
            assert not warnings, f"{warnings}\n{done.stdout}"
            report.note(f"{summary[3]} of {summary[2]} tests passed")


def main():
    report = reports.Report()
    if shutil.which("litmus") is None:
        report.skip("litmus", "litmus is not installed")
        report.finish()
    folder = scratch("litmus")
    with Server(folder, addresses=1) as server:
        space = server.create_space("voile")
        lea = server.add_member(space, "lea")
        run(report, folder, lea, f"/remote.php/dav/files/{lea.uid}/")
        run(report, folder, lea, "/remote.php/webdav/")
    report.finish()


if __name__ == "__main__":
    main()
