"""A folder downloaded as one ZIP file, beside a program that packs the same files from the disk."""

import base64
import os
import pathlib
import subprocess
import time
import urllib.request

import measure
from essaim_server import Server, scratch

FOLDERS = 100
FILES = 100  # in each
FILE_BYTES = 8 * 1024


def fill(member, folder):
    """The same files on the server and on the disk."""
    dav = member.dav()
    dav.mkcol("all")
    for number in range(FOLDERS):
        name = f"folder {number}"
        dav.mkcol(f"all/{name}")
        (folder / "all" / name).mkdir(parents=True)
        for each in range(FILES):
            data = os.urandom(FILE_BYTES)
            dav.put(f"all/{name}/file {each}.bin", data)
            (folder / "all" / name / f"file {each}.bin").write_bytes(data)


def first_byte_and_all(request):
    began = time.monotonic()
    with urllib.request.urlopen(request) as answer:
        answer.read(1)
        first = time.monotonic() - began
        size = 1
        while piece := answer.read(1 << 20):
            size += len(piece)
    return first * 1000, time.monotonic() - began, size


def run(programs):
    folder = scratch("bench-archive-files")
    with Server(scratch("bench-archive"), addresses=1) as server:
        space = server.create_space("voile")
        member = server.add_member(space, "lea")
        fill(member, pathlib.Path(folder))
        login = base64.b64encode(f"{member.uid}:{member.token}".encode()).decode()
        request = urllib.request.Request(
            f"{space.url}/remote.php/webdav/all?accept=zip",
            headers={"Authorization": f"Basic {login}"},
        )
        rest = measure.memory_mib(server.pid)
        first_byte_and_all(request)
        with measure.Cpu([server.pid]) as cpu:
            first, took, size = first_byte_and_all(request)
        more = measure.memory_mib(server.pid, "VmHWM") - rest
    before = os.times()
    subprocess.run(
        ["bsdtar", "--format", "zip", "--options", "zip:compression=store", "-cf", "/dev/null"]
        + ["-C", str(folder), "all"],
        check=True,
    )
    after = os.times()
    packed = after.children_user + after.children_system
    packed -= before.children_user + before.children_system
    return [
        measure.row(
            f"ZIP of {FOLDERS * FILES:,} files × {FILE_BYTES // 1024} KiB",
            "–",
            f"{cpu.seconds:.2f} CPU-s, {took:.2f} s, {size / 2**20:.0f} MiB; "
            f"first byte after {first:.0f} ms; {more:.0f} MiB more memory",
            f"bsdtar from the disk {packed:.2f} CPU-s",
            None,
        )
    ]
