package template

import (
	"testing"
)

// TestOwnTemplate reads the project's own.
func TestOwnTemplate(t *testing.T) {
	got, err := Load("../../../template.yaml", options)
	if err != nil {
		t.Fatal(err)
	}
	routes, sources, schedules, streams := 0, 0, 0, 0
	for _, f := range got.Functions {
		routes += len(f.Routes)
		sources += len(f.Sources)
		schedules += len(f.Schedules)
		for _, r := range f.Routes {
			if r.Stream {
				streams++
			}
		}
	}
	if routes == 0 || sources == 0 || schedules == 0 || streams == 0 {
		t.Errorf("%d routes, %d of them streams, %d sources, %d schedules", routes, streams, sources, schedules)
	}
	if len(got.Tables) == 0 || len(got.Buckets) == 0 || len(got.Queues) == 0 || len(got.API.Responses) == 0 {
		t.Errorf("%d tables, %d buckets, %d queues, %d responses",
			len(got.Tables), len(got.Buckets), len(got.Queues), len(got.API.Responses))
	}
}
