package main

import (
	"fmt"
	"strings"
	"time"

	"griot/infra/stack"
	"griot/internal/queue"
)

// mostMetrics is how many CloudWatch takes into a formula.
const mostMetrics = 10

// alarm is an alarm on a metric of all functions of a group.
type alarm struct {
	kind, metric, stat string
	describes          string
	formula            string
	threshold          int64
	periods, breaching int
}

// alarmsRegion is the alarms of functions and of queues.
func alarmsRegion(functions []stack.Function) string {
	var b strings.Builder
	kinds := []func(stack.Group) (alarm, bool){failing, throttled, slow}
	for _, kind := range kinds {
		for _, g := range stack.Groups {
			a, wanted := kind(g)
			if !wanted {
				continue
			}
			for i, members := range inGroups(functions, g) {
				name := g.Name
				if i > 0 {
					name = fmt.Sprintf("%s-%d", name, i+1)
				}
				b.WriteString("\n" + indented(2, a.of(name, members)))
			}
		}
	}
	for _, name := range queue.Names {
		b.WriteString("\n" + indented(2, waiting(name)))
	}
	return b.String() + "\n"
}

func failing(stack.Group) (alarm, bool) {
	return alarm{
		kind: "errors", metric: "Errors", stat: "Sum", formula: "SUM", periods: 1, breaching: 1,
		describes: "invocations that failed, were cut off or ran out of time",
	}, true
}

func throttled(stack.Group) (alarm, bool) {
	return alarm{
		kind: "throttles", metric: "Throttles", stat: "Sum", formula: "SUM", periods: 1, breaching: 1,
		describes: "invocations that found no concurrency left",
	}, true
}

func slow(g stack.Group) (alarm, bool) {
	return alarm{
		kind: "duration", metric: "Duration", stat: "p99", formula: "MAX", periods: 5, breaching: 3, threshold: g.Slow.Milliseconds(),
		describes: fmt.Sprintf("one of the functions takes over %d seconds for one in a hundred, three minutes of five", g.Slow/time.Second),
	}, g.Slow > 0
}

// logical is conversation-reads-errors as ConversationReadsErrorsAlarm.
func logical(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String() + "Alarm"
}

func (a alarm) of(group string, members []stack.Function) string {
	name := group + "-" + a.kind
	var b strings.Builder
	fmt.Fprintf(&b, `%s:
  Type: AWS::CloudWatch::Alarm
  Condition: HasAllAlarms
  Properties:
    AlarmName: !Sub ${Prefix}-%s
    AlarmDescription: %s
    AlarmActions: [!Ref Alarms]
    ComparisonOperator: GreaterThanThreshold
    Threshold: %d
    EvaluationPeriods: %d
    DatapointsToAlarm: %d
    TreatMissingData: notBreaching
    Metrics:
      - {Id: all, Expression: %s(METRICS())}
`, logical(name), name, a.describes, a.threshold, a.periods, a.breaching, a.formula)
	for i, f := range members {
		fmt.Fprintf(&b, `      - Id: m%d
        ReturnData: false
        MetricStat:
          Stat: %s
          Period: 60
          Metric:
            Namespace: AWS/Lambda
            MetricName: %s
            Dimensions: [{Name: FunctionName, Value: !Sub '${Prefix}-%s'}]
`, i, a.stat, a.metric, f.Name())
	}
	return b.String()
}

// waiting are the alarms of a queue: a job is dead, which is one of the few alarms
// that every stack has, or waits for long.
func waiting(name queue.Name) string {
	one := func(kind, condition, describes, metric, of string, threshold int) string {
		return fmt.Sprintf(`%s:
  Type: AWS::CloudWatch::Alarm
%s  Properties:
    AlarmName: !Sub ${Prefix}-%s-%s
    AlarmDescription: %s
    AlarmActions: [!Ref Alarms]
    Namespace: AWS/SQS
    MetricName: %s
    Dimensions: [{Name: QueueName, Value: !Sub '${Prefix}-%s'}]
    Statistic: Maximum
    Period: 60
    EvaluationPeriods: 1
    ComparisonOperator: GreaterThanThreshold
    Threshold: %d
    TreatMissingData: notBreaching
`, logical(string(name)+"-"+kind), condition, name, kind, describes, metric, of, threshold)
	}
	oldest := stack.Worker(name).Waits()
	return one("dead", "", fmt.Sprintf("a job failed %s times; see the runbook, then redrive it", times[queue.MaxReceive]),
		"ApproximateNumberOfMessagesVisible", string(name)+"-dead", 0) + "\n" +
		one("age", "  Condition: HasAllAlarms\n", "the oldest job has waited for "+inWords(oldest),
			"ApproximateAgeOfOldestMessage", string(name), int(oldest/time.Second))
}

// inWords is a time in hours, or in minutes.
func inWords(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return fmt.Sprintf("%d minutes", d/time.Minute)
}

var times = [...]string{"no", "one", "two", "three", "four", "five"}
