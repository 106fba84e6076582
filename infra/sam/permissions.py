"""Compares a policy with what CloudFormation does, as whoever deploys, to the
resources of templates: the permissions that each type's schema names for its
handlers. Prints the actions that the policy does not allow.

usage: permissions.py POLICY TEMPLATE...
"""

import fnmatch
import json
import os
import sys

import cfnlint
from cfnlint.decode import cfn_yaml

SCHEMAS = os.path.join(os.path.dirname(cfnlint.__file__), "data", "schemas")
REGION = "eu-west-1"

# What handlers do for properties that no template here has, and with what is
# kept: CloudFormation makes tables and a bucket, and looks into neither.
UNUSED = {
    "amplify:*", "application-autoscaling:*", "apprunner:*", "appsync:*", "bedrock-agentcore:*", "billing:getbillingviewdata", "cognito-idp:*", "ec2:*", "elasticfilesystem:*",
    "elasticloadbalancing:*", "firehose:*", "iam:createservicelinkedrole", "kinesis:*",
    "lambda:passcapacityprovider", "organizations:*", "payments:*", "s3express:*", "s3files:*", "s3tables:*",
    "codedeploy:registeronpremisesinstance", "lambda:getlayerversion", "lambda:getcodesigningconfig",
    "dynamodb:associatetablereplica", "dynamodb:createtablereplica", "dynamodb:importtable", "dynamodb:*kinesisstreamingdestination",
    "dynamodb:batchwriteitem", "dynamodb:deleteitem", "dynamodb:getitem", "dynamodb:putitem", "dynamodb:query", "dynamodb:scan",
    "dynamodb:updateitem", "s3:deleteobject", "s3:getobject*", "s3:putobjectacl", "s3:rest.put.object",
}


def types(file):
    if file.endswith(".json"):
        with open(file) as f:
            template = json.load(f)
    else:
        template = cfn_yaml.load(file)
    return {r["Type"] for r in template["Resources"].values()}


def permissions(kinds):
    with open(os.path.join(SCHEMAS, "providers", REGION + ".json")) as f:
        index = json.load(f)
    needed = {}
    for kind in sorted(kinds):
        with open(os.path.join(SCHEMAS, "resources", index[kind] + ".json")) as f:
            handlers = json.load(f).get("handlers", {})
        if not handlers:
            sys.exit(kind + " has no handlers")
        for name in ("create", "read", "update", "delete"):
            for action in handlers.get(name, {}).get("permissions", []):
                needed.setdefault(action, set()).add(kind)
    return needed


def allowed(policy):
    with open(policy) as f:
        statements = json.load(f)["Statement"]
    return [a for s in statements for a in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])]


def main():
    kinds = set().union(*map(types, sys.argv[2:]))
    patterns = [a.lower() for a in allowed(sys.argv[1])] if sys.argv[1] != "-" else []
    missing = {
        action: sorted(kinds)
        for action, kinds in permissions(kinds).items()
        if not any(fnmatch.fnmatch(action.lower(), p) for p in patterns)
        and not any(fnmatch.fnmatch(action.lower(), p) for p in UNUSED)
    }
    for action in sorted(missing):
        print(action, "for", ", ".join(missing[action]))
    sys.exit(1 if missing else 0)


main()
