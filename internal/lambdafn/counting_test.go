package lambdafn

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/metric"
)

// Counted numbers of an event are metrics of the function, and numbers of the
// log; other events are as they were.
func TestCounting(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(counting{slog.NewJSONHandler(&out, nil), "stack-worker"}).With("request", "r")
	log.InfoContext(t.Context(), "harvest", "field", "north", metric.Count("plums", 7), metric.Count("pears", 0))
	log.InfoContext(t.Context(), "rain", "mm", 3)
	var first, second map[string]any
	lines := json.NewDecoder(&out)
	if err := lines.Decode(&first); err != nil {
		t.Fatal(err)
	}
	if err := lines.Decode(&second); err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339Nano, first["time"].(string))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"time": first["time"], "level": "INFO", "msg": "harvest", "request": "r", "field": "north",
		"plums": 7.0, "pears": 0.0, "FunctionName": "stack-worker",
		"_aws": map[string]any{
			"Timestamp": float64(at.UnixMilli()),
			"CloudWatchMetrics": []any{map[string]any{
				"Namespace": "griot", "Dimensions": []any{[]any{"FunctionName"}},
				"Metrics": []any{map[string]any{"Name": "plums", "Unit": "Count"}, map[string]any{"Name": "pears", "Unit": "Count"}},
			}},
		},
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Error(diff)
	}
	if second["_aws"] != nil || second["FunctionName"] != nil || second["mm"] != 3.0 {
		t.Errorf("%v", second)
	}
}
