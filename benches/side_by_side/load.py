"""HTTP: every case of hallpass beside a bare server that parses the same body and answers as many bytes."""

import datetime
import http.client
import json
import re
from urllib.parse import urlsplit

from figures import Figures
from servers import HERE, RELEASE, Fault, hallpass, output

# Sessions for bookings: one may make 600 changes at once and 10 a second, so this many outlast a run.
SESSIONS = 40_000
# Sessions that look at their own appointments; nobody books in them while they are measured.
READERS = 500
CHINA = datetime.timezone(datetime.timedelta(hours=8))

# name: (what it is called, the case of requests.lua, the path of hallpass, its echo, whether every answer is a refusal)
CASES = {
    "spread": ("durable booking, spread over 5,880 slots", "spread", "/v1/appointments", "booked", False),
    "hot": ("durable booking, all wanting one slot", "hot", "/v1/appointments", "booked", False),
    "full": ("refusal, the slot is full", "full", "/v1/appointments", "refused", True),
    "availability": ("availability of 30 days", "get", None, "availability", False),
    "mine": ("my appointments, two of them", "mine", "/v1/appointments", "mine", False),
}
# name: (what it is called, the case of requests.lua)
ECHOES = {
    "body": ("echo, answering with the body itself", "spread"),
    "booked": ("echo of a booking", "spread"),
    "refused": ("echo of a refusal", "full"),
    "availability": ("echo of an availability", "get"),
    "mine": ("echo of my appointments", "mine"),
}
ORDER = [("echo", "body"), ("echo", "booked"), ("hallpass", "spread"), ("hallpass", "hot"), ("echo", "refused"),
         ("hallpass", "full"), ("echo", "availability"), ("hallpass", "availability"), ("echo", "mine"),
         ("hallpass", "mine")]


def first_date():
    """The first date that is booked, far enough ahead to be bookable also when midnight passes during a run."""
    return (datetime.datetime.now(CHINA).date() + datetime.timedelta(days=3)).isoformat()


def open_sessions(url, count, file):
    tokens = output([RELEASE / "examples/sessions", url, count], timeout_s=300).split()
    file.write_text("\n".join(tokens) + "\n")
    return tokens


class Wrk:
    """The load generator, and the next applicant that nobody has been yet."""

    def __init__(self, tokens, first):
        self.tokens, self.first, self.next = tokens, first, 0

    def turn(self, url, case, path, connections, seconds, tokens=None, pause_ms=0):
        """Answers a second, p50 ms, p99 ms, answers that are no success, failed connections, requests.

        Each connection pauses so long between an answer and the next request, on average.
        """
        printed = output(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", HERE / "requests.lua", url,
             "--", case, path, tokens or self.tokens, self.first, self.next, pause_ms], timeout_s=seconds + 60)
        line = next((line for line in printed.splitlines() if line.startswith("RESULT ")), None)
        if line is None:
            raise Fault(f"wrk printed no result: {printed[-500:]}")
        requests, took_s, p50_ms, p99_ms, refused, failed = (float(word) for word in line.split()[1:])
        # Those under way at the end had an applicant too.
        self.next += int(requests) + connections + 1_000
        return Turn(requests / took_s, p50_ms, p99_ms, int(refused), int(failed), int(requests))


class Turn:
    def __init__(self, rate, p50_ms, p99_ms, refused, failed, requests):
        self.rate, self.p50_ms, self.p99_ms = rate, p50_ms, p99_ms
        self.refused, self.failed, self.requests = refused, failed, requests

    def errors(self, all_refused):
        """Answers that were not what the case is about, and connections that failed."""
        return self.failed + (abs(self.requests - self.refused) if all_refused else self.refused)


class Row:
    """Everything measured of one contender at one number of connections."""

    def __init__(self):
        self.rate, self.p50_ms, self.p99_ms, self.errors = Figures(), Figures(), Figures(), 0

    def add(self, turn, all_refused):
        self.rate.add(turn.rate)
        self.p50_ms.add(turn.p50_ms)
        self.p99_ms.add(turn.p99_ms)
        self.errors += turn.errors(all_refused)


class Client:
    """One connection for what is asked once."""

    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)

    def ask(self, method, path, token=None, body=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def must(self, expected, *asked):
        status, body = self.ask(*asked)
        if status != expected:
            raise Fault(f"{asked[0]} {asked[1]}: {status} instead of {expected}: {body[:500]!r}")
        return body


def id_number(number):
    """A made-up ID number of a province of which `requests.lua` has no applicants (GB 11643)."""
    birth = datetime.date(1950, 1, 1) + datetime.timedelta(days=number)
    head = f"120101{birth:%Y%m%d}001"
    return head + "10X98765432"[sum(int(digit) << place for digit, place in zip(head, range(17, 0, -1))) % 11]


def booking(hall, date, number):
    """The body that `requests.lua` sends."""
    return {"hall": hall, "service": "passport.renewal", "date": date, "start": "08:30", "hold": False,
            "applicants": [{"name": "样本", "id_number": id_number(number), "phone": "19900000002"}],
            "residence": "330106", "emergency_contact": {"name": "样本", "phone": "19900000003"},
            "collection": {"method": "counter"}}


def full_slots(url):
    """How often hallpass has said that a slot is full."""
    told = Client(url).must(200, "GET", "/metrics").decode()
    return int(re.search(r'problems_total\{code="slot_full"\} (\d+)', told).group(1))


def prepare(url, tokens, first, availability):
    """Fills what must be full, books what will be read, and says how many bytes each case is answered with."""
    client, path, sizes = Client(url), "/v1/appointments", {}
    client.must(201, "POST", path, tokens[0], booking("bench-full", first, 0))
    refused = client.must(409, "POST", path, tokens[0], booking("bench-full", first, 1))
    if b'"code":"slot_full"' not in refused:
        raise Fault(f"the full slot is refused for another reason: {refused!r}")
    sizes["refused"] = len(refused)
    for number in range(2 * READERS):
        body = client.must(201, "POST", path, tokens[number // 2], booking("bench-0", first, 2 + number))
    sizes["booked"] = len(body)
    sizes["mine"] = len(client.must(200, "GET", path, tokens[READERS - 1]))
    sizes["availability"] = len(client.must(200, "GET", availability))
    return sizes


def measure(stage, options, say):
    """All contenders, interleaved: {connections: {(server, name): Row}}, and what was put off."""
    server = hallpass(stage, "hallpass", stage.folder / "data")
    url, first = server.url(), first_date()
    all_tokens, tokens, readers = (stage.folder / name for name in ("tokens", "bookers", "readers"))
    opened = open_sessions(url, SESSIONS, all_tokens)
    # The first readers' own budget of changes is spent in part, so others book.
    readers.write_text("\n".join(opened[:READERS]) + "\n")
    tokens.write_text("\n".join(opened[READERS:]) + "\n")
    today = datetime.datetime.now(CHINA).date()
    ahead = [(today + datetime.timedelta(days=days)).isoformat() for days in (1, 30)]
    availability = f"/v1/halls/bench-0/slots?service=passport.renewal&from={ahead[0]}&to={ahead[1]}"
    sizes = prepare(url, opened, first, availability)
    echo = stage.start("echo", [RELEASE / "examples/echo", *(f"{case}={size}" for case, size in sizes.items())])
    echo_url, wrk = echo.url(), Wrk(tokens, first)
    rows = {connections: {key: Row() for key in ORDER} for connections in options.connections}
    put_off = 0.0
    # Round 0 warms up and does not count.
    for round_number in range(options.rounds + 1):
        for connections in options.connections:
            for kind, name in ORDER:
                if kind == "echo":
                    case, all_refused = ECHOES[name][1], False
                    where = (echo_url, case, f"/echo/{name}")
                else:
                    _, case, path, _, all_refused = CASES[name]
                    where = (url, case, path or availability)
                full_before = full_slots(url) if all_refused else 0
                turn = wrk.turn(*where, connections, options.seconds, readers if case == "mine" else None)
                if all_refused:
                    # wrk knows that an answer is no success, but not which; those under way at its end were counted too.
                    turn.refused = min(turn.refused, full_slots(url) - full_before)
                if kind == "hallpass":
                    # What it has put off must not slow the next one down.
                    put_off += server.until_idle()
                say(f"http round {round_number}, {connections} connections, {kind} {name}: {turn.rate:.0f}/s, "
                    f"p99 {turn.p99_ms:.2f} ms, {turn.errors(all_refused)} errors")
                if round_number > 0:
                    rows[connections][kind, name].add(turn, all_refused)
    share = put_off / max(server.processor_s() - put_off, 0.01)
    return {"rows": rows, "sizes": sizes, "put_off": share}
