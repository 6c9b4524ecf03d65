"""RESULTS.md: the goals first, then everything that was measured."""

import datetime
import os
import platform
import re
import shutil
from pathlib import Path

import load
from databases import CASES as DATABASE_CASES
from decision import LEAST
from figures import ratio, shown
from instances import CASES as INSTANCE_CASES, CONTENDERS
from pages import PAGES
from servers import RELEASE, Fault, file_system, output, postgres_program

GOAL_CONNECTIONS = 256


def text(options, command, found, faults, parts):
    sections = [head(options, command), missing(options, faults, parts), goals(options, found)]
    tell = {"http": http, "pages": pages, "databases": databases, "instances": instances, "scale": scale,
            "decision": decision, "stampede": stampede}
    sections += [tell[part](found[part]) for part in parts if part in found]
    return "\n\n".join(section for section in sections if section) + "\n"


def table(titles, rows):
    lines = [f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}"]
    return "\n".join(lines + [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows])


def version(command, pattern):
    """What a program calls its version; a program that is missing has none. (wrk tells it and ends with 1.)"""
    if not command[0] or not shutil.which(str(command[0])):
        return "not installed"
    try:
        printed = output(command, timeout_s=60)
    except Fault as fault:
        printed = str(fault)
    found = re.search(pattern, printed)
    return found.group(1) if found else "unknown"


def head(options, command):
    processor = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory_kb = int(re.search(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1))
    versions = ", ".join([
        "rustc " + version(["rustc", "--version"], r"rustc (\S+)"),
        "hallpass " + version([RELEASE / "hallpass", "--version"], r"hallpass (\S+)"),
        "wrk " + version(["wrk", "-v"], r"wrk (\S+) \["),
        "PostgreSQL " + version([postgres_program("postgres"), "--version"], r"\(PostgreSQL\) (\S+)"),
        "Redis " + version(["redis-server", "--version"], r"v=(\S+)"),
    ])
    return f"""# Results

Everything here was measured in one run on one machine, the load generator beside what it loads, contenders in turn:
{options.rounds} {'round' if options.rounds == 1 else 'rounds'}, turns of {options.seconds} s, after a warm-up; medians. Absolute figures belong to the machine; compare ratios.

- command: `{command}`
- date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}
- machine: {os.cpu_count()} cores, {processor.group(1) if processor else platform.machine()}, \
{memory_kb / 1024**2:.0f} GiB of memory, Linux {platform.release()}, {file_system(options.folder)}
- versions: {versions}"""


def missing(options, faults, parts):
    lines = [f"- `{part}` was left out of this run (`--only`)." for part in parts if part not in options.only]
    for part, fault in faults.items():
        reason = " ".join(fault.split())[:300].replace("|", "\\|")
        lines.append(f"- `{part}` failed: {reason}")
    return "## Not measured\n\n" + "\n".join(lines) if lines else ""


def at_least(value, goal):
    return None if value is None else value >= goal


def at_most(value, goal):
    return None if value is None else value <= goal


def goals(options, found):
    rows = [*http_goals(found.get("http")), *page_goals(found.get("pages")), *database_goals(found), *instance_goals(found.get("instances")),
            *scale_goals(found.get("scale")),
            *decision_goals(found.get("decision")), stampede_goal(found.get("stampede"))]
    answers = {True: "yes", False: "no", None: "—"}
    cells = [(figure, goal, measured, answers[reached]) for figure, goal, measured, reached in rows]
    return "## Goals\n\n" + table(["figure", "goal", "measured", "reached"], cells)


def beside_echo(found, name, figure="rate"):
    """A figure of hallpass ÷ the same of its echo, at the connections for which goals are set."""
    rows = found["rows"].get(GOAL_CONNECTIONS) if found else None
    if rows is None:
        return None
    echo = load.CASES[name][3]
    return ratio(getattr(rows["hallpass", name], figure), getattr(rows["echo", echo], figure))


def http_goals(found):
    def row(name, goal, figure="rate"):
        value = beside_echo(found, name, figure)
        what = f"{load.CASES[name][0]}: {'' if figure == 'rate' else 'p99 '}÷ echo, {GOAL_CONNECTIONS} connections"
        judge, sign = (at_least, "≥") if figure == "rate" else (at_most, "≤")
        return what, f"{sign} {goal}", shown(value), judge(value, goal)

    return [row("spread", 0.8), row("hot", 0.8), row("spread", 3, "p99_ms"), row("hot", 3, "p99_ms"), row("full", 0.9),
            row("availability", 0.5)]


def page_goals(found):
    rows = []
    for name, title in PAGES.items():
        value = ratio(found[name].page_p99_ms, found[name].echo_p99_ms) if found else None
        rows.append((f"page, {title}: p99 ÷ echo's p99, both at half of the page's peak", "≤ 5", shown(value),
                     at_most(value, 5)))
    return rows


def database_goals(found):
    value = None
    if "http" in found and "databases" in found and GOAL_CONNECTIONS in found["http"]["rows"]:
        hot = found["http"]["rows"][GOAL_CONNECTIONS]["hallpass", "hot"]
        value = ratio(hot.rate, found["databases"]["PostgreSQL", "four statements", "hot"].rate)
    what = f"hot slot over HTTP, {GOAL_CONNECTIONS} connections ÷ PostgreSQL's hot slot"
    return [(what, "≥ 30", shown(value, 1), at_least(value, 30))]


def instance_goals(found):
    def rate(contender, case, beside):
        return ratio(found["rows"][contender, case].rate, found["rows"][beside, case].rate) if found else None

    rows = []
    for case, goal in (("spread", 4), ("hot", 20)):
        value = rate("one", case, "direct")
        rows.append((f"one instance on PostgreSQL over HTTP ÷ PostgreSQL asked directly, {INSTANCE_CASES[case]}", f"≥ {goal}",
                     shown(value, 1), at_least(value, goal)))
    for contender, beside, goal, what in (
            ("one", "embedded", 0.5, "one instance on PostgreSQL ÷ hallpass embedded"),
            ("two", "one", 0.9, "two instances ÷ one, same database and machine")):
        for case, title in INSTANCE_CASES.items():
            value = rate(contender, case, beside)
            rows.append((f"{what}, {title}", f"≥ {goal}", shown(value), at_least(value, goal)))
    for case, title in INSTANCE_CASES.items():
        value = found["half"][case].p99_ms.median if found else None
        commit = found["commit_ms"].median if found else None
        goal = f"≤ 25 ms and 5 × the commit time{f' ({commit:.2f} ms)' if found else ''}"
        reached = None if value is None else value <= min(25, 5 * commit)
        rows.append((f"p99 at half of the peak load, one instance, {title}", goal,
                     "not measured" if value is None else f"{value:.2f} ms", reached))
    return rows


def scale_goals(found):
    if not found:
        return [("throughput with many active appointments ÷ with few", "≥ 0.9", shown(None), None),
                ("memory for each active appointment", "≤ 300 B", shown(None), None),
                ("recovery ÷ reading and checksumming the same bytes", "≤ 5", shown(None), None)]
    sizes = found["sizes"]
    rates = ratio(found["throughput"]["big"], found["throughput"]["few"])
    rows = [(f"throughput with {sizes['big']:,} active appointments ÷ with {sizes['few']:,}", "≥ 0.9", shown(rates),
             at_least(rates, 0.9))]
    for name in ("big", "recovered"):
        memory = found["memory"][name]
        rows.append((f"memory for each of {sizes[name]:,} active appointments, beyond an empty server", "≤ 300 B",
                     f"{memory:.0f} B", at_most(memory, 300)))
    for heat in ("cold", "warm"):
        value = recovery_ratio(found["recovery"].get(heat))
        what = f"recovery of {sizes['recovered']:,} appointments ÷ reading and checksumming the same bytes, files {heat}"
        rows.append((what, "≤ 5", shown(value, 1), at_most(value, 5)))
    return rows


def recovery_ratio(times):
    if not times:
        return None
    return (times["start"].median - times["empty start"].median) / times["read"].median


def decision_goals(found):
    rows = []
    for name in ("spread", "hot"):
        # Times, so the least stands above the line.
        value = ratio(found[LEAST], found[name]) if found else None
        rows.append((f"decision in memory, {name}, one thread ÷ map insert and compare-and-swap", "≥ 0.5", shown(value),
                     at_least(value, 0.5)))
    return rows


def stampede_goal(found):
    what, goal = "stampede: 8,000 in a second for 2,000 places", "exactly 2,000 win, all answered, no 5xx"
    if not found:
        return what, goal, shown(None), None
    reached = (found["came"] == found["heard"] == 8_000
               and found["served"] == found["booked"] == found["places"] == 2_000
               and found["faults"] == found["lost"] == found["other"] == found["violations"] == 0)
    measured = (f"{found['served']:,} win, {found['heard']:,} of {found['came']:,} and {found['requests']:,} requests "
                f"answered, {found['lost']} lost, {found['faults']} × 5xx")
    return what, goal, measured, reached


def http(found):
    sizes = found["sizes"]
    lines = f"""## HTTP

hallpass is a release build with every rule, sessions and sealing on; a booking is answered after its flush. Every request
is for another applicant, in a valid session. An echo is a bare axum server that parses the same body and answers as many
bytes as hallpass does: {sizes['booked']:,} for a booking, {sizes['refused']:,} for a refusal, {sizes['availability']:,} for an availability, \
{sizes['mine']:,} for appointments. Errors are answers
other than the one that a case is about, and connections that failed, in all rounds.

After each of its turns hallpass is left alone until it is idle: what it puts off to quiet moments took another
{100 * found['put_off']:.0f} % of its processor time."""
    for connections, rows in found["rows"].items():
        lines += f"\n\n### {connections:,} connections\n\n" + http_table(rows)
    return lines


def http_table(rows):
    cells = []
    for (kind, name), row in rows.items():
        if kind == "echo":
            title, beside = load.ECHOES[name][0], ("", "")
        else:
            title, base = f"hallpass, {load.CASES[name][0]}", rows["echo", load.CASES[name][3]]
            beside = (shown(ratio(row.rate, base.rate)), shown(ratio(row.p99_ms, base.p99_ms)))
        cells.append((title, f"{row.rate.median:.0f}", row.rate.lowest_to_highest(), f"{row.p50_ms.median:.2f}",
                      f"{row.p99_ms.median:.2f}", row.errors, *beside))
    return table(["contender", "answers a second", "lowest to highest", "p50 ms", "p99 ms", "errors", "÷ its echo",
                  "p99 ÷ echo's p99"], cells)


def pages(found):
    cells = [(PAGES[name], f"{row.bytes:,}", f"{row.peak.median:.0f}", f"{row.half.median:.0f}",
              f"{row.page_p99_ms.median:.2f}", f"{row.echo_p99_ms.median:.2f}", row.errors)
             for name, row in found.items()]
    return f"""## Pages

The pages of a hall in which something is booked, without compression, {GOAL_CONNECTIONS} connections. An echo is a bare axum server
that answers as many bytes. At half of the page's peak each connection pauses between an answer and its next request, the
same for both.

""" + table(["page", "bytes", "peak, pages a second", "half", "p99 ms", "echo's p99 ms", "errors"], cells)


def databases(found):
    cells = []
    for (database, _, case), row in found.items():
        cells.append((f"{database}, {DATABASE_CASES[case]}", f"{row.way[0]}, {row.way[1]} clients",
                      f"{row.rate.median:.0f}", row.rate.lowest_to_highest(), f"{row.p50_ms.median:.2f}",
                      f"{row.p99_ms.median:.2f}"))
    return """## Databases

Asked directly, over a socket of the machine, without HTTP, sessions, rules or sealing. PostgreSQL: `pgbench`, prepared,
one transaction a booking, durable settings as they come. A booking is written as `UPDATE` and `INSERT` between `BEGIN`
and `END`, four statements, which is what the goal speaks of; and beside that as one statement, which locks a wanted slot
for a shorter time. Of 32 and 64 clients the better in the warm-up is measured. Redis:
`redis-benchmark`, one script a booking, `appendfsync always`; snapshots and rewrites of its file are off.

""" + table(["contender", "asked by", "bookings a second", "lowest to highest", "p50 ms", "p99 ms"], cells)


def instances(found):
    cells = []
    for (contender, case), row in found["rows"].items():
        cells.append((f"{CONTENDERS[contender]}, {INSTANCE_CASES[case]}", f"{row.rate.median:.0f}",
                      row.rate.lowest_to_highest(), f"{row.p50_ms.median:.2f}", f"{row.p99_ms.median:.2f}", row.errors))
    for case, row in found["half"].items():
        cells.append((f"one instance at half of its peak, {INSTANCE_CASES[case]}", f"{row.rate.median:.0f}",
                      row.rate.lowest_to_highest(), f"{row.p50_ms.median:.2f}", f"{row.p99_ms.median:.2f}", row.errors))
    return f"""## Instances on PostgreSQL

Durable bookings over HTTP, {GOAL_CONNECTIONS} connections, every rule, sessions and sealing on; the database and the load generator
are on the same machine. Two instances share the connections, each asked by a load generator of its own, and follow each
other's entries; their slower percentiles stand here. At half of the peak each connection pauses between an answer and its
next request. One small commit of the database takes {found['commit_ms'].median:.2f} ms, alone.

""" + table(["contender", "bookings a second", "lowest to highest", "p50 ms", "p99 ms", "errors"], cells)


def scale(found):
    sizes, rates = found["sizes"], found["throughput"]
    cells = [(f"{sizes[name]:,}", f"{rates[name].median:.0f}", rates[name].lowest_to_highest())
             for name in ("few", "big")]
    times = []
    for heat, figures in found["recovery"].items():
        for what, title in (("start", f"start with {sizes['recovered']:,} appointments"),
                            ("empty start", "start of an empty server"), ("read", "reading and checksumming")):
            times.append((f"{title}, files {heat}", f"{figures[what].median:.3f}",
                          figures[what].lowest_to_highest(3)))
    cold = "" if "cold" in found["recovery"] else " Files could not be made cold: that takes root."
    return f"""## Many appointments

Active appointments of as many people, made through the engine. Durable bookings, spread, over HTTP, {GOAL_CONNECTIONS} connections; the
small server begins each turn anew, and each turn begins with a second that does not count.

""" + table(["active appointments", "bookings a second", "lowest to highest"], cells) + f"""

The time from the start of the process until it serves, beside reading the {found['recovered_bytes']:,} bytes of its store that
it reads (all but the journal, of which a start reads the end) in order and checksumming them (xxh3). The goal leaves out what an empty server takes.{cold}

""" + table(["what", "seconds", "lowest to highest"], times)


def decision(found):
    titles = {"spread": "decision, spread over all slots", "hot": "decision, all wanting one slot",
              LEAST: "map insert, compare-and-swap"}
    cells = [(titles[name], f"{times.median:.0f}", times.lowest_to_highest()) for name, times in found.items()]
    return """## Decision in memory

`cargo bench --bench decision`, one thread: all rules and every claim, which is kept, beside an insert into a DashMap that
is kept and a compare-and-swap. What is kept is given back between the measurements.

""" + table(["what", "ns", "lowest to highest"], cells)


def stampede(found):
    return f"""## Stampede

`hallpass simulate` with `config/scenarios/stampede.toml`: {found['came']:,} visitors within one second for {found['places']:,} places.
{found['served']:,} have a place at the end, by {found['booked']:,} bookings. All {found['requests']:,} requests were answered but for {found['lost']} that
were lost; {found['faults']} answers were 5xx, {found['full']:,} said that the slot is full, {found['other']} were other refusals. Everybody looks at what is
left first, so most of those without a place saw that there is none. The auditor found {found['violations']} violations. p99 of a
booking: {found['p99_ms']:.1f} ms."""
