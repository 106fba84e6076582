"""Prints a SAM template as the CloudFormation that it stands for.

usage: translate.py TEMPLATE

It asks nobody: managed policies are named as AWS names them, and what the
parameters do not say keeps its default.
"""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")

from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


class Policies(dict):
    """Every managed policy by its name."""

    def load(self):
        return {}


def parameters(template):
    return {name: p["Default"] for name, p in template.get("Parameters", {}).items() if "Default" in p}


def main():
    with open(sys.argv[1]) as f:
        template = yaml_parse(f.read())
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/" + name  # as after sam package
    out = Translator({}, Parser()).translate(template, parameters(template))
    json.dump(out, sys.stdout, indent=1)


main()
