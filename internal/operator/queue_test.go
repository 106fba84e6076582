package operator

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"griot/internal/disk"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
)

// deadLetter is a desk at which the queue merge has a dead letter.
func deadLetter(t *testing.T) Desk {
	t.Helper()
	db, err := disk.Open(filepath.Join(t.TempDir(), "griot.db"), disk.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	desk := Desk{Queue: func(_ context.Context, name queue.Name) (queue.Queue, error) {
		return queuebolt.New(db, name, queuebolt.Options{})
	}}
	q, err := desk.Queue(t.Context(), queue.Merge)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Send(t.Context(), queue.Outgoing{Body: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	for range queue.MaxReceive + 1 {
		messages, err := q.Receive(t.Context(), 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			if err := q.Retry(t.Context(), m, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	return desk
}

func TestRedrive(t *testing.T) {
	desk := deadLetter(t)
	print := func(args ...string) string {
		var out bytes.Buffer
		if err := Run(t.Context(), desk, args, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	wantLine(t, print("queues", "list"), `merge +0 +0 +0 +1`)
	wantLine(t, print("queues", "redrive", "extract"), `extract +no dead letters`)
	wantLine(t, print("queues", "redrive"), `merge +1 dead letters are back`)
	wantLine(t, print("queues", "list"), `merge +1 +0 +0 +0`)
	wantUsage(t, Run(t.Context(), desk, []string{"queues", "redrive", "nothing"}, &bytes.Buffer{}), `there is no queue "nothing"`)
}
