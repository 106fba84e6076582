package stack

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"griot/internal/queue"
	"griot/internal/table"
)

// Place is where a stack stands, and with which parameters.
type Place struct {
	Stack, Region, Account string
	Parameters             map[string]string // by their names in the template
	Conditions             map[string]bool   // that hold, by their names there
}

// Resolve replaces the names of CloudFormation, as !Sub does.
func (p Place) Resolve(text string) string {
	pairs := []string{
		"${AWS::StackName}", p.Stack, "${AWS::Region}", p.Region, "${AWS::AccountId}", p.Account,
		"${AWS::Partition}", "aws", "${AWS::URLSuffix}", "amazonaws.com",
	}
	for name, value := range p.Parameters {
		pairs = append(pairs, "${"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Functions are those that stand in the place.
func (p Place) Functions() []Function {
	return slices.DeleteFunc(Functions(), func(f Function) bool { return f.Condition != "" && !p.Conditions[f.Condition] })
}

// Statements are a function's, in the place.
func (p Place) Statements(f Function) []Statement {
	list := f.Statements()
	for i := range list {
		for j, r := range list[i].Resources {
			list[i].Resources[j] = p.Resolve(r)
		}
	}
	return list
}

// Variable is one of a function's environment; the value has names of
// CloudFormation.
type Variable struct{ Name, Value string }

// Environment is what a function is told: where that is which it uses.
func (f Function) Environment() (list []Variable) {
	for _, name := range f.Tables() {
		list = append(list, Variable{"GRIOT_TABLE_" + strings.ToUpper(string(name)), "${AWS::StackName}-" + string(name)})
	}
	if f.Objects.Used() {
		list = append(list, Variable{"GRIOT_BUCKET", bucket})
	}
	for _, name := range f.Queues() {
		list = append(list, Variable{"GRIOT_QUEUE_" + strings.ToUpper(string(name)), queueURL + string(name)})
	}
	for _, s := range f.Settings {
		list = append(list, Variable{s.Variable, "${" + s.Parameter + "}"})
	}
	return list
}

// Shared is what every function is told; the template's Globals say the same.
var Shared = []Variable{
	{"GOMAXPROCS", "1"}, // of a part of one processor
	{"GRIOT_VERSION", "${Version}"},
	{"GRIOT_MAX_READ_UNITS", "${MaxReadUnits}"}, // of a table, of which a workspace gets a part
	{"GRIOT_MAX_WRITE_UNITS", "${MaxWriteUnits}"},
}

// Environment is a function's in the place, by variable.
func (p Place) Environment(f Function) map[string]string {
	env := map[string]string{}
	for _, v := range slices.Concat(Shared, f.Environment()) {
		env[v.Name] = p.Resolve(v.Value)
	}
	return env
}

// Name is the function's in the place.
func (p Place) Name(f Function) string { return p.Stack + "-" + f.Name() }

// ARN is the function's in the place.
func (p Place) ARN(f Function) string {
	return "arn:aws:lambda:" + p.Region + ":" + p.Account + ":function:" + p.Name(f)
}

// QueueARN is that of a queue in the place.
func (p Place) QueueARN(name queue.Name) string { return p.Resolve(queueARN + string(name)) }

// TableARN is that of a table in the place.
func (p Place) TableARN(name table.Name) string { return p.Resolve(tableARN + string(name)) }

// Bucket is the bucket's name in the place, BucketARN its ARN.
func (p Place) Bucket() string { return p.Resolve(bucket) }

// BucketARN is that of the bucket in the place.
func (p Place) BucketARN() string { return p.Resolve(bucketARN) }

// A queue's messages are kept for four days, and those that failed for two
// weeks.
const (
	Kept     = 4 * 24 * time.Hour
	KeptDead = 14 * 24 * time.Hour
)

// Visibility is after how long a queue shows a message again: six times what
// its worker may take, as AWS recommends.
func (f Function) Visibility() time.Duration { return 6 * f.Time() }

// Waits is how long the oldest job may wait without an alarm.
func (f Function) Waits() time.Duration {
	if f.Oldest > 0 {
		return f.Oldest
	}
	return 15 * time.Minute
}

// Worker returns the row of a queue's worker.
func Worker(name queue.Name) Function {
	all := Functions()
	return all[slices.IndexFunc(all, func(f Function) bool { return f.Worker == name })]
}

// Arrivals are the prefixes of the bucket whose new objects are told to the
// queue ingest.
var Arrivals = []string{uploads, inbox}

// Limit is the most that may run of the function at once; 0 is no limit of its
// own.
func (p Place) Limit(f Function) int {
	n, _ := strconv.Atoi(p.Parameters[f.Limit]) // "" is none
	return n
}
