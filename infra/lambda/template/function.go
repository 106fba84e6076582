package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// What a function has when nobody says otherwise.
const (
	defaultTimeout = 3 * time.Second
	defaultMemory  = 128
	// defaultIntegration is how long API Gateway waits for an answer.
	defaultIntegration = 29 * time.Second
	defaultBatch       = 10
)

func (t *Template) readFunctions(s *scope) error {
	for _, id := range s.ofType("AWS::Serverless::Function") {
		f, err := s.function(id)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		t.Functions = append(t.Functions, f)
	}
	return nil
}

func (s *scope) function(id string) (Function, error) {
	own, err := s.properties(id, "CodeUri", "Timeout", "MemorySize", "ReservedConcurrentExecutions", "Environment", "Events")
	if err != nil {
		return Function{}, err
	}
	global, err := s.some(s.globals, "Timeout", "MemorySize", "Environment")
	if err != nil {
		return Function{}, fmt.Errorf("reading the globals: %w", err)
	}
	name, err := s.physical(id)
	if err != nil {
		return Function{}, err
	}
	f := Function{
		ID: id, Name: name, ARN: s.arn("lambda", "function:"+name),
		CodeURI: text(own["CodeUri"]), Timeout: defaultTimeout, MemoryMB: defaultMemory,
		Reserved: int(number(own["ReservedConcurrentExecutions"])), Env: map[string]string{},
	}
	for _, p := range []any{global, own} {
		f.override(p)
	}
	return f, f.readEvents(own["Events"])
}

func (f *Function) override(properties any) {
	if v := dig(properties, "Timeout"); v != nil {
		f.Timeout = seconds(v)
	}
	if v := dig(properties, "MemorySize"); v != nil {
		f.MemoryMB = int(number(v))
	}
	variables, _ := dig(properties, "Environment", "Variables").(object)
	for name, v := range variables {
		f.Env[name] = text(v)
	}
}

func (f *Function) readEvents(v any) error {
	events, _ := v.(object)
	for _, name := range slices.Sorted(maps.Keys(events)) {
		p, _ := dig(events[name], "Properties").(object)
		if err := f.readEvent(text(dig(events[name], "Type")), p); err != nil {
			return fmt.Errorf("event %s: %w", name, err)
		}
	}
	return nil
}

func (f *Function) readEvent(kind string, p object) error {
	switch kind {
	case "Api":
		f.Routes = append(f.Routes, route(p))
	case "SQS":
		f.Sources = append(f.Sources, source(p))
	case "Schedule", "ScheduleV2":
		if p["Enabled"] == false || p["State"] == "DISABLED" {
			return nil
		}
		every, err := rate(text(p["Schedule"]) + text(p["ScheduleExpression"]))
		f.Schedules = append(f.Schedules, Schedule{every, text(p["Input"])})
		return err
	default:
		return fmt.Errorf("the type %q is not supported here", kind)
	}
	return nil
}

func route(p object) Route {
	r := Route{
		Method: strings.ToUpper(text(p["Method"])), Path: text(p["Path"]),
		Stream:  p["ResponseTransferMode"] == "RESPONSE_STREAM",
		Timeout: time.Duration(number(p["TimeoutInMillis"])) * time.Millisecond,
	}
	if r.Timeout == 0 {
		r.Timeout = defaultIntegration
	}
	return r
}

func source(p object) Source {
	src := Source{
		QueueARN: text(p["Queue"]), Batch: int(number(p["BatchSize"])),
		Concurrency: int(number(dig(p, "ScalingConfig", "MaximumConcurrency"))),
		Partial:     slices.Contains(texts(p["FunctionResponseTypes"]), "ReportBatchItemFailures"),
	}
	if src.Batch == 0 {
		src.Batch = defaultBatch
	}
	return src
}

// rate reads "rate(5 minutes)".
func rate(expression string) (time.Duration, error) {
	var n int64
	var unit string
	_, err := fmt.Sscanf(expression, "rate(%d %s", &n, &unit)
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	length := units[strings.TrimSuffix(strings.TrimSuffix(unit, ")"), "s")]
	if err != nil || n < 1 || length == 0 {
		return 0, fmt.Errorf("the schedule %q is not supported here: want rate(1 minute)", expression)
	}
	return time.Duration(n) * length, nil
}
