"""Pages: a hall's calendar and the bands of a day, beside a bare server that answers as many bytes, at half of the peak."""

import datetime

from figures import Figures
from load import CHINA, Client, Wrk, booking, first_date, open_sessions
from servers import RELEASE, hallpass

CONNECTIONS = 256
SESSIONS = 1_000
# name: what it is called
PAGES = {"days": "the days of a hall, 32 of them", "bands": "the bands of a day, 14 of them",
         "others": "the bands of a day of which one is full, with what stands in for it"}


class Row:
    """A page and its echo, each at half of the page's peak, and that peak."""

    def __init__(self):
        self.peak, self.bytes, self.errors = Figures(), 0, 0
        self.page_p99_ms, self.echo_p99_ms, self.half = Figures(), Figures(), Figures()


def measure(stage, options, say):
    """{page: Row}."""
    server = hallpass(stage, "hallpass", stage.folder / "data")
    url, first = server.url(), first_date()
    tokens = stage.folder / "tokens"
    opened = open_sessions(url, SESSIONS, tokens)
    Client(url).must(201, "POST", "/v1/appointments", opened[0], booking("bench-full", first, 0))
    wrk = Wrk(tokens, first)
    # Pages of halls in which something is booked.
    wrk.turn(url, "spread", "/v1/appointments", CONNECTIONS, options.seconds)
    server.until_idle()
    day = (datetime.datetime.now(CHINA).date() + datetime.timedelta(days=5)).isoformat()
    service = "service=passport.renewal"
    paths = {"days": f"/halls/bench-0?{service}", "bands": f"/halls/bench-0/{day}?{service}",
             "others": f"/halls/bench-full/{first}?{service}"}
    rows = {name: Row() for name in PAGES}
    for name, path in paths.items():
        rows[name].bytes = len(Client(url).must(200, "GET", path))
    echo = stage.start("echo", [RELEASE / "examples/echo", *(f"{name}={row.bytes}" for name, row in rows.items())])
    echo_url = echo.url()
    for round_number in range(options.rounds + 1):
        for name, path in paths.items():
            peak = wrk.turn(url, "get", path, CONNECTIONS, options.seconds)
            # So long each connection waits between an answer and its next question that they come half as often.
            pause_ms = 1000 * CONNECTIONS / (peak.rate / 2)
            page = wrk.turn(url, "get", path, CONNECTIONS, options.seconds, pause_ms=pause_ms)
            bare = wrk.turn(echo_url, "get", f"/echo/{name}", CONNECTIONS, options.seconds, pause_ms=pause_ms)
            errors = sum(turn.errors(all_refused=False) for turn in (peak, page, bare))
            say(f"pages round {round_number}, {name}: peak {peak.rate:.0f}/s, at half {page.rate:.0f}/s: "
                f"p99 {page.p99_ms:.2f} ms, echo {bare.p99_ms:.2f} ms, {errors} errors")
            if round_number > 0:
                row = rows[name]
                row.peak.add(peak.rate)
                row.half.add(page.rate)
                row.page_p99_ms.add(page.p99_ms)
                row.echo_p99_ms.add(bare.p99_ms)
                row.errors += errors
    return rows
