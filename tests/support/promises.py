"""What a server promised by its 2xx, and where what it shows differs."""

import dataclasses

ALWAYS = ("", "Espace commun")  # what every member's tree has


@dataclasses.dataclass
class Known:
    """What was promised of a file or folder. None: not promised yet."""

    folder: bool
    content: str | None = None  # hash
    etag: str | None = None
    id: str | None = None
    mark: str | None = None


@dataclasses.dataclass
class Flight:
    """The request in the air, and the tree if it was done."""

    what: str
    tree: dict
    bin: dict
    shares: dict


@dataclasses.dataclass
class Thrown:
    """What was deleted as one. Paths are below it; it is "" itself."""

    origin: str
    parent: str | None  # id; None: the root
    below: dict  # path -> Known


@dataclasses.dataclass(frozen=True)
class Share:
    """What one person was given, by the number of the file or folder."""

    node: int
    permissions: int


NEW = "new"


def number_of(oc_id):
    return int(oc_id.split("oc")[0])


def numbers_in(tree):
    return {number_of(known.id) for known in tree.values() if known.id}


def share_differences(promised, tree, listed):
    """Where the shares as promised and the server's list differ, as sentences. The list need not
    show those of what is in the bin."""
    there = numbers_in(tree)
    unknown = [share for each, share in listed.items() if each not in promised]
    new = [promised[NEW]] if NEW in promised else []
    found = [f"a share is there: {share}" for share in unknown if share not in new]
    if len(unknown) < len(new):
        found.append(f"a share is missing: {new}")
    for each, share in promised.items():
        if each == NEW or share.node not in there:
            continue
        if listed.get(each) != share:
            found.append(f"the share {share} is {listed.get(each)}")
    return found


def bin_differences(promised, actual):
    """Where a bin as promised and the server's differ, as sentences."""
    origins = {each: thrown.origin for each, thrown in promised.items()}
    found = [f"{origins[each]!r} is not in the bin" for each in origins if each not in actual]
    found += [f"{actual[each]!r} is in the bin" for each in actual if each not in origins]
    found += [
        f"{origins[each]!r} was {actual[each]!r} for the bin"
        for each in origins
        if actual.get(each, origins[each]) != origins[each]
    ]
    return found


def differences(tree, actual, contents):
    """Where a tree of promises and the server's differ, as sentences."""
    found = [f"{path!r} is missing" for path in tree if path not in actual]
    found += [f"{path!r} is there" for path in actual if path not in tree and path not in ALWAYS]
    for path, known in tree.items():
        entry = actual.get(path)
        if entry is None:
            continue
        if known.folder != entry.folder:
            found.append(f"{path!r} is of the other kind")
        elif known.content != contents[path]:
            found.append(f"{path!r} has other content")
        if known.id not in (None, entry.id):
            found.append(f"{path!r} has id {entry.id}, promised {known.id}")
        if known.etag not in (None, entry.etag):
            found.append(f"{path!r} has etag {entry.etag}, promised {known.etag}")
        if known.mark != entry.mark:
            found.append(f"{path!r} has mark {entry.mark}, promised {known.mark}")
    return found
