package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// as asks with a key and returns the status, 0 when there was no answer.
func (s *server) as(ctx context.Context, key, method, path, body string) int {
	req, err := http.NewRequestWithContext(ctx, method, s.Base+path, strings.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// megabyte is a batch of segments that is as large as a body may be.
func megabyte(t *testing.T) string {
	t.Helper()
	type segment struct {
		Seq  int    `json:"client_seq"`
		Text string `json:"text"`
	}
	var batch struct {
		Segments []segment `json:"segments"`
	}
	for i := range 500 {
		batch.Segments = append(batch.Segments, segment{i, strings.Repeat("ledger ", 290)})
	}
	body, err := json.Marshal(batch)
	ok(t, err)
	return string(body)
}

// refusals is how often the hostile key has to be refused.
const refusals = 40

// One key that asks for the dearest things as fast as it can is refused, and
// another workspace goes on: nothing of it fails.
func TestAHostileKeyIsRefusedAndOthersAreServed(t *testing.T) {
	s := start(t, t.TempDir())
	hostile, honest := s.env.First.Key, s.env.Second.Key
	var lives []string
	for range 16 {
		lives = append(lives, s.Live(t))
	}
	batch := megabyte(t)
	memory := fmt.Sprintf(`{"conversationId":"NEW","content":%q}`, strings.Repeat("quarterly accruals and reversals ", 1500))
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var asked, refused atomic.Int64
	attack := func(path func(n int64) string, body func(n int64) string) {
		for ctx.Err() == nil && refused.Load() < refusals {
			n := asked.Add(1)
			if s.as(ctx, hostile, "POST", path(n), body(n)) == http.StatusTooManyRequests {
				refused.Add(1)
			}
		}
	}
	var attackers sync.WaitGroup
	for range 2 {
		attackers.Go(func() {
			attack(func(n int64) string { return "/v1/sessions/" + lives[n%int64(len(lives))] + "/segments" },
				func(n int64) string { return fmt.Sprintf(`{"source":"%d",`, n) + batch[1:] })
		})
		attackers.Go(func() {
			attack(func(int64) string { return "/api/memories" }, func(int64) string { return memory })
		})
	}
	var took []time.Duration
	for ctx.Err() == nil && refused.Load() < refusals {
		for _, r := range [][3]string{
			{"POST", "/api/memories", fmt.Sprintf(`{"conversationId":"NEW","content":"standup %d"}`, len(took))},
			{"POST", "/api/conversations/search", `{"query":"standup"}`},
			{"GET", "/v1/sessions", ""},
		} {
			begun := time.Now()
			if status := s.as(t.Context(), honest, r[0], r[1], r[2]); status == 0 || status >= 300 {
				t.Errorf("%s %s: %d", r[0], r[1], status)
			}
			took = append(took, time.Since(begun))
		}
	}
	attackers.Wait()
	if refused.Load() < refusals {
		t.Errorf("of %d requests of the hostile key %d were refused", asked.Load(), refused.Load())
	}
	slices.Sort(took)
	t.Logf("the hostile key asked %d times, the other %d times: p50 %v, p99 %v",
		asked.Load(), len(took), took[len(took)/2], took[len(took)*99/100])
}
