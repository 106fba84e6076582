package main

import (
	"os"
	"testing"

	"griot/internal/queue"
)

// Workers are killed at every request that they make of DynamoDB, S3 or SQS,
// before it and when it has been done: the message comes back, and what comes
// of it is the same, once.
func TestKilledAtEveryStep(t *testing.T) {
	if os.Getenv("GRIOT_TEST_DYNAMODB") == "" || os.Getenv("GRIOT_TEST_LOCALSTACK") == "" {
		t.Skip("the environment names no engines")
	}
	g := &gate{}
	t.Parallel()
	engines := map[string]string{}
	for _, variable := range []string{"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"} {
		engines[variable] = g.guard(t, variable)
	}
	s, end, err := launch(engines, "2s")
	ok(t, err)
	defer func() { ok(t, end()) }()
	content := sample(t, "onboarding.md")
	want := s.result(t, s.Upload(t, content))
	var ids []string
	for _, name := range []queue.Name{queue.Ingest, queue.Extract} {
		for _, after := range []bool{false, true} {
			ids = append(ids, s.killSteps(t, g, "worker-"+string(name), after, content)...)
		}
	}
	s.bringBack(t, s.compare(t, ids, want), queue.Ingest, queue.Extract)
}

// killSteps kills at the first request, the second and so on, until there is
// none so far, and returns the sessions that it happened to.
func (s *server) killSteps(t *testing.T, g *gate, function string, after bool, content string) (ids []string) {
	t.Helper()
	for n := 1; ; n++ {
		g.set(plan{n: n, after: after, processes: func() (pids []int) {
			for _, p := range s.h.platform.Processes(s.h.options.stack + "-" + function) {
				pids = append(pids, p.PID)
			}
			return pids
		}})
		id := s.Upload(t, content)
		ids = append(ids, id)
		awaitFor(t, sweeps, func() bool {
			return g.killed() != "" || s.Call(t, "GET", "/v1/sessions/"+id, nil, 200)["status"] == "completed"
		})
		step := g.killed()
		if g.set(plan{}); step == "" {
			return ids
		}
		t.Logf("%s, step %d, after it: %v: %s", function, n, after, step)
	}
}
