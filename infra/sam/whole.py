"""Prints a template as it is with all that a parameter turns on: no resource has
a condition, and of each Fn::If there is what holds.

usage: whole.py TEMPLATE
"""

import json
import sys

from cfnlint.decode import cfn_yaml


def whole(value):
    if isinstance(value, list):
        return [v for v in map(whole, value) if v != {"Ref": "AWS::NoValue"}]
    if not isinstance(value, dict):
        return value
    if list(value) == ["Fn::If"]:
        return whole(value["Fn::If"][1])
    return {k: v for k, v in ((k, whole(v)) for k, v in value.items()) if v != {"Ref": "AWS::NoValue"}}


def main():
    template = whole(cfn_yaml.load(sys.argv[1]))
    template.pop("Conditions", None)
    for resource in template["Resources"].values():
        resource.pop("Condition", None)
    for parameter in template.get("Parameters", {}).values():
        if parameter.get("Default") == "":
            del parameter["Default"]  # somebody sets it
    json.dump(template, sys.stdout, indent=1)


main()
