"""The decision in memory beside the least that it could be, as `cargo bench --bench decision` measures both."""

import json
import shutil

from figures import Figures
from servers import RELEASE, ROOT, Fault, output

LEAST = "least"
# name: where Criterion keeps it, below its folder
FOLDERS = {
    "spread": "decision/spread_1",
    "hot": "decision/hot_1",
    LEAST: "map insert, compare-and-swap/1",
}


def measure(stage, options, say):
    """{name: Figures}, nanoseconds on one thread."""
    criterion, times = RELEASE.parent / "criterion", {name: Figures() for name in FOLDERS}
    output(["cargo", "bench", "--bench", "decision", "--no-run"], timeout_s=1_800, cwd=ROOT)
    for round_number in range(1, options.rounds + 1):
        for folder in FOLDERS.values():
            shutil.rmtree(criterion / folder, ignore_errors=True)
        output(["cargo", "bench", "--bench", "decision", "--", "--warm-up-time", "0.5", "--measurement-time", "1",
                "/1$"], timeout_s=300, cwd=ROOT)
        for name, folder in FOLDERS.items():
            estimates = criterion / folder / "new/estimates.json"
            if not estimates.exists():
                raise Fault(f"the bench decision left no {folder}")
            times[name].add(json.loads(estimates.read_text())["median"]["point_estimate"])
            say(f"decision round {round_number}, {name}: {times[name].values[-1]:.0f} ns")
    return times
