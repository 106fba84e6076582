"""Holds the reports of a run against known.tsv: every failure must be listed
there with a reason. What is listed and was not found is printed: ids differ
from run to run, and with them what is tried."""

import json
import re
import sys


def known(path):
    for line in open(path, encoding="utf-8"):
        if line.strip() and not line.startswith("#"):
            failure, operations, why = line.rstrip("\n").split("\t")
            yield failure, re.compile(operations), why


def main(listed, reports):
    rows = list(known(listed))
    used, unknown = set(), []
    for path in reports:
        report = json.load(open(path, encoding="utf-8"))
        if not report["complete"] or report["errors"]:
            unknown.append(f"{path}: the run did not end well: {report['stop_reason']} {report['errors']}")
        for failure in report["failures"]:
            for operation in failure["operations"]:
                row = next((r for r in rows if r[0] == failure["type"] and r[1].fullmatch(operation)), None)
                if row is None:
                    unknown.append(f"{failure['type']}: {operation}: {failure['title']}")
                used.add(row)
    stale = [r[0] + " " + r[1].pattern for r in rows if r not in used]
    for line in unknown:
        print("not listed:", line)
    for line in stale:
        print("listed, and not found this time:", line)
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
