package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Table is a DynamoDB table whose keys are strings.
type Table struct {
	Name        string
	Hash, Range string
	TTL         string // attribute; "" is none
}

// Bucket is an S3 bucket.
type Bucket struct {
	Name          string
	Notifications []Notification
}

// Notification sends a bucket's events to a queue.
type Notification struct {
	Event, QueueARN string
	Prefix, Suffix  string
}

// Queue is an SQS queue. DeadLetter is the name of the queue that takes its
// messages after Receives receives, or "".
type Queue struct {
	Name       string
	Visibility time.Duration
	Retention  time.Duration
	DeadLetter string
	Receives   int
}

func (t *Template) readPlane(s *scope) error {
	for _, id := range slices.Sorted(maps.Keys(s.nested)) {
		if err := t.readPlane(s.nested[id]); err != nil {
			return err
		}
	}
	readers := map[string]func(*scope, string) error{
		"AWS::DynamoDB::Table": t.readTable, "AWS::S3::Bucket": t.readBucket, "AWS::SQS::Queue": t.readQueue,
	}
	for _, id := range s.ofType(slices.Collect(maps.Keys(readers))...) {
		if err := readers[text(dig(s.resources, id, "Type"))](s, id); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return nil
}

func (t *Template) readTable(s *scope, id string) error {
	p, err := s.properties(id, "KeySchema", "TimeToLiveSpecification")
	if err != nil {
		return err
	}
	table := Table{}
	if table.Name, err = s.physical(id); err != nil {
		return err
	}
	keys, _ := p["KeySchema"].([]any)
	for _, k := range keys {
		if dig(k, "KeyType") == "HASH" {
			table.Hash = text(dig(k, "AttributeName"))
		} else {
			table.Range = text(dig(k, "AttributeName"))
		}
	}
	if dig(p, "TimeToLiveSpecification", "Enabled") == true {
		table.TTL = text(dig(p, "TimeToLiveSpecification", "AttributeName"))
	}
	t.Tables = append(t.Tables, table)
	return nil
}

func (t *Template) readBucket(s *scope, id string) error {
	p, err := s.properties(id, "NotificationConfiguration")
	if err != nil {
		return err
	}
	bucket := Bucket{}
	if bucket.Name, err = s.physical(id); err != nil {
		return err
	}
	list, _ := dig(p, "NotificationConfiguration", "QueueConfigurations").([]any)
	for _, c := range list {
		n := Notification{Event: text(dig(c, "Event")), QueueARN: text(dig(c, "Queue"))}
		rules, _ := dig(c, "Filter", "S3Key", "Rules").([]any)
		for _, r := range rules {
			if strings.EqualFold(text(dig(r, "Name")), "prefix") {
				n.Prefix = text(dig(r, "Value"))
			} else {
				n.Suffix = text(dig(r, "Value"))
			}
		}
		bucket.Notifications = append(bucket.Notifications, n)
	}
	t.Buckets = append(t.Buckets, bucket)
	return nil
}

// SQS's own values.
const (
	defaultVisibility = 30 * time.Second
	defaultRetention  = 4 * 24 * time.Hour
)

func (t *Template) readQueue(s *scope, id string) error {
	p, err := s.properties(id, "VisibilityTimeout", "MessageRetentionPeriod", "RedrivePolicy")
	if err != nil {
		return err
	}
	q := Queue{Visibility: defaultVisibility, Retention: defaultRetention}
	if q.Name, err = s.physical(id); err != nil {
		return err
	}
	if v := p["VisibilityTimeout"]; v != nil {
		q.Visibility = seconds(v)
	}
	if v := p["MessageRetentionPeriod"]; v != nil {
		q.Retention = seconds(v)
	}
	if target := text(dig(p, "RedrivePolicy", "deadLetterTargetArn")); target != "" {
		q.DeadLetter = target[strings.LastIndex(target, ":")+1:]
		q.Receives = int(number(dig(p, "RedrivePolicy", "maxReceiveCount")))
	}
	t.Queues = append(t.Queues, q)
	return nil
}
