package main

import (
	"fmt"
	"strings"

	"griot/infra/stack"
)

// functionsRegion is the functions' part of template.yaml.
func functionsRegion(functions []stack.Function) string {
	var b strings.Builder
	for _, f := range functions {
		b.WriteString("\n")
		b.WriteString(indented(2, function(f)))
	}
	return b.String() + "\n"
}

// moreFunctions are endpoints that do not exist, each as one of those that do.
func moreFunctions(functions []stack.Function, n int) string {
	var b strings.Builder
	for i := 0; n > 0; i++ {
		f := functions[i%len(functions)]
		if !f.Serves() {
			continue
		}
		n--
		other := strings.NewReplacer(f.ID()+":", fmt.Sprintf("%sMore%d:", f.ID(), n), f.Name(), fmt.Sprintf("%s-more%d", f.Name(), n),
			"Path: /", fmt.Sprintf("Path: /more%d/", n))
		b.WriteString("\n" + indented(2, other.Replace(function(f))))
	}
	return b.String()
}

func function(f stack.Function) string {
	var b strings.Builder
	say := func(layout string, args ...any) { fmt.Fprintf(&b, layout+"\n", args...) }
	say("%s:", f.ID())
	say("  Type: AWS::Serverless::Function")
	if f.Condition != "" {
		say("  Condition: %s", f.Condition)
	}
	say("  Metadata: {BuildMethod: makefile, ContextPath: !Sub 'infra/build/${Architecture}', WorkingDirectory: .}")
	say("  Properties:")
	say("    FunctionName: !Sub ${AWS::StackName}-%s", f.Name())
	say("    CodeUri: functions/%s/", f.Name())
	if f.MemoryMB() != stack.DefaultMemory {
		say("    MemorySize: %d", f.MemoryMB())
	}
	if f.Time() != stack.DefaultTimeout {
		say("    Timeout: %d", int(f.Time().Seconds()))
	}
	switch {
	case f.Audit:
		say("    LoggingConfig: {LogFormat: JSON, LogGroup: !Sub '/griot/${AWS::StackName}/audit'}")
	case !f.Serves():
		say("    LoggingConfig: {LogFormat: JSON, LogGroup: !Ref WorkerLogs}")
	}
	if f.Limit != "" {
		say("    ReservedConcurrentExecutions: !If [Limit%s, !Ref %s, !Ref AWS::NoValue]", f.Limit, f.Limit)
	}
	if f.Canary {
		b.WriteString(deployment)
	}
	if f.Every > 0 {
		say("    EventInvokeConfig: {MaximumRetryAttempts: 0} # the next one tries again")
	}
	b.WriteString(environment(f))
	b.WriteString(policies(f))
	say("    Events:")
	b.WriteString(indented(6, trigger(f)))
	return b.String()
}

// deployment is how changes come to what is behind an alias: slowly, and back
// when faults rise.
const deployment = `    AutoPublishAlias: live
    AutoPublishAliasAllProperties: true
    DeploymentPreference:
      Type: !If [IsProd, Canary10Percent5Minutes, AllAtOnce]
      Role: !GetAtt DeploymentRole.Arn
      Alarms: [!Ref FaultsAlarm]
`

func environment(f stack.Function) string {
	var b strings.Builder
	for i, v := range f.Environment() {
		if i == 0 {
			b.WriteString("    Environment:\n      Variables:\n")
		}
		value := "!Sub " + v.Value
		if name, whole := strings.CutPrefix(v.Value, "${"); whole && !strings.Contains(name, ":") { // a parameter
			value = "!Ref " + strings.TrimSuffix(name, "}")
		}
		fmt.Fprintf(&b, "        %s: %s\n", v.Name, value)
	}
	return b.String()
}

func policies(f stack.Function) string {
	statements := f.Statements()
	if len(statements) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("    Policies:\n      - Version: '2012-10-17'\n        Statement:\n")
	for _, s := range statements {
		fmt.Fprintf(&b, "          - Effect: Allow\n            Action: %s\n", yaml(s.Actions))
		if len(s.Resources) == 1 {
			fmt.Fprintf(&b, "            Resource: !Sub %s\n", s.Resources[0])
		} else {
			b.WriteString("            Resource:\n")
			for _, r := range s.Resources {
				fmt.Fprintf(&b, "              - !Sub %s\n", r)
			}
		}
		if s.Keys != "" { // when the key was used
			fmt.Fprintf(&b, "            Condition: {'ForAllValues:StringLike': {'dynamodb:LeadingKeys': ['%s']}}\n", s.Keys)
		}
	}
	b.WriteString(indented(10, f.Also))
	return b.String()
}

func trigger(f stack.Function) string {
	switch {
	case f.Serves():
		stream := ""
		if f.Endpoint().Stream {
			stream = "    ResponseTransferMode: RESPONSE_STREAM # this literal: any other value buffers\n"
		}
		return fmt.Sprintf("Route:\n  Type: Api\n  Properties:\n    RestApiId: !Ref Api\n    Path: %s\n    Method: %s\n%s    TimeoutInMillis: %d\n",
			f.Endpoint().Path, f.Method(), stream, f.Longest().Milliseconds())
	case f.Every > 0:
		return fmt.Sprintf("Clock:\n  Type: Schedule\n  Properties: {Schedule: %s}\n", f.Schedule())
	}
	return fmt.Sprintf("Jobs:\n  Type: SQS\n  Properties:\n    Queue: !Sub %s\n    BatchSize: 1\n    FunctionResponseTypes: [ReportBatchItemFailures]\n    ScalingConfig: {MaximumConcurrency: %d}\n",
		f.QueueARN(), f.AtOnce)
}
