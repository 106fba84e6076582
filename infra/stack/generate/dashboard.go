package main

import (
	"encoding/json"
	"strings"
	"time"

	"griot/infra/stack"
	"griot/internal/queue"
	"griot/internal/table"
)

// widget is a graph, or the answer to a query. A graph's metrics are named one
// by one: a search for a part of a name finds nothing.
type widget struct {
	title  string
	stat   string
	period time.Duration
	rows   [][]any
	query  string
}

// Half of a dashboard's width, and its share of the height.
const width, height = 12, 6

// dashboardRegion is the dashboard: what comes in, a graph for each thing that
// is asked of all functions, queues and tables, and the language model.
func dashboardRegion(functions []stack.Function) string {
	var b strings.Builder
	b.WriteString("\n  Dashboard:\n    Type: AWS::CloudWatch::Dashboard\n    Properties:\n      DashboardName: !Ref Prefix\n" +
		"      DashboardBody: !Sub |\n        {\"widgets\": [\n")
	widgets := graphs(functions)
	for i, w := range widgets {
		b.WriteString("          " + w.at(i))
		if i < len(widgets)-1 {
			b.WriteString(",")
		}
		b.WriteString("\n")
	}
	b.WriteString("        ]}\n\n")
	return b.String()
}

func graphs(functions []stack.Function) []widget {
	var endpoints, workers, all, queues, tables []string
	for _, f := range functions {
		all = append(all, "${Prefix}-"+f.Name())
		if f.Serves() {
			endpoints = append(endpoints, "${Prefix}-"+f.Name())
		} else {
			workers = append(workers, "${Prefix}-"+f.Name())
		}
	}
	for _, name := range queue.Names {
		queues = append(queues, "${Prefix}-"+string(name), "${Prefix}-"+string(name)+"-dead")
	}
	for _, name := range table.Names {
		tables = append(tables, "${Prefix}-"+string(name))
	}
	extract := "${Prefix}-" + stack.Worker(queue.Extract).Name()
	return []widget{
		graph("Requests and faults", "Sum", time.Minute, [][]any{
			{"AWS/ApiGateway", "Count", "ApiName", "${Prefix}", "Stage", "${Stage}"}, {".", "4XXError", ".", ".", ".", "."}, {".", "5XXError", ".", ".", ".", "."},
		}),
		graph("Time of endpoints, p99 (ms)", "p99", time.Minute, each("AWS/Lambda", "FunctionName", endpoints, "Duration")),
		graph("Time of workers, p99 (ms)", "p99", time.Minute, each("AWS/Lambda", "FunctionName", workers, "Duration")),
		graph("Failed and throttled invocations", "Sum", time.Minute, each("AWS/Lambda", "FunctionName", all, "Errors", "Throttles")),
		graph("Functions at work", "Maximum", time.Minute, each("AWS/Lambda", "FunctionName", all, "ConcurrentExecutions")),
		graph("Jobs waiting and dead", "Maximum", time.Minute, each("AWS/SQS", "QueueName", queues, "ApproximateNumberOfMessagesVisible")),
		graph("Units of the tables", "Sum", time.Minute, each("AWS/DynamoDB", "TableName", tables, "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")),
		graph("Tokens of the language model", "Sum", 5*time.Minute, each("griot", "FunctionName", []string{extract}, "input_tokens", "output_tokens")),
		graph("Requests to the language model", "Sum", 5*time.Minute, each("griot", "FunctionName", []string{extract}, "requests", "fallbacks",
			"failed_unavailable", "failed_denied", "failed_spent", "failed_refused", "failed_too_long", "failed_cut_off", "failed_unreadable")),
		{title: "Who takes how much", query: usage.source()},
	}
}

func graph(title, stat string, period time.Duration, rows [][]any) widget {
	return widget{title: title, stat: stat, period: period, rows: rows}
}

// each is a row for each metric of each thing. "." is what the row before has.
func each(namespace, dimension string, names []string, metrics ...string) (rows [][]any) {
	for _, metric := range metrics {
		for i, name := range names {
			row := []any{".", ".", ".", name}
			if i == 0 {
				row[1] = metric
			}
			if len(rows) == 0 {
				row[0], row[2] = namespace, dimension
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// at is the widget in its place, two in a row.
func (w widget) at(i int) string {
	kind, properties := "metric", map[string]any{
		"title": w.title, "region": "${AWS::Region}", "period": int(w.period.Seconds()), "stat": w.stat, "metrics": w.rows,
	}
	if w.query != "" {
		kind, properties = "log", map[string]any{"title": w.title, "region": "${AWS::Region}", "view": "table", "query": w.query}
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(map[string]any{
		"type": kind, "x": i % 2 * width, "y": i / 2 * height, "width": width, "height": height, "properties": properties,
	})
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return strings.TrimSuffix(b.String(), "\n")
}
