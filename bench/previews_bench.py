"""One preview of each format: 12 megapixels to a box of 512, as the helper of the server makes it.

Beside it `vipsthumbnail` alone, which has no sandbox and no limits.
"""

import os
import pathlib
import statistics
import subprocess

import measure
import pictures
from essaim_server import scratch

ROUNDS = 5
BOX = 512
WIDTH, HEIGHT = 4000, 3000
OVERHEAD_MAX = 1.5  # of the reference's CPU, its start included
MEMORY_MAX_MIB = 256


def photograph(folder):
    """A picture with large shapes and grain, as photographs have."""

    def vips(*words):
        subprocess.run(["vips", *map(str, words)], check=True, cwd=folder)

    vips("perlin", "shapes.v", WIDTH, HEIGHT, "--cell-size", 512)
    vips("linear", "shapes.v", "light.v", 110, 128)
    vips("gaussnoise", "grain.v", WIDTH, HEIGHT, "--mean", 0, "--sigma", 8)
    vips("add", "light.v", "grain.v", "red.v")
    vips("flip", "red.v", "green.v", "horizontal")
    vips("flip", "red.v", "blue.v", "vertical")
    vips("bandjoin", "red.v green.v blue.v", "colours.v")
    vips("cast", "colours.v", "bytes.v", "uchar")
    vips("copy", "bytes.v", "photo.v", "--interpretation", "srgb")
    for name in ("photo.jpg[Q=90]", "photo.png", "photo.webp[Q=85,effort=1]", "photo.tif"):
        vips("copy", "photo.v", name)
    vips("copy", "photo.v", "photo.gif[effort=1]")
    subprocess.run(
        ["heif-enc", "-q", "60", "photo.jpg", "-o", "photo.heic"],
        check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    (folder / "photo.pdf").write_bytes(pictures.pdf())
    (folder / "photo.txt").write_text("Une ligne de texte, et encore une.\n" * 200)


def cost(command, source):
    """(CPU seconds, peak MiB): the middle of a few runs."""
    seconds, memory = [], []
    for _ in range(ROUNDS):
        with open(source, "rb") as given:
            process = subprocess.Popen(
                command, stdin=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = status
        assert status == 0, (command, status)
        seconds.append(used.ru_utime + used.ru_stime)
        memory.append(used.ru_maxrss / 1024)
    return statistics.median(seconds), statistics.median(memory)


def run(programs):
    folder = pathlib.Path(scratch("previews"))
    photograph(folder)
    helper = str(programs / "essaim-thumb")
    rows = []
    for ending in ("jpg", "png", "webp", "tif", "gif", "heic", "pdf", "txt"):
        source = folder / f"photo.{ending}"
        kind = {"pdf": "pdf", "txt": "text"}.get(ending, "image")
        cpu, mib = cost([helper, kind, "fill", f"{BOX}x{BOX}"], source)
        said, verdict = "no such program draws it", None
        if kind != "text":
            reference = ["vipsthumbnail", "-s", f"{BOX}x{BOX}", "-o", str(folder / "out.jpg")]
            base, base_mib = cost([*reference, str(source)], source)
            said = f"vipsthumbnail {base:.2f} CPU-s, {base_mib:.0f} MiB"
            verdict = cpu <= OVERHEAD_MAX * base and mib <= MEMORY_MAX_MIB
        rows.append(
            measure.row(
                f"preview of a {ending}" + (" of 12 megapixels" if kind == "image" else ""),
                f"≤ {OVERHEAD_MAX}× vipsthumbnail's CPU, ≤ {MEMORY_MAX_MIB} MiB",
                f"{cpu:.2f} CPU-s, {mib:.0f} MiB",
                said,
                verdict,
            )
        )
    return rows
