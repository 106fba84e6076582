package main

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"griot/internal/disk"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/task"
	"griot/internal/worker"
)

// TestAHandForOthers has a workspace's jobs not come to their end, more than
// there are hands in each queue: another workspace's are done meanwhile, and no
// more of the first are begun than its share.
func TestAHandForOthers(t *testing.T) {
	data := t.TempDir()
	state := disk.Watch(data)
	db, err := disk.Open(filepath.Join(data, "db"), disk.Options{NoSync: true, State: state})
	ok(t, err)
	defer db.Close()
	ctx, end := context.WithCancel(t.Context())
	release := make(chan struct{})
	queues, workers := map[queue.Name]queue.Queue{}, map[queue.Name]worker.Worker{}
	begun, done := map[queue.Name]*atomic.Int64{}, map[queue.Name]*atomic.Int64{}
	for name, h := range crew {
		if name == queue.Transcribe { // an engine has one call at a time
			continue
		}
		queues[name], err = queuebolt.New(db, name, queuebolt.Options{Share: h.share})
		ok(t, err)
		noisy, quiet := new(atomic.Int64), new(atomic.Int64)
		begun[name], done[name] = noisy, quiet
		workers[name] = func(_ context.Context, body []byte) error {
			if string(body) == string(task.Message{Workspace: "ws_quiet"}.Encode()) {
				quiet.Add(1)
				return nil
			}
			noisy.Add(1)
			<-release
			return nil
		}
		for range h.all + 2 {
			ok(t, queues[name].Send(ctx, queue.Outgoing{Body: task.Message{Workspace: "ws_noisy"}.Encode(), Group: "ws_noisy"}))
		}
	}
	all := work(ctx, state, queues, workers)
	for name, h := range crew {
		if q := queues[name]; q != nil {
			await(t, func() bool { return begun[name].Load() == int64(h.share) })
			for i := range int64(3) {
				ok(t, q.Send(ctx, queue.Outgoing{Body: task.Message{Workspace: "ws_quiet"}.Encode(), Group: "ws_quiet"}))
				await(t, func() bool { return done[name].Load() == i+1 })
			}
			if n := begun[name].Load(); n != int64(h.share) {
				t.Errorf("%s: %d of a workspace's jobs are begun, want %d", name, n, h.share)
			}
		}
	}
	close(release)
	for name, h := range crew {
		if queues[name] != nil {
			await(t, func() bool { return begun[name].Load() == int64(h.all)+2 })
		}
	}
	end()
	all.Wait()
}
