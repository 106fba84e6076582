package main

import (
	"fmt"
	"strings"

	"griot/internal/table"
)

// tableMetric is a metric of a table, of one operation where it is counted by
// operation.
type tableMetric struct {
	table           table.Name
	name, operation string
}

// operations are those with which the driver asks DynamoDB.
var operations = []string{"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}

// tablesRegion is the alarms of the tables, which stand with them: what they
// may use is known there. Their topic comes with the functions' stack.
func tablesRegion() string {
	each := func(names ...string) (list []tableMetric) {
		for _, t := range table.Names {
			for _, name := range names {
				list = append(list, tableMetric{table: t, name: name})
			}
		}
		return list
	}
	alarms := []string{
		tableAlarm("tables-throttled", "DynamoDB refused requests, three minutes of five",
			"SUM(METRICS())", 0, 3, each("ReadThrottleEvents", "WriteThrottleEvents")),
		tableAlarm("tables-conflicts", "over ten transactions a second met others, for five minutes",
			"SUM(METRICS())", 600, 5, each("TransactionConflict")),
		tableAlarm("tables-read-capacity", "a table uses over 80 % of MaxReadUnits, three minutes of five",
			"!Sub '100 * MAX(METRICS()) / 60 / ${MaxReadUnits}'", 80, 3, each("ConsumedReadCapacityUnits")),
		tableAlarm("tables-write-capacity", "a table uses over 80 % of MaxWriteUnits, three minutes of five",
			"!Sub '100 * MAX(METRICS()) / 60 / ${MaxWriteUnits}'", 80, 3, each("ConsumedWriteCapacityUnits")),
	}
	for _, t := range table.Names {
		var metrics []tableMetric
		for _, operation := range operations {
			metrics = append(metrics, tableMetric{t, "SystemErrors", operation})
		}
		alarms = append(alarms, tableAlarm(string(t)+"-unavailable", "DynamoDB failed, three minutes of five", "SUM(METRICS())", 5, 3, metrics))
	}
	return "\n" + indented(2, strings.Join(alarms, "\n")) + "\n"
}

func tableAlarm(name, describes, formula string, threshold, breaching int, metrics []tableMetric) string {
	var b strings.Builder
	fmt.Fprintf(&b, `%s:
  Type: AWS::CloudWatch::Alarm
  Condition: HasAllAlarms
  Properties:
    AlarmName: !Sub ${Prefix}-%s
    AlarmDescription: %s
    AlarmActions: [!Sub 'arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${Prefix}-alarms']
    ComparisonOperator: GreaterThanThreshold
    Threshold: %d
    EvaluationPeriods: 5
    DatapointsToAlarm: %d
    TreatMissingData: notBreaching
    Metrics:
      - {Id: all, Expression: %s}
`, logical(name), name, describes, threshold, breaching, formula)
	for i, m := range metrics {
		operation := ""
		if m.operation != "" {
			operation = ", {Name: Operation, Value: " + m.operation + "}"
		}
		fmt.Fprintf(&b, `      - Id: m%d
        ReturnData: false
        MetricStat:
          Stat: Sum
          Period: 60
          Metric:
            Namespace: AWS/DynamoDB
            MetricName: %s
            Dimensions: [{Name: TableName, Value: !Sub '${Prefix}-%s'}%s]
`, i, m.name, m.table, operation)
	}
	return b.String()
}
