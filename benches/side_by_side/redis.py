"""Redis, asked directly: one script a booking, its append-only file flushed before every answer, without HTTP."""

import csv
import time

from postgres import SEALED_BYTES, SLOTS
from servers import Fault, output

# One key for the slot, one for the person; where bookings are spread, the slot comes from the person's number. Persons
# are drawn by chance, so a very few are drawn twice and refused; that is an answer, since an error would end the benchmark.
SCRIPT = """
local slot = 'slot:' .. (ARGV[1] == 'spread' and tonumber(ARGV[2]) % tonumber(ARGV[3]) or 0)
local person = 'person:' .. ARGV[2] .. ARGV[5] .. ':passport'
if redis.call('EXISTS', person) == 1 then return redis.status_reply('already booked') end
local taken = tonumber(redis.call('GET', slot) or '0')
if taken >= 1000000000 then return redis.error_reply('slot full') end
redis.call('INCR', slot)
redis.call('SET', person, ARGV[4])
return taken + 1
"""


class Redis:
    """A server of its own on a socket in its folder. Snapshots and rewrites of the file are off, which is in its favour."""

    name = "Redis"
    ways = [("one script", 256)]

    def __init__(self, stage):
        folder = stage.folder / "redis"
        folder.mkdir()
        self.socket = folder / "socket"
        self.process = stage.start(
            "redis-server", ["redis-server", "--port", 0, "--unixsocket", self.socket, "--dir", folder, "--save", "",
                             "--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", 0])
        self._until_ready()
        self.script = self._ask("SCRIPT", "LOAD", SCRIPT).strip()
        self.rates, self.asked = {}, 0

    def _ask(self, *words):
        return output(["redis-cli", "-s", self.socket, *words], timeout_s=60)

    def _until_ready(self):
        for _ in range(300):
            self.process.must_run()
            try:
                if "PONG" in self._ask("PING"):
                    return
            except Fault:
                pass
            time.sleep(0.1)
        raise Fault("Redis did not become ready")

    def turn(self, case, seconds, way):
        """Bookings a second, the median and the 99th percentile in ms."""
        # It takes a count instead of a time: that of the last turn says how many are as long.
        count = int(self.rates.get(case, 5_000) * seconds)
        printed = output(
            ["redis-benchmark", "-s", self.socket, "-c", way[1], "-n", count, "-r", 1_000_000_000, "--csv",
             # The generator may begin two turns with one seed, so the place of the turn is part of a person.
             "EVALSHA", self.script, 0, case, "__rand_int__", SLOTS, "x" * SEALED_BYTES, f"{self.asked}-__rand_int__"],
            timeout_s=20 * seconds + 60)
        figures = next(csv.DictReader(printed.splitlines()), None)
        if figures is None or "rps" not in figures:
            raise Fault(f"redis-benchmark printed no figures: {printed[-500:]}")
        self.asked += count
        self.rates[case] = float(figures["rps"])
        return self.rates[case], float(figures["p50_latency_ms"]), float(figures["p99_latency_ms"])

    def check(self):
        """Every booking is kept, but for persons drawn twice: a key for each person, and one for each slot."""
        kept = int(self._ask("DBSIZE"))
        few = self.asked // 1_000
        if not self.asked - few < kept <= self.asked + SLOTS:
            raise Fault(f"Redis was asked for {self.asked} bookings and keeps {kept} keys")
