"""Creates what griot keeps, infra/data.yaml, by CloudFormation.

usage: plane.py TEMPLATE STACK

Region, credentials and AWS_ENDPOINT_URL come from the environment; it is for
a server that stands for AWS. A stack that is there is left as it is: its tables
and its bucket would outlive it.
"""

import sys

import boto3


def main():
    template, stack = sys.argv[1:]
    client = boto3.client("cloudformation")
    status = [s["StackStatus"] for s in client.describe_stacks()["Stacks"] if s["StackName"] == stack]
    if "CREATE_COMPLETE" in status:
        print("is there already")
        return
    with open(template) as f:
        client.create_stack(
            StackName=stack,
            TemplateBody=f.read(),
            Parameters=[
                {"ParameterKey": "Prefix", "ParameterValue": stack},
                {"ParameterKey": "Protect", "ParameterValue": "false"},
            ],
        )
    client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    resources = client.describe_stack_resources(StackName=stack)["StackResources"]
    failed = [r for r in resources if r["ResourceStatus"] != "CREATE_COMPLETE"]
    if failed:
        sys.exit("not created: %s" % failed)
    print("%d resources" % len(resources))


main()
