"""Plays a transcript against a server and says what differs."""

import copy
import dataclasses
import importlib.util
import pathlib
import re
import shlex

import server as servers
from wire import client, format, holes, jsontree, xmltree

PASSWORD = "correct horse battery"
DEFAULT_FIXTURE = "fixtures/plain"
BODY_SHOWN = 4000  # characters of an answer shown with a failure


@dataclasses.dataclass
class Failure:
    line: int  # 1-based
    differences: list
    answer: client.Answer | None = None

    def text(self, name):
        lines = [f"{name}:{self.line}"] + [f"    {each}" for each in self.differences]
        if self.answer is not None:
            lines.append(f"    --- the answer was {self.answer.status} {self.answer.reason}")
            lines += [f"    {key}: {value}" for key, value in self.answer.headers]
            lines += [f"    {line}" for line in self.answer.text()[:BODY_SHOWN].splitlines()]
        return "\n".join(lines)


# --- comparing


def body_kind(answer):
    kind = "".join(answer.header("Content-Type")).split(";")[0].strip().lower()
    if kind.endswith("xml"):
        return "xml"
    return "json" if kind.endswith("json") else "text"


def compare_headers(expected, answer, captures):
    differences, used = [], []
    for header in expected:
        values = answer.header(header.name)
        if header.absent:
            differences += [f"{header.name}: must be absent, found '{v}'" for v in values]
            continue
        left = [v for at, v in enumerate(values) if (header.name.lower(), at) not in used]
        for value in left:
            if holes.match(header.value, value, captures):
                used.append((header.name.lower(), values.index(value)))
                break
        else:
            found = " and ".join(f"'{value}'" for value in left) or "nothing"
            wanted = holes.shown(header.value, captures)
            differences.append(f"{header.name}: expected '{wanted}', found {found}")
    return differences


def compare_body(lines, answer, captures, exact):
    text, kind = "\n".join(lines), body_kind(answer)
    if text == holes.ELLIPSIS:
        return [] if answer.body else ["the body is empty"]
    try:
        if kind == "xml" and text:
            wanted = xmltree.parse(text, True)
            return xmltree.compare(wanted, xmltree.parse(answer.text()), captures, exact)
        if kind == "json" and text:
            return jsontree.compare(
                jsontree.parse(text, True), jsontree.parse(answer.text()), captures
            )
    except (xmltree.NotXml, jsontree.NotJson) as error:
        return [f"the body, or what was expected of it, is not {kind}: {error}"]
    if holes.match(text, answer.text(), captures, ellipsis=True):
        return []
    return [f"body: expected '{holes.shown(text, captures)[:500]}'"]


def compare_answer(expected, answer, captures, exact):
    """Differences between an expected and a real answer; fills `captures` when there are none."""
    trial = dict(captures)
    differences = []
    if expected.status != answer.status:
        differences.append(f"status: expected {expected.status}, found {answer.status}")
    differences += compare_headers(expected.headers, answer, trial)
    if expected.body is not None:
        differences += compare_body(expected.body, answer, trial, exact)
    captures.update(trial)
    return differences


# --- sending


def request_bytes(request, settings, space, captures):
    """(head, body, method, whether it waits for 100) of a request with its holes filled."""
    line = holes.fill(request.line, captures)
    if not re.search(r" HTTP/\d\.\d$", line):
        line += " HTTP/1.1"
    end = "\r\n" if settings.get("lines") == "crlf" else "\n"
    body = None
    if request.body is not None:
        text = end.join(holes.fill(each, captures) for each in request.body)
        if settings.get("lines") == "crlf" and request.body:
            text += end
        body = text.encode("utf-8", "surrogateescape")
    given = {header.name.lower() for header in request.headers}
    headers = [
        (header.name, holes.fill(header.value, captures))
        for header in request.headers
        if not header.absent
    ]
    values = {name.lower(): value for name, value in headers}
    automatic = [("Host", space.host)]
    if credentials(settings, space):
        automatic.append(("Authorization", "Basic " + credentials(settings, space)))
    if body is not None and "chunked" in values.get("transfer-encoding", ""):
        body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    elif body is not None:
        automatic.append(("Content-Length", str(len(body))))
    headers = [pair for pair in automatic if pair[0].lower() not in given] + headers
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    wire = f"{line}\r\n{head}\r\n".encode("utf-8", "surrogateescape")
    return wire, body or b"", line.split(" ")[0], "100-continue" in values.get("expect", "")


def credentials(settings, space):
    """What `as: lea` or `as: lea (password)` sends; None for nobody."""
    who = settings.get("as", "nobody")
    if who == "nobody":
        return None
    uid, _, how = who.partition(" ")
    secrets = space.passwords if how == "(password)" else space.tokens
    if uid not in secrets:
        raise format.Malformed(f"'as: {who}': the space has no such member")
    return space.basic(uid, secrets[uid])


class Stage:
    """One server and the spaces on it; makes fresh spaces for transcripts."""

    def __init__(self, server, folder):
        self.server = server
        self.folder = pathlib.Path(folder)  # of the transcripts

    def fixture(self, name):
        """The parsed fixture, and its Python module when it is one."""
        base = self.folder / name
        if base.with_suffix(".py").exists():
            spec = importlib.util.spec_from_file_location(base.name, base.with_suffix(".py"))
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return format.parse(f"{name}.py", module.TRANSCRIPT)
        path = base.with_suffix(".http")
        if not path.exists():
            raise format.Malformed(f"there is no fixture '{name}'")
        return format.parse(f"{name}.http", path.read_text(encoding="utf-8"))

    def space(self, slug, name, captures, prefix=""):
        """A fresh space built from a fixture, its values added to `captures`."""
        fixture = self.fixture(name)
        space = self.server.create_space(slug, fixture.settings.get("name", slug))
        captures["host" if not prefix else f"host:{prefix[:-1]}"] = space.host
        captures["slug" if not prefix else f"slug:{prefix[:-1]}"] = slug
        for member in re.split(r",\s*", fixture.settings.get("members", "lea")):
            uid, _, role = member.partition(" ")
            self.server.add_member(space, uid, f"{PASSWORD} {uid}", role.strip("()") or "member")
            captures[f"basic:{prefix}{uid}"] = space.basic(uid, space.tokens[uid])
            captures[f"password:{prefix}{uid}"] = space.passwords[uid]
            captures[f"app-password:{prefix}{uid}"] = space.tokens[uid]
        player = Player(self, fixture, space, captures)
        try:
            for failure in player.play():
                raise servers.Refused(failure.text(fixture.name))
        finally:
            player.close()
        return space


class Player:
    """Plays the steps of one transcript in one space."""

    def __init__(self, stage, transcript, space, captures):
        self.stage = stage
        self.transcript = transcript
        self.space = space
        self.captures = captures
        self.settings = transcript.settings
        server = stage.server
        self.connection = client.Connection(server.address, server.port)
        self.seen = []  # (step, answers, captures before) of every step sent: for --update

    def close(self):
        self.connection.close()

    def play(self, keep_going=False):
        """The failures; stops at the first one unless `keep_going`."""
        failures = []
        for step in self.transcript.steps:
            failure = self._step(step)
            if failure:
                failures.append(failure)
                if not keep_going:
                    break
        return failures

    def _step(self, step):
        line = step.line + 1
        settings = {**self.settings, **step.settings}
        try:
            if settings.get("server") == "restart":
                self.connection.close()
                self.stage.server.restart()
            if settings.get("connection") == "new":
                self.connection.close()
            if step.command is not None:
                return self._command(step, settings, line)
            wire = request_bytes(step.request, settings, self.space, self.captures)
            answers = self.connection.exchange(*wire)
        except holes.UnknownHole as error:
            return Failure(line, [f"{error} has no value yet"])
        except (client.Broken, OSError) as error:
            return Failure(line, [f"no answer: {error}"])
        except (servers.Refused, format.Malformed) as error:
            return Failure(line, [str(error)])
        self.seen.append((step, answers, copy.copy(self.captures)))
        return self._compare(step, answers, settings)

    def _command(self, step, settings, line):
        words = shlex.split(holes.fill(step.command, self.captures))
        if words[:1] != ["essaim"]:
            return Failure(line, ["a command step starts with `essaim`"])
        self.stage.server.command(*words[1:], code=int(settings.get("exit", "0")))
        return None

    def _compare(self, step, answers, settings):
        if not step.answers:
            if 200 <= answers[-1].status < 300:
                return None
            said = ["without a written answer, 2xx is expected"]
            return Failure(step.line + 1, said, answers[-1])
        if len(step.answers) > 1 and len(step.answers) != len(answers):
            return Failure(
                step.line + 1,
                [f"expected {len(step.answers)} answers, found {len(answers)}"],
                answers[-1],
            )
        exact = settings.get("exact") == "yes"
        for expected, answer in zip(step.answers[::-1], answers[::-1]):
            differences = compare_answer(expected, answer, self.captures, exact)
            if differences:
                return Failure(expected.first + 1, differences, answer)
        return None

