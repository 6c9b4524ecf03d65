"""What many appointments cost: throughput, memory, and the time of a start."""

import shutil
import subprocess
import time
from pathlib import Path

from figures import Figures
from load import SESSIONS, Wrk, first_date, open_sessions
from servers import CONFIG, RELEASE, hallpass, output

FEW = 10_000
RECOVERED = 1_000_000
CONNECTIONS = 256
WARM_UP_S = 1
# The keyspace that is made first. A start reads no more of it than its end and some entries.
JOURNAL = "1"
DROP_CACHES = Path("/proc/sys/vm/drop_caches")


def fill(data, count, first, say):
    begin = time.monotonic()
    output([RELEASE / "examples/fill", CONFIG, data, count, first], timeout_s=3_600)
    say(f"scale: {count} appointments made in {time.monotonic() - begin:.0f} s")


def started(stage, name, data):
    """A server, and how long it took until it said that it serves, in seconds."""
    begin = time.monotonic()
    server = hallpass(stage, name, data)
    server.url(within_s=600)
    return server, time.monotonic() - begin


def resident(stage, data):
    """Memory after a start on this directory, when everything is quiet, in bytes."""
    server, _ = started(stage, "memory", data)
    server.until_idle()
    resident_bytes = server.resident_bytes()
    stage.stop(server)
    return resident_bytes


def forget_files(say):
    """Whether the next reader has to go to the disk: only root can make it so."""
    try:
        subprocess.run(["sync"], check=True)
        DROP_CACHES.write_text("3")
    except OSError as error:
        say(f"scale: files stay in memory: {error}")
        return False
    return True


def read_by_a_start(store):
    """What of a store a start reads from beginning to end: the store's log, and every keyspace but the journal.

    To count what it does not read would flatter it. The log, which a start reads twice, counts once.
    """
    keyspaces = (folder for folder in (store / "keyspaces").iterdir() if folder.name != JOURNAL)
    return sorted([*store.glob("*.jnl"), *keyspaces])


def recovery(stage, options, empty, data, say):
    """{cold or warm: {what: Figures}} in seconds, and how many bytes a start reads."""
    found, read_bytes = {}, 0
    for heat in ("cold", "warm"):
        times = {what: Figures() for what in ("start", "empty start", "read")}
        for round_number in range(options.rounds + 1):
            if heat == "cold" and not forget_files(say):
                times = None
                break
            server, start_s = started(stage, "recovery", data)
            stage.stop(server)
            if heat == "cold":
                forget_files(say)
            server, empty_s = started(stage, "recovery", empty)
            stage.stop(server)
            if heat == "cold":
                forget_files(say)
            printed = output([RELEASE / "examples/read_bytes", *read_by_a_start(data / "store")], timeout_s=600).split()
            read_bytes, read_s = int(printed[0]), float(printed[1]) / 1000
            say(f"scale recovery {heat}, round {round_number}: start {start_s:.2f} s, empty {empty_s:.2f} s, "
                f"reading {read_s:.2f} s")
            # Round 0 warms up and does not count.
            if round_number > 0:
                for what, seconds in zip(times, (start_s, empty_s, read_s)):
                    times[what].add(seconds)
        if times is not None:
            found[heat] = times
    return found, read_bytes


def throughput(stage, options, few, big, first, say):
    """{few or big: Figures}, bookings a second. Both servers run the whole time, and are measured in turn.

    The small one begins each turn anew, on a copy of its directory: after a few seconds of bookings it would not be small.
    """
    server, _ = started(stage, "big", big)
    tokens = {"few": stage.folder / "tokens-few", "big": stage.folder / "tokens-big"}
    open_sessions(server.url(), SESSIONS, tokens["big"])
    small, _ = started(stage, "few", few)
    open_sessions(small.url(), SESSIONS, tokens["few"])
    stage.stop(small)
    wrk = {name: Wrk(file, first) for name, file in tokens.items()}
    rates = {name: Figures() for name in tokens}
    copy = stage.folder / "few-copy"
    for round_number in range(options.rounds + 1):
        for name in tokens:
            if name == "few":
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(few, copy)
                measured, _ = started(stage, "few", copy)
            else:
                measured = server
            asked = (measured.url(), "spread", "/v1/appointments", CONNECTIONS)
            wrk[name].turn(*asked, WARM_UP_S)
            turn = wrk[name].turn(*asked, options.seconds)
            measured.until_idle()
            if name == "few":
                stage.stop(measured)
            errors = turn.errors(all_refused=False)
            say(f"scale round {round_number}, {name}: {turn.rate:.0f}/s, {errors} errors")
            if round_number > 0:
                rates[name].add(turn.rate)
    stage.stop(server)
    return rates


def measure(stage, options, say):
    """Everything about many appointments, each on a directory that was filled for it."""
    first, sizes = first_date(), {"few": min(FEW, options.big), "recovered": min(RECOVERED, options.big)}
    sizes["big"] = options.big
    empty, folders = stage.folder / "empty", {name: stage.folder / name for name in sizes}
    server, _ = started(stage, "first", empty)
    stage.stop(server)
    found = {"sizes": sizes}
    for name in ("few", "recovered", "big"):
        fill(folders[name], sizes[name], first, say)
    base = resident(stage, empty)
    found["memory"] = {
        name: (resident(stage, folders[name]) - base) / sizes[name] for name in ("recovered", "big")}
    say(f"scale: bytes of memory an appointment: {found['memory']}")
    found["recovery"], found["recovered_bytes"] = recovery(stage, options, empty, folders["recovered"], say)
    found["throughput"] = throughput(stage, options, folders["few"], folders["big"], first, say)
    return found
