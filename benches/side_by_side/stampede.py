"""8,000 visitors within one second for 2,000 places, played and judged by `hallpass simulate`."""

import json

from servers import RELEASE, ROOT, Fault, output

SEED = 5


def measure(stage, options, say):
    """How many came, got an answer (everybody opens a session first) and have a place, and what the answers were."""
    file = stage.folder / "stampede.json"
    output([RELEASE / "hallpass", "simulate", "--config", ROOT / "config", "--scenario",
            ROOT / "config/scenarios/stampede.toml", "--seed", SEED, "--json", file], timeout_s=300, cwd=stage.folder)
    played = json.loads(file.read_text())
    rush = played["today"]["rush"]
    if played["end"]["kind"] != "finished":
        raise Fault(f"the stampede did not finish: {played['end']}")
    count = dict.fromkeys(("ok", "full", "other", "lost", "faults"), 0)
    for answer in rush["answers"]:
        count[kind_of(answer)] += answer["count"]
    calls = {call["call"]: call for call in rush["calls"]}
    found = {"came": rush["came"], "heard": calls["session"]["count"], "requests": rush["requests"],
             "served": rush["served"], "booked": rush["booked"], "places": rush["places"],
             "p99_ms": calls["book"]["p99_ms"], "violations": len(played["today"]["violations"]), **count}
    say(f"stampede: {found}")
    return found


def kind_of(answer):
    """What an answer was: the server's fault, lost, a fair refusal, another refusal, or a success."""
    if answer["status"] >= 500:
        return "faults"
    if answer["status"] == 0:
        return "lost"
    return {"ok": "ok", "slot_full": "full"}.get(answer["code"], "other")
