"""Makes of what sam build built a template that sam local can serve here.

usage: local.py BUILT_TEMPLATE OUT AWS_ENDPOINT_URL

sam local hands functions only those variables that the template names, it
does not know nested stacks, its account is not the one of the engine, and
where a path has ANY beside other methods it takes either of them.
"""

import sys

from samcli.yamlhelper import yaml_dump, yaml_parse


def split(events):
    """Makes GET and HEAD of ANY, which is on the routes of GET."""
    for name, event in list(events.items()):
        proxy = event["Properties"].get("Path") in ("/", "/{proxy+}")  # no other methods there
        if event["Type"] == "Api" and event["Properties"]["Method"] == "any" and not proxy:
            events[name + "Head"] = {**event, "Properties": {**event["Properties"], "Method": "head"}}
            event["Properties"]["Method"] = "get"


def main():
    built, out, endpoint = sys.argv[1:]
    with open(built) as f:
        template = yaml_parse(f.read())
    template["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = endpoint
    resources = template["Resources"]
    for name in [n for n, r in resources.items() if r["Type"] == "AWS::CloudFormation::Stack"]:
        del resources[name]
    for resource in resources.values():
        resource.pop("DependsOn", None)
        split(resource["Properties"].get("Events") or {})
    with open(out, "w") as f:
        f.write(yaml_dump(template).replace("${AWS::AccountId}", "000000000000"))


main()
