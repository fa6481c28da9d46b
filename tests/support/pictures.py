"""Pictures for tests, made on the spot: colours in four quarters, in every format, upright or not.

Debian's `vips` and `heif-enc` write the formats; what they cannot write (a turned photograph, a
decompression bomb, a document with a program in it) is put together byte by byte.
"""

import pathlib
import struct
import subprocess
import zlib

# Upper left, upper right, lower left, lower right.
COLOURS = ((220, 30, 30), (30, 200, 30), (30, 30, 220), (230, 220, 40))
FORMATS = {
    "jpg": "[Q=95]", "png": "", "webp": "[Q=95]", "tif": "", "gif": "",
}  # fmt: skip


def quarters(width, height):
    """Rows of pixels."""
    return [
        [COLOURS[2 * (y >= height // 2) + (x >= width // 2)] for x in range(width)]
        for y in range(height)
    ]


def ppm(rows):
    body = b"".join(bytes(pixel) for row in rows for pixel in row)
    return b"P6\n%d %d\n255\n" % (len(rows[0]), len(rows)) + body


def _run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def convert(folder, rows, ending, options=None):
    """The bytes of the picture in a format that vips writes."""
    source = pathlib.Path(folder) / "source.ppm"
    target = pathlib.Path(folder) / f"target.{ending}"
    source.write_bytes(ppm(rows))
    _run("vips", "copy", str(source), str(target) + (options or FORMATS[ending]))
    return target.read_bytes()


def heif(folder, rows, avif=False):
    """HEIC, or AVIF where Debian's encoder has it."""
    png = pathlib.Path(folder) / "source.png"
    target = pathlib.Path(folder) / ("target.avif" if avif else "target.heic")
    png.write_bytes(convert(folder, rows, "png"))
    _run("heif-enc", *(["-A"] if avif else []), "-q", "90", str(png), "-o", str(target))
    return target.read_bytes()


def decode(folder, data):
    """(width, height, bands, pixel(x, y)) of an encoded picture."""
    source = pathlib.Path(folder) / "answer"
    source.write_bytes(data)
    said = subprocess.run(
        ["vipsheader", "-a", str(source)], check=True, capture_output=True, text=True
    ).stdout
    facts = dict(line.split(": ", 1) for line in said.splitlines()[1:] if ": " in line)

    def pixel(x, y):
        got = subprocess.run(
            ["vips", "getpoint", str(source), str(x), str(y)],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        return tuple(round(float(value)) for value in got.split())

    return int(facts["width"]), int(facts["height"]), int(facts["bands"]), pixel, facts


def near(got, wanted, by=40):
    return all(abs(a - b) <= by for a, b in zip(got[:3], wanted))


def check_quarters(folder, data, width, height):
    """The picture is upright: every colour in its quarter."""
    got_width, got_height, _, pixel, facts = decode(folder, data)
    assert (got_width, got_height) == (width, height), (got_width, got_height)
    for number, colour in enumerate(COLOURS):
        x = width // 4 + (number % 2) * width // 2
        y = height // 4 + (number // 2) * height // 2
        assert near(pixel(x, y), colour), (number, pixel(x, y), colour)
    return facts


# --- turned photographs (Exif 2.3 §4.6.4, tag 0x0112)


def _flip(rows):
    return [row[::-1] for row in rows]


def _turn(rows):
    """Clockwise."""
    return [list(row) for row in zip(*rows[::-1])]


def stored(upright, orientation):
    """What a camera stores so that a viewer that obeys the tag shows `upright`."""
    if orientation == 2:
        return _flip(upright)
    if orientation == 3:
        return _turn(_turn(upright))
    if orientation == 4:
        return upright[::-1]
    if orientation == 5:
        return [list(row) for row in zip(*upright)]
    if orientation == 6:
        return _turn(_turn(_turn(upright)))
    if orientation == 7:
        return _turn(_turn([list(row) for row in zip(*upright)]))
    if orientation == 8:
        return _turn(upright)
    return upright


def with_orientation(jpeg, orientation, note=b""):
    """A JPEG with an EXIF block in front; `note` is something that should not leave."""
    entries = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + entries + struct.pack("<I", 0)
    payload = b"Exif\0\0" + tiff + note
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload + jpeg[2:]


# --- PNG by hand


def png_chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, raw, colour=2):
    """`raw` is the stream before compression; it may be too short, or a lie."""
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", head)
        + png_chunk(b"IDAT", zlib.compress(raw, 9))
        + png_chunk(b"IEND", b"")
    )


def transparent(width, height):
    """Red on the left, nothing on the right."""
    row = b"\0" + (b"\xff\0\0\xff" * (width // 2)) + (b"\0\0\0\0" * (width - width // 2))
    return png(width, height, row * height, colour=6)


def bomb(side):
    """A square of nothing: some kilobytes that become side² pixels."""
    return png(side, side, (b"\0" + b"\0" * side) * side, colour=0)


# --- documents


def pdf(text=b"Bonjour", action=b""):
    objects = [
        b"<</Type/Catalog/Pages 2 0 R" + (b"/OpenAction 6 0 R" if action else b"") + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>",
        b"",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</S/JavaScript/JS(" + action + b")>>",
    ]
    drawn = b"1 0 0 rg 0 0 60 200 re f 0 g BT /F 40 Tf 80 90 Td (" + text + b") Tj ET"
    objects[3] = b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn)
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj" % number + content + b"endobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, start,
    )  # fmt: skip
