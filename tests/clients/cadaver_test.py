"""A session of cadaver, the WebDAV shell: what it prints and what is on the server afterwards."""

import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import report as reports
from essaim_server import Server, scratch

SECONDS_MAX = 60
FAILURES = ("failed", "Failed", "Could not", "error:", "Unrecognised")


class Shell:
    """Runs lines in cadaver, in a folder of its own, signed in by ~/.netrc."""

    def __init__(self, folder, member):
        self.folder = folder
        space = member.space
        self.url = f"{space.url}/remote.php/dav/files/{member.uid}/"
        netrc = folder / ".netrc"
        netrc.write_text(
            f"machine {space.address}\nlogin {member.uid}\npassword {member.token}\n",
            encoding="utf-8",
        )
        netrc.chmod(0o600)

    def __call__(self, *lines):
        done = subprocess.run(
            ["cadaver", self.url],
            input="\n".join([*lines, "quit"]) + "\n",
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )
        assert done.returncode == 0, f"{lines}: {done.returncode}\n{done.stdout}"
        return done.stdout


def well(said):
    bad = [line for line in said.splitlines() if any(word in line for word in FAILURES)]
    assert not bad, said
    return said


def session(report, shell, dav):
    (shell.folder / "local.txt").write_bytes(b"Bonjour\n")
    (shell.folder / "other file.txt").write_bytes(b"x" * 20_000)
    with report.case("mkcol, cd, put and ls"):
        said = well(shell("mkcol docs", "cd docs", "put local.txt", 'put "other file.txt"', "ls"))
        assert "local.txt" in said and "20000" in said, said
        assert dav.get("docs/local.txt").body == b"Bonjour\n"
    with report.case("pwd, cat, less than everything with get"):
        said = well(shell("cd docs", "pwd", "cat local.txt", "get local.txt back.txt"))
        assert "/remote.php/dav/files/lea/docs/" in said and "Bonjour" in said, said
        assert (shell.folder / "back.txt").read_bytes() == b"Bonjour\n"
    with report.case("copy and move, of a file and of a folder"):
        well(
            shell(
                "cd docs", "copy local.txt copied.txt", "move copied.txt moved.txt", "cd ..",
                "copy docs more", "move more again",
            )
        )
        tree = set(dav.tree())
        assert {"docs/moved.txt", "again/moved.txt", "again/other file.txt"} <= tree, tree
        assert "docs/copied.txt" not in tree and "more" not in tree, tree
    with report.case("propset, propget, propnames and propdel"):
        said = well(
            shell("propset docs colour blue", "propget docs colour", "propnames docs")
        )
        assert "blue" in said and "colour" in said, said
        said = shell("propdel docs colour", "propget docs colour")
        assert "blue" not in said, said
    with report.case("delete, rmcol, and a refusal that says why"):
        well(shell("delete docs/moved.txt", "rmcol again", "ls"))
        tree = set(dav.tree())
        assert "docs/moved.txt" not in tree and "again" not in tree, tree
        assert "404" in shell("delete nowhere.txt")
    with report.case("lock, edit under the lock, discover and unlock; another session is kept out"):
        said = well(
            shell("lock docs/local.txt", "showlocks", "discover docs/local.txt",
                  "put local.txt docs/local.txt")
        )
        assert "Depth 0" in said or "depth infinity" in said.lower(), said
        assert "423" in shell("delete docs/local.txt")
        assert dav.get("docs/local.txt").body == b"Bonjour\n"
        said = well(shell("steal docs/local.txt", "unlock docs/local.txt"))
        well(shell("put local.txt docs/local.txt", "discover docs/local.txt"))
    with report.case("names with accents, a percent sign and a hash"):
        (shell.folder / "été 100% #1.txt").write_bytes(b"odd")
        well(shell('put "été 100% #1.txt"', "ls"))
        assert dav.get("été 100% #1.txt").body == b"odd"


def main():
    report = reports.Report()
    if shutil.which("cadaver") is None:
        report.skip("cadaver", "cadaver is not installed")
        report.finish()
    folder = scratch("cadaver")
    with Server(folder, addresses=1) as server:
        space = server.create_space("voile")
        lea = server.add_member(space, "lea")
        session(report, Shell(folder, lea), lea.dav())
    report.finish()


if __name__ == "__main__":
    main()
