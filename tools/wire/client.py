"""A small HTTP/1.1 client: sends what a transcript says, byte for byte; reads any answer."""

import dataclasses
import socket

SECONDS_MAX = 30  # of one wait for bytes
ANSWER_MAX = 256 * 1024 * 1024  # bytes of one answer


class Broken(Exception):
    """The connection ended, or what came is not HTTP."""


@dataclasses.dataclass
class Answer:
    status: int
    reason: str
    headers: list  # (name, value) as they came
    body: bytes

    def header(self, name):
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def text(self):
        return self.body.decode("utf-8", "surrogateescape")


class Connection:
    """One connection, opened at first use and opened again when the server closed it."""

    def __init__(self, address, port):
        self.place = (address, port)
        self.socket = None
        self.read = b""
        self.heard = False  # whether a byte of the current answer has come

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket, self.read = None, b""

    def _open(self):
        self.close()
        self.socket = socket.create_connection(self.place, SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def exchange(self, head, body, method, expect=False):
        """Sends one request; returns the answers, the last one final. Reuses the connection."""
        reused = self.socket is not None
        self.heard = False
        try:
            return self._exchange(head, body, method, expect)
        except (Broken, OSError) as error:
            self.close()
            if reused and not self.heard:
                return self._exchange(head, body, method, expect)  # it was closed meanwhile
            raise Broken(str(error)) from error

    def _exchange(self, head, body, method, expect):
        if self.socket is None:
            self._open()
        answers = []
        self.socket.sendall(head)
        if expect:
            answers.append(self._answer(method))
            if answers[0].status >= 200:
                self.close()
                return answers
        try:
            self.socket.sendall(body)
        except OSError:
            pass  # refused before the end of the body: the answer is on its way
        while not answers or answers[-1].status < 200:
            answers.append(self._answer(method))
        final = answers[-1]
        if "close" in ",".join(final.header("Connection")).lower() or self.read:
            self.close()
        return answers

    def _more(self):
        data = self.socket.recv(256 * 1024)
        if not data:
            raise Broken("the server closed the connection")
        self.heard = True
        self.read += data
        if len(self.read) > ANSWER_MAX:
            raise Broken(f"an answer of more than {ANSWER_MAX} bytes")

    def _line(self):
        while b"\r\n" not in self.read:
            self._more()
        line, self.read = self.read.split(b"\r\n", 1)
        return line.decode("utf-8", "surrogateescape")

    def _bytes(self, count):
        while len(self.read) < count:
            self._more()
        data, self.read = self.read[:count], self.read[count:]
        return data

    def _answer(self, method):
        status_line = self._line()
        version, _, rest = status_line.partition(" ")
        code, _, reason = rest.partition(" ")
        if not version.startswith("HTTP/1.") or not code.isdigit():
            raise Broken(f"not an answer: {status_line[:100]}")
        headers = []
        while (line := self._line()) != "":
            name, colon, value = line.partition(":")
            if not colon:
                raise Broken(f"not a header: {line[:100]}")
            headers.append((name, value.strip()))
        answer = Answer(int(code), reason, headers, b"")
        if method != "HEAD" and answer.status >= 200 and answer.status not in (204, 304):
            answer.body = self._body(answer)
        return answer

    def _body(self, answer):
        if "chunked" in ",".join(answer.header("Transfer-Encoding")).lower():
            return self._chunks()
        lengths = answer.header("Content-Length")
        if lengths:
            return self._bytes(int(lengths[0]))
        while True:
            try:
                self._more()
            except Broken:
                data = self.read
                self.close()
                return data

    def _chunks(self):
        parts = []
        while True:
            size = int(self._line().split(";")[0], 16)
            if size == 0:
                while self._line() != "":
                    pass
                return b"".join(parts)
            parts.append(self._bytes(size))
            if self._bytes(2) != b"\r\n":
                raise Broken("a chunk does not end where it says")
