"""8,000 visitors within one second for 2,000 places, played and judged by `hallpass simulate`."""

import json

from servers import RELEASE, ROOT, Fault, output

SEED = 5


def measure(stage, options, say):
    """How many came, were answered, and have a place; and how many answers were the server's fault."""
    file = stage.folder / "stampede.json"
    output([RELEASE / "hallpass", "simulate", "--config", ROOT / "config", "--scenario",
            ROOT / "config/scenarios/stampede.toml", "--seed", SEED, "--json", file], timeout_s=300, cwd=stage.folder)
    played = json.loads(file.read_text())
    rush = played["today"]["rush"]
    if played["end"]["kind"] != "finished":
        raise Fault(f"the stampede did not finish: {played['end']}")
    count = {answer: 0 for answer in ("faults", "lost", "full")}
    for answer in rush["answers"]:
        if answer["status"] >= 500:
            count["faults"] += answer["count"]
        elif answer["status"] == 0:
            count["lost"] += answer["count"]
        elif answer["code"] == "slot_full":
            count["full"] += answer["count"]
    book = next(call for call in rush["calls"] if call["call"] == "book")
    found = {"came": rush["came"], "answered": rush["served"], "won": rush["booked"], "places": rush["places"],
             "p99_ms": book["p99_ms"], "violations": len(played["today"]["violations"]), **count}
    say(f"stampede: {found}")
    return found
