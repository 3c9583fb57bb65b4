"""Prints figures of reports of `relay flood --json` as rows of a Markdown table: medians of all rounds, and their spread."""
import argparse
import json
import statistics


def spread(values, digits=1):
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    middle = f"{statistics.median(known):.{digits}f}"
    return middle if len(known) == 1 else f"{middle} ({min(known):.{digits}f} to {max(known):.{digits}f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("side")
    parser.add_argument("reports", nargs="+", help="of one scenario")
    arguments = parser.parse_args()
    runs = []
    for path in arguments.reports:
        with open(path, encoding="utf-8") as file:
            runs.append(json.load(file)["scenarios"][0])
    goodput = [100 * run["flood"]["accepted"] / max(1, run["flood"]["offered"]) for run in runs]
    before = [run["baseline"]["p99"] for run in runs]
    beside = [run["flood"]["p99"] for run in runs]
    times = [b / a for a, b in zip(before, beside) if a and b]
    refused = sum(run[phase]["refused"] + run[phase]["failed"] for run in runs for phase in ("baseline", "flood", "recovery"))
    made = [run["attack"]["perSecond"] for run in runs]
    admitted = max(run["attack"]["admittedOfOne"] for run in runs)
    print(f"| {runs[0]['name']} | {arguments.side} | {spread(goodput)} | {spread(before)} | {spread(beside)} | {spread(times)} | {refused} | {spread(made, 0)} | {admitted} |")


main()
