"""Measures, and writes docs/performance.md: `scripts/run bench` starts it."""

import argparse
import json
import sys

from . import peers, plot, report
from .measure import PARTS, measure

KEPT = peers.BUILT / "results.json"


def main():
    parser = argparse.ArgumentParser(prog="scripts/run bench")
    parser.add_argument("--quick", action="store_true", help="one short round of everything, written nowhere")
    parser.add_argument("--report", action="store_true", help="write again from what was measured last")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="measure these parts; the rest is from last time")
    options = parser.parse_args()
    from_last_time = options.report or options.only
    if from_last_time and not KEPT.exists():
        parser.error(f"nothing was measured yet ({KEPT} is missing): run it once without --report and --only")
    kept = json.loads(KEPT.read_text()) if from_last_time else {}
    results = kept if options.report else {**kept, **measure(options.only or PARTS, options.quick)}
    if not options.quick:
        KEPT.write_text(json.dumps(results, indent=1))
        report.write(results)
        plot.write(results)
    report.print_targets(results)


sys.exit(main())
