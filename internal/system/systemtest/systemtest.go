// Package systemtest opens the embedded drivers for a test, and runs the
// workers of a system.
package systemtest

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/system"
	"griot/internal/worker"
)

// Embed opens the embedded drivers on a directory of their own, until the test
// ends. Uploads are signed for base.
func Embed(t testing.TB, base string, now func() time.Time) (*system.Embedded, *disk.File) {
	t.Helper()
	data := t.TempDir()
	db, err := disk.Open(filepath.Join(data, "griot.db"), disk.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	e, err := system.Embed(db, filepath.Join(data, "objects"), dir.Options{Base: base, NoSync: true, Now: now},
		func(queue.Name) queuebolt.Options { return queuebolt.Options{Now: now} }, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Blobs.Close(); err != nil {
			t.Error(err)
		}
	})
	return e, db
}

// Work runs workers, one for each queue, until the test ends. A job that fails
// fails the test, also one that can never be done.
func Work(t testing.TB, queues map[queue.Name]queue.Queue, workers map[queue.Name]worker.Worker) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for name, handle := range workers {
		running.Go(func() {
			for ctx.Err() == nil {
				messages, err := queues[name].Receive(ctx, 1, time.Second)
				for _, m := range messages {
					if err = handle(context.WithoutCancel(ctx), m.Body); err == nil {
						err = queues[name].Ack(context.WithoutCancel(ctx), m)
					}
				}
				if err != nil && ctx.Err() == nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	t.Cleanup(func() { stop(); running.Wait() })
}
