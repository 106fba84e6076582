package task_test

import (
	"slices"
	"testing"
	"time"

	"griot/internal/queue"
	"griot/internal/task"
)

// TestPauses has how long each kind of work is waited for, as it is sent the
// first time, once more, and so on.
func TestPauses(t *testing.T) {
	const m, h = time.Minute, time.Hour
	for kind, want := range map[task.Kind][]time.Duration{
		task.ReadFile:          {m, 4 * m, 8 * m, 16 * m, 32 * m, h, h},
		task.LookAtEngine:      {5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second, 2 * m, 2 * m},
		task.FetchURL:          {12 * m, 12 * m, 12 * m, 16 * m, 32 * m, h, h},
		task.Extract:           {2 * m, 4 * m, 8 * m, 16 * m, 32 * m, h, h},
		task.ExtractAgain:      {2 * m, 4 * m, 8 * m, 16 * m, 32 * m, h, h},
		task.AskModel:          {m, 2 * m, 4 * m, 8 * m, 10 * m, 10 * m},
		task.Bridge:            {2 * m, 4 * m, 8 * m, 16 * m, 32 * m, h, h},
		task.StopEngine:        {2 * m, 4 * m, 8 * m, 16 * m, 32 * m, h, h},
		task.PurgeSession:      {m, m, 2 * m, 4 * m, 8 * m, 16 * m, 32 * m, h, h},
		task.PurgeConversation: {m, 2 * m, 4 * m, 8 * m, 16 * m, 32 * m, h, h},
		task.PurgeMemories:     {m, h, h},
	} {
		var got []time.Duration
		for n := range want {
			got = append(got, kind.Wait(int64(n)))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s waits %v, want %v", kind, got, want)
		}
		if last := kind.Wait(1 << 40); last != want[len(want)-1] {
			t.Errorf("%s waits %v in the end", kind, last)
		}
	}
	for kind, most := range map[task.Kind]int64{task.Extract: 8, task.AskModel: 6, task.Bridge: 0, task.PurgeSession: 0} {
		for n := int64(1); n < 20; n++ {
			if got, want := kind.Exhausted(n), most > 0 && n >= most; got != want {
				t.Errorf("%s is given up after %d: %v", kind, n, got)
			}
		}
	}
}

// TestBodies has the bytes of messages: those in a queue have been there before
// the version that reads them.
func TestBodies(t *testing.T) {
	for _, c := range []struct {
		from queue.Name
		kind task.Kind
		body string
	}{
		{queue.Ingest, task.Arrived, `{"object":"inbox/ws_1/prj_1/sop/visit.vtt"}`},
		{queue.Ingest, task.ReadFile, `{"workspace":"ws_1","session":"ses_1"}`},
		{queue.Ingest, task.ReadFile, `{"workspace":"ws_1","session":"ses_1","attempt":2}`},
		{queue.Fetch, task.FetchURL, `{"workspace":"ws_1","session":"ses_1"}`},
		{queue.Extract, task.Extract, `{"workspace":"ws_1","session":"ses_1","wish":"01H"}`},
		{queue.Bridge, task.Bridge, `{"workspace":"ws_1","session":"ses_1"}`},
		{queue.Purge, task.PurgeSession, `{"workspace":"ws_1","session":"ses_1"}`},
		{queue.Purge, task.PurgeConversation, `{"workspace":"ws_1","conversation":"conv_1"}`},
		{queue.Purge, task.PurgeMemories, `{"workspace":"ws_1","conversation":"conv_1","memories":["m1","m2"]}`},
		{queue.Purge, task.RenewIndex, `{"workspace":"ws_1","conversation":"conv_1","renewal":1767225600000}`},
		{queue.Tidy, task.Tidy, `{"workspace":"ws_1"}`},
		{queue.Merge, task.MergeIndex, `{"workspace":"ws_1"}`},
		{queue.Ingest, "", `{}`},
		{queue.Merge, "", `{}`},
	} {
		m, err := task.Decode([]byte(c.body))
		ok(t, err)
		if got := string(m.Encode()); got != c.body {
			t.Errorf("%s is written as %s", c.body, got)
		}
		if got := task.KindOf(c.from, m); got != c.kind {
			t.Errorf("%s in %s is of kind %q, want %q", c.body, c.from, got, c.kind)
		}
	}
	if _, err := task.Decode([]byte(`["ses_1"]`)); err == nil {
		t.Error("a list is a message")
	}
}
