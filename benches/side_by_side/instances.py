"""Instances that share a PostgreSQL: one and two of them, beside the embedded store and beside PostgreSQL asked directly."""

import shutil
import threading

from figures import Figures
from load import SESSIONS, Wrk, first_date, open_sessions
from postgres import Postgres
from servers import CONFIG, hallpass

CASES = {"spread": "spread over 5,880 slots", "hot": "all wanting one slot"}
CONNECTIONS = 256
PATH = "/v1/appointments"
# contender: what it is called
CONTENDERS = {
    "direct": "PostgreSQL asked directly, four statements",
    "embedded": "hallpass, embedded store",
    "one": "hallpass on PostgreSQL, one instance",
    "two": "hallpass on PostgreSQL, two instances",
}


class Row:
    def __init__(self):
        self.rate, self.p50_ms, self.p99_ms, self.errors = Figures(), Figures(), Figures(), 0

    def add(self, turns):
        self.rate.add(sum(turn.rate for turn in turns))
        self.p50_ms.add(max(turn.p50_ms for turn in turns))
        self.p99_ms.add(max(turn.p99_ms for turn in turns))
        self.errors += sum(turn.errors(all_refused=False) for turn in turns)


class Asked:
    """A server with sessions of its own, and whoever books there."""

    def __init__(self, stage, name, server, first):
        tokens = stage.folder / f"tokens-{name}"
        open_sessions(server.url(), SESSIONS, tokens)
        self.server, self.wrk = server, Wrk(tokens, first)


def configuration(stage, url):
    """The configuration of the benches, on a database."""
    folder = stage.folder / "config"
    shutil.copytree(CONFIG, folder)
    keys = stage.folder / "keys"
    with (folder / "hallpass.toml").open("a") as file:
        file.write(f'\n[store]\nkind = "postgres"\nurl = "{url}"\nkeys = "{keys}"\n')
    return folder


def at_once(asked, case, seconds, pause_ms=0):
    """A turn of each of several at a time, which share the connections and have applicants of their own."""
    turns = [None] * len(asked)

    def ask(at):
        one = asked[at]
        turns[at] = one.wrk.turn(one.server.url(), case, PATH, CONNECTIONS // len(asked), seconds, pause_ms=pause_ms)

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(len(asked))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if None in turns:
        raise RuntimeError("a turn has failed, see above")
    return turns


def measure(stage, options, say):
    """{"rows": {(contender, case): Row}, "half": {case: Row}, "commit_ms": Figures}."""
    database, first = Postgres(stage), first_date()
    folder = configuration(stage, database.make("hallpass"))
    embedded = Asked(stage, "embedded", hallpass(stage, "embedded", stage.folder / "data"), first)
    one = Asked(stage, "one", hallpass(stage, "one", stage.folder / "data-one", folder), first)
    # The second one is there only while both are measured: it follows what the first one writes, which takes time.
    # Its applicants are others than those of the first one, which has half of the numbers.
    rows = {(contender, case): Row() for case in CASES for contender in CONTENDERS}
    half, commit_ms = {case: Row() for case in CASES}, Figures()
    clients = {case: max((32, 64), key=lambda count: database.turn(case, options.seconds, ("four statements", count))[0])
               for case in CASES}
    for round_number in range(options.rounds + 1):
        peaks = {}
        for case in CASES:
            rate, p50_ms, p99_ms = database.turn(case, options.seconds, ("four statements", clients[case]))
            say(f"instances round {round_number}, direct {case}: {rate:.0f}/s, p99 {p99_ms:.2f} ms")
            if round_number > 0:
                row = rows["direct", case]
                row.rate.add(rate)
                row.p50_ms.add(p50_ms)
                row.p99_ms.add(p99_ms)
            for name, asked in (("embedded", [embedded]), ("one", [one])):
                turns = at_once(asked, case, options.seconds)
                asked[0].server.until_idle()
                peaks[name, case] = turns[0].rate
                tell(say, round_number, name, case, turns, rows)
        commit = database.commit_ms(options.seconds)
        if round_number > 0:
            commit_ms.add(commit)
        for case in CASES:
            # So long each connection waits between an answer and its next question that they come half as often.
            pause_ms = 1000 * CONNECTIONS / (peaks["one", case] / 2)
            turns = at_once([one], case, options.seconds, pause_ms)
            one.server.until_idle()
            say(f"instances round {round_number}, one {case} at half: {turns[0].rate:.0f}/s, p99 {turns[0].p99_ms:.2f} ms, "
                f"commit {commit:.2f} ms")
            if round_number > 0:
                half[case].add(turns)
        server = hallpass(stage, "two", stage.folder / "data-two", folder)
        other = Asked(stage, "two", server, first)
        for case in CASES:
            # Both want the same slot, for other applicants, by other persons.
            one.wrk.next = max(one.wrk.next, other.wrk.next - OTHERS) // TURN * TURN + TURN
            other.wrk.next = one.wrk.next + OTHERS
            turns = at_once([one, other], case, options.seconds)
            one.server.until_idle()
            server.until_idle()
            tell(say, round_number, "two", case, turns, rows)
        one.wrk.next = max(one.wrk.next, other.wrk.next - OTHERS)
        stage.stop(server)
    database.ask_in("hallpass", CHECK)
    return {"rows": rows, "half": half, "commit_ms": commit_ms}


# After so many applicants `requests.lua` wants another hot slot.
TURN = 100_000
# How far apart the applicants of two instances are: as far as the same slot comes again, and half of the sessions.
OTHERS = 392 * TURN + SESSIONS // 2
# Every place that was taken belongs to an appointment: else it fails.
CHECK = """
SELECT 1 / (CASE WHEN (SELECT coalesce(sum(taken), 0) FROM hallpass.slots)
    = (SELECT count(*) FROM hallpass.appointments WHERE status NOT IN ('expired', 'cancelled')) THEN 1 ELSE 0 END);
"""


def tell(say, round_number, name, case, turns, rows):
    errors = sum(turn.errors(all_refused=False) for turn in turns)
    say(f"instances round {round_number}, {name} {case}: {sum(turn.rate for turn in turns):.0f}/s, "
        f"p99 {max(turn.p99_ms for turn in turns):.2f} ms, {errors} errors")
    if round_number > 0:
        rows[name, case].add(turns)
