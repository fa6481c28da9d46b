"""A fresh machine, as a newcomer has it: no listed package is there, `./dev run` brings them back.

Imitated as root by an overlay over this machine from which every package of tools/packages is
removed. In it the repository is cloned, `./dev run` is started, the nextcloudcmd line that it
prints is pasted, and a folder is synced. Nothing outside the overlay changes.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "tools" / "packages"
KEPT = {"git", "python3"}  # needed to clone and to say the first word
SECONDS_MAX = 3_000
DISK = "16g"

INSIDE = r"""
set -eu
export DEBIAN_FRONTEND=noninteractive HOME=/var/fresh PATH=/usr/sbin:/usr/bin:/sbin:/bin
export QT_QPA_PLATFORM=offscreen
mkdir -p $HOME && cd $HOME
trap 'echo "failed at line $LINENO"; tail -n 30 $HOME/*.log' ERR
# Each removal would index every manual page again; nobody reads them here.
rm -f /var/lib/man-db/auto-update
removed=0
for package in {packages}; do
  dpkg-query -W -f '${{Status}}' $package 2>/dev/null | grep -q 'ok installed' || continue
  # What other programs of this machine hold on to stays; it is said which.
  if apt-get remove -y -q $package > removed.log 2>&1; then
    removed=$((removed + 1))
  else
    echo "stays: $package"
  fi
done
echo "removed $removed packages"
! command -v ninja > /dev/null
! command -v nextcloudcmd > /dev/null
git clone -q /fresh-source essaim
cd essaim
./dev run > ../run.log 2>&1 &
dev=$!
for _ in $(seq 1 {seconds}); do
  grep -q nextcloudcmd ../run.log && break
  kill -0 $dev 2>/dev/null || false
  sleep 1
done
# The whole line, as somebody would copy it.
line=$(grep -o 'mkdir -p .* && nextcloudcmd .*' ../run.log | head -1)
test -n "$line"
echo "printed: $(echo "$line" | sed 's/-p [^ ]* ~/-p ... ~/')"
# The client is the newcomer's own: it is not part of what ./dev run needs.
apt-get install -y -q nextcloud-desktop-cmd > ../client.log 2>&1
cd $HOME
mkdir -p essaim-demo
echo bonjour > essaim-demo/bonjour.txt
timeout 120 sh -c "$line" > sync.log 2>&1
grep -q 'method=PUT .*bonjour.txt status=201' run.log
echo "synced"
kill $dev
wait $dev || true
"""


def listed_packages():
    names = []
    for path in sorted(PACKAGES.glob("*.txt")):
        for line in path.read_text().splitlines():
            name = line.partition("#")[0].strip()
            if name and name not in KEPT:
                names.append(name)
    return names


def overlay_script(folder, inside):
    return f"""
set -eu
mount -t tmpfs -o size={DISK} none {folder}
mkdir {folder}/upper {folder}/work {folder}/whole
layers=lowerdir=/,upperdir={folder}/upper,workdir={folder}/work
mount -t overlay overlay -o $layers {folder}/whole
for each in proc dev sys; do mount --rbind /$each {folder}/whole/$each; done
mkdir {folder}/whole/fresh-source
mount --bind {ROOT} {folder}/whole/fresh-source
mount -t tmpfs none {folder}/whole/tmp
chroot {folder}/whole bash {inside}
"""


def main():
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        print("skipped: an overlay over the machine needs root and unshare")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    with tempfile.TemporaryDirectory(prefix="essaim-fresh-", dir="/var/tmp") as tmp:
        inside = pathlib.Path(tmp) / "inside.sh"
        text = INSIDE.format(packages=" ".join(listed_packages()), seconds=SECONDS_MAX)
        inside.write_text(re.sub(r"^\n", "", text))
        place = pathlib.Path(tmp) / "overlay"
        place.mkdir()
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c",
             overlay_script(place, inside)],
            timeout=SECONDS_MAX + 600,
            check=False,
        )
    failed = 0 if done.returncode == 0 else 1
    print(f"{1 - failed} passed, {failed} failed, 0 skipped")
    return failed


if __name__ == "__main__":
    sys.exit(main())
