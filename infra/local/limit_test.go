package main

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"griot/infra/hostile/attack"
)

// refusals is how often the hostile key has to be refused.
const refusals = 40

// One key that asks for the dearest things as fast as it can is refused, and
// another workspace goes on: nothing of it fails. Its limit is one that a machine
// of any speed comes to.
func TestAHostileKeyIsRefusedAndOthersAreServed(t *testing.T) {
	s := start(t, t.TempDir())
	command(t, s.data, "workspaces", "limit", "-workspace", s.env.First.Workspace, "-writes", "100")
	client := func(key string) attack.Client {
		return attack.Client{Base: s.Base, Key: key, HTTP: http.DefaultClient}
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var hostile sync.WaitGroup
	for _, k := range attack.Kinds {
		if k.Name != "appends" && k.Name != "memories" {
			continue
		}
		ask, _, err := k.Start(ctx, client(s.env.First.Key))
		ok(t, err)
		hostile.Go(func() {
			got := attack.Press(ctx, 2, 0, ask, func(t attack.Tally) bool { return t.Limited >= refusals })
			t.Logf("%s: %+v", k.Name, got)
			if got.Limited < refusals || got.Failed > 0 {
				t.Errorf("of %d %s %d were refused and %d failed", got.Asked(), k.Name, got.Limited, got.Failed)
			}
		})
	}
	working, rest := context.WithCancel(ctx)
	go func() { hostile.Wait(); rest() }()
	honest, err := attack.Work(working, client(newTenant(t, s.data)), 1, time.Millisecond, 0)
	ok(t, err)
	if honest.Failed > 0 || len(honest.Took) == 0 {
		t.Errorf("of the other's %d requests %d failed: %s", len(honest.Took), honest.Failed, honest.Example)
	}
	t.Logf("the other asked %d times: p50 %v, p99 %v", len(honest.Took), honest.At(50), honest.At(99))
}
