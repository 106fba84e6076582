"""Holds what checkov found against what is accepted. Prints what is not, what is
accepted and was not found, and what was not looked at.

usage: findings.py CHECKOV_JSON ACCEPTED_TSV TEMPLATE...
"""

import json
import re
import sys


def accepted(file):
    with open(file) as f:
        lines = [line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#")]
    for line in lines:
        if len(line) != 3 or not all(line):
            sys.exit("not a check, resources and why: " + "\t".join(line))
    return [(check, re.compile(resources)) for check, resources, _ in lines]


def main():
    with open(sys.argv[1]) as f:
        report = json.load(f)
    rows = accepted(sys.argv[2])
    failed = report["results"]["failed_checks"]
    wrong = ["not read: " + str(error) for error in report["results"].get("parsing_errors") or []]
    seen = {c["repo_file_path"].lstrip("/") for c in failed + report["results"]["passed_checks"]}
    wrong += ["nothing was looked at in " + file for file in sys.argv[3:] if file not in seen]
    used = set()
    for finding in failed:
        row = next((r for r in rows if r[0] == finding["check_id"] and r[1].fullmatch(finding["resource"])), None)
        if row is None:
            wrong.append("%(check_id)s %(check_name)s: %(resource)s" % finding)
        used.add(row)
    wrong += [row[0] + " is accepted for " + row[1].pattern + ", and was not found" for row in rows if row not in used]
    print("\n".join(wrong) or "checkov: %d findings, all accepted" % len(failed))
    sys.exit(1 if wrong else 0)


main()
