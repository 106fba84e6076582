package main

import (
	"fmt"
	"strings"

	"griot/infra/stack"
	"griot/internal/queue"
)

// queuesRegion is the queues, with those for what is dead, and that nobody
// reaches them without TLS. The policy of the queue ingest says more and is
// written by hand.
func queuesRegion() string {
	var b strings.Builder
	for _, name := range queue.Names {
		id := strings.ToUpper(string(name[:1])) + string(name[1:])
		fmt.Fprintf(&b, `
  %[1]sQueue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub ${Prefix}-%[2]s
      VisibilityTimeout: %[3]d
      MessageRetentionPeriod: %[4]d
      SqsManagedSseEnabled: !If [HasKey, !Ref AWS::NoValue, true]
      KmsMasterKeyId: !If [HasKey, !Ref KmsKeyArn, !Ref AWS::NoValue]
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt %[1]sDead.Arn
        maxReceiveCount: %[5]d
  %[1]sDead:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub ${Prefix}-%[2]s-dead
      MessageRetentionPeriod: %[6]d
      SqsManagedSseEnabled: !If [HasKey, !Ref AWS::NoValue, true]
      KmsMasterKeyId: !If [HasKey, !Ref KmsKeyArn, !Ref AWS::NoValue]
`, id, name, int(stack.Worker(name).Visibility().Seconds()), int(stack.Kept.Seconds()), queue.MaxReceive, int(stack.KeptDead.Seconds()))
	}
	b.WriteString("\n  QueuePolicy:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      Queues:\n")
	for _, kind := range []string{"Queue", "Dead"} {
		for _, name := range queue.Names {
			if id := strings.ToUpper(string(name[:1])) + string(name[1:]) + kind; id != "IngestQueue" {
				fmt.Fprintf(&b, "        - !Ref %s\n", id)
			}
		}
	}
	b.WriteString(`      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Sid: OnlyTLS
            Effect: Deny
            Principal: '*'
            Action: [sqs:SendMessage, sqs:ReceiveMessage]
            Resource: '*'
            Condition: {Bool: {aws:SecureTransport: 'false'}}

`)
	return b.String()
}
