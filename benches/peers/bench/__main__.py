"""Runs the benchmark and updates docs/performance.md. `scripts/run bench` starts it."""

import argparse
import json
import sys

from . import peers, plot, report
from .measure import PARTS, measure

RESULTS = peers.BUILT / "results.json"


def main():
    parser = argparse.ArgumentParser(prog="scripts/run bench")
    parser.add_argument("--quick", action="store_true", help="one short round of everything, without writing the results")
    parser.add_argument("--report", action="store_true", help="write the page again from the last results")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="measure these parts, and use the last results for the rest")
    options = parser.parse_args()
    needs_last_results = options.report or options.only
    if needs_last_results and not RESULTS.exists():
        parser.error(f"there are no last results ({RESULTS} is missing): run it once without --report and --only")
    results = json.loads(RESULTS.read_text()) if needs_last_results else {}
    if not options.report:
        for part, measured in measure(options.only or PARTS, options.quick):
            results[part] = measured
            if not options.quick:
                # If a later part fails, `--only` needs to repeat only that one.
                RESULTS.write_text(json.dumps(results, indent=1))
    if not options.quick:
        report.write(results)
        plot.write(results)
    report.print_targets(results)


sys.exit(main())
