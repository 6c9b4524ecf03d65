"""Databases that are asked directly, in turn: PostgreSQL and Redis, spread and hot."""

from figures import Figures
from postgres import Postgres
from redis import Redis

CASES = {"spread": "spread over 5,880 slots", "hot": "all wanting one slot"}


class Row:
    def __init__(self, way):
        self.way = way
        self.rate, self.p50_ms, self.p99_ms = Figures(), Figures(), Figures()


def measure(stage, options, say):
    """{(database, form, case): Row}. Each form is tried with every number of clients in the warm-up; the best is measured."""
    databases, rows = [Postgres(stage), Redis(stage)], {}
    for database in databases:
        for form in dict.fromkeys(form for form, _ in database.ways):
            for case in CASES:
                tried = {way: database.turn(case, options.seconds, way)[0] for way in database.ways if way[0] == form}
                for (_, clients), rate in tried.items():
                    say(f"databases warm-up, {database.name} {case}, {form}, {clients} clients: {rate:.0f}/s")
                rows[database.name, form, case] = Row(max(tried, key=tried.get))
    of_name = {database.name: database for database in databases}
    for round_number in range(1, options.rounds + 1):
        for (name, form, case), row in rows.items():
            rate, p50_ms, p99_ms = of_name[name].turn(case, options.seconds, row.way)
            say(f"databases round {round_number}, {name} {case}, {form}: {rate:.0f}/s, p99 {p99_ms:.2f} ms")
            row.rate.add(rate)
            row.p50_ms.add(p50_ms)
            row.p99_ms.add(p99_ms)
    for database in databases:
        database.check()
    return rows
