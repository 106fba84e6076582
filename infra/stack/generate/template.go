package main

import (
	"fmt"
	"slices"
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
		b.WriteString(deployment(f))
	}
	if f.Every > 0 { // the next one tries again, and one that is late is the next one
		say("    EventInvokeConfig: {MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60}")
	}
	b.WriteString(environment(f))
	b.WriteString(policies(f))
	if event := trigger(f); event != "" {
		say("    Events:")
		b.WriteString(indented(6, event))
	}
	b.WriteString(jobs(f))
	return b.String()
}

// deployment is how changes come to what is behind an alias: slowly, and back
// when faults rise. SAM publishes a version when a property of the function
// changes, but not when the value of a parameter does; a version's description
// cannot be changed, so that one which names all parameters replaces it.
func deployment(f stack.Function) string {
	return fmt.Sprintf(`    AutoPublishAlias: live
    AutoPublishAliasAllProperties: true
    VersionDescription: !Sub '%s'
    VersionDeletionPolicy: Delete
    DeploymentPreference:
      Type: !If [Shifts, Canary10Percent5Minutes, AllAtOnce]
      Role: !GetAtt DeploymentRole.Arn
      Alarms: !If [Shifts, [!Ref FaultsAlarm], [!Ref AWS::NoValue]]
`, strings.Join(versioned(f), " "))
}

// versioned are the parameters that a function reads, each as !Sub writes it.
func versioned(f stack.Function) []string {
	list := []string{"${Architecture}"}
	for _, v := range slices.Concat(stack.Shared, f.Environment()) {
		if name, whole := strings.CutPrefix(v.Value, "${"); whole && !strings.Contains(name, ":") && !slices.Contains(list, v.Value) {
			list = append(list, v.Value)
		}
	}
	return list
}

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
		if len(s.Prefixes) > 0 { // whoever reads what is not there names no prefix
			fmt.Fprintf(&b, "            Condition: {StringLikeIfExists: {'s3:prefix': ['%s']}}\n", strings.Join(s.Prefixes, "', '"))
		}
		if s.Keys != "" { // when the key was used
			fmt.Fprintf(&b, "            Condition: {'ForAllValues:StringLike': {'dynamodb:LeadingKeys': ['%s']}}\n", s.Keys)
		}
	}
	b.WriteString(indented(10, f.Also))
	if usesKey(f) {
		b.WriteString(indented(10, withKey))
	}
	return b.String()
}

// usesKey: what is kept is encrypted with the account's key, if it has one.
func usesKey(f stack.Function) bool {
	return len(f.Tables()) > 0 || f.Objects.Used() || len(f.Queues()) > 0
}

const withKey = "- !If [HasKey, {Effect: Allow, Action: [kms:Decrypt, kms:Encrypt, kms:GenerateDataKey, kms:DescribeKey], Resource: !Ref KmsKeyArn}, !Ref AWS::NoValue]\n"

// trigger is what invokes a function that has no queue.
func trigger(f stack.Function) string {
	switch {
	case f.Serves():
		stream := ""
		if f.Endpoint().Stream {
			stream = "    ResponseTransferMode: RESPONSE_STREAM # this literal: any other value buffers\n"
		}
		all := route("Route", f.Endpoint().Path, f, stream)
		if f.Unknown() { // the greedy path wants one element at least
			all += route("Root", "/", f, stream)
		}
		return all
	case f.Every > 0:
		return fmt.Sprintf("Clock:\n  Type: Schedule\n  Properties: {Schedule: %s}\n", f.Schedule())
	}
	return ""
}

func route(name, path string, f stack.Function, stream string) string {
	return fmt.Sprintf("%s:\n  Type: Api\n  Properties:\n    RestApiId: !Ref Api\n    Path: %s\n    Method: %s\n%s    TimeoutInMillis: %d\n",
		name, path, f.Method(), stream, f.Longest().Milliseconds())
}

// jobs bring a worker those of its queue. As an event of the function SAM would
// give it the managed policy for every queue of the account.
func jobs(f stack.Function) string {
	if f.Worker == "" {
		return ""
	}
	condition := ""
	if f.Condition != "" {
		condition = "  Condition: " + f.Condition + "\n"
	}
	return fmt.Sprintf(`%[1]sJobs:
  Type: AWS::Lambda::EventSourceMapping
%[2]s  Properties:
    FunctionName: !Ref %[1]s
    EventSourceArn: !Sub %[3]s
    BatchSize: 1
    FunctionResponseTypes: [ReportBatchItemFailures]
    ScalingConfig: {MaximumConcurrency: %[4]d}
`, f.ID(), condition, f.QueueARN(), f.AtOnce)
}
