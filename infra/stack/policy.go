package stack

import (
	"slices"
	"strings"

	"griot/internal/queue"
	"griot/internal/table"
)

// Statement is what a function may do: IAM actions on resources. The resources
// are ARNs in which names of CloudFormation stand, see [Place].
type Statement struct {
	Actions, Resources []string
	// Keys narrow the rows of a table: what their partition keys begin with.
	Keys string
	// Prefixes narrow a list of the bucket's objects.
	Prefixes []string
}

// Polled are the actions on its own queue that Lambda does for a worker, as
// the worker: no code of ours does.
var Polled = []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}

// actions are DynamoDB's, in the order of the rights.
var actions = []string{"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"}

func (r Rights) actions() (list []string) {
	for i, action := range actions {
		if r&(1<<i) != 0 {
			list = append(list, "dynamodb:"+action)
		}
	}
	return list
}

const (
	tableARN  = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${AWS::StackName}-"
	queueARN  = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${AWS::StackName}-"
	jobARN    = "arn:${AWS::Partition}:transcribe:${AWS::Region}:${AWS::AccountId}:transcription-job/griot-*" // transcriber.Job.Name
	bucketARN = "arn:${AWS::Partition}:s3:::" + bucket
	bucket    = "${AWS::StackName}-${AWS::AccountId}-${AWS::Region}"
	queueURL  = "https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/${AWS::StackName}-"
)

// Statements are all that the row says, but for Also: what a function uses in
// the way in which it does, and no more.
func (f Function) Statements() []Statement {
	var list []Statement
	for _, name := range f.Tables() {
		list = append(list, Statement{Actions: f.In(name).actions(), Resources: []string{tableARN + string(name)}})
		if name == table.Access && f.notesKeys() {
			list = append(list, Statement{
				Actions: []string{"dynamodb:UpdateItem"}, Resources: []string{tableARN + string(name)}, Keys: "key#*",
			})
		}
		if missing := (Query | Put | Update) &^ f.Access; name == table.Access && f.keyed() && missing != 0 {
			list = append(list, Statement{ // what its workspace has left
				Actions: missing.actions(), Resources: []string{tableARN + string(name)}, Keys: "*#limit",
			})
		}
	}
	for _, s := range []Statement{
		{Actions: []string{"s3:GetObject"}, Resources: below(f.Objects.Get)},
		{Actions: []string{"s3:PutObject", "s3:AbortMultipartUpload"}, Resources: below(f.Objects.Put)},
		{Actions: []string{"s3:PutObject"}, Resources: below(f.Objects.Sign)},
		{Actions: []string{"s3:DeleteObject"}, Resources: below(f.Objects.Delete)},
		{Actions: []string{"sqs:SendMessage"}, Resources: arns(f.Sends...)},
	} {
		if s.Resources != nil {
			list = append(list, s)
		}
	}
	if f.EndsJobs {
		list = append(list, Statement{Actions: []string{"transcribe:GetTranscriptionJob", "transcribe:DeleteTranscriptionJob"}, Resources: []string{jobARN}})
	}
	if f.Objects.List {
		list = append(list, Statement{Actions: []string{"s3:ListBucket"}, Resources: []string{bucketARN}, Prefixes: f.Objects.listed()})
	}
	if f.Worker != "" {
		list = append(list, Statement{Actions: append(slices.Clone(Polled), "sqs:ChangeMessageVisibility"), Resources: arns(f.Worker)})
	}
	return list
}

// notesKeys: whoever takes a key notes when it was used.
func (f Function) notesKeys() bool { return f.keyed() && f.Access&Update == 0 }

func (f Function) keyed() bool { return f.Serves() && !f.endpoint.Public }

// listed are the prefixes of what a function does something with.
func (o Objects) listed() (list []string) {
	for _, prefix := range slices.Concat(o.Get, o.Put, o.Sign, o.Delete) {
		if !slices.Contains(list, prefix+"*") {
			list = append(list, prefix+"*")
		}
	}
	return list
}

func below(prefixes []string) (list []string) {
	for _, prefix := range prefixes {
		list = append(list, bucketARN+"/"+prefix+"*")
	}
	return list
}

func arns(names ...queue.Name) (list []string) {
	for _, name := range names {
		list = append(list, queueARN+string(name))
	}
	return list
}

// Allows reports whether the statement allows the action on the resource,
// which stands where the statement does.
func (s Statement) Allows(action, resource string) bool {
	return slices.Contains(s.Actions, action) && slices.ContainsFunc(s.Resources, func(r string) bool {
		prefix, open := strings.CutSuffix(r, "*")
		return r == resource || open && strings.HasPrefix(resource, prefix)
	})
}
