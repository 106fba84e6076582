package bolt_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"griot/internal/disk"
	"griot/internal/queue"
	"griot/internal/queue/bolt"
)

// job is about the size of a real one.
var job = text(`{"session":"ses_` + strings.Repeat("0", 26) + `","workspace":"ws_` + strings.Repeat("0", 26) + `"}`)

func bench(b *testing.B, backlog int, noSync bool) *bolt.Queue {
	b.Helper()
	return benchShared(b, backlog, noSync, 0)
}

func benchShared(b *testing.B, backlog int, noSync bool, share int) *bolt.Queue {
	b.Helper()
	path := filepath.Join(b.TempDir(), "db")
	db, q := openBench(b, path, true, share)
	for range backlog / queue.MaxBatch {
		if err := q.Send(b.Context(), job, job, job, job, job, job, job, job, job, job); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	db, q = openBench(b, path, noSync, share)
	b.Cleanup(func() { db.Close() })
	b.ResetTimer()
	return q
}

func openBench(b *testing.B, path string, noSync bool, share int) (*disk.File, *bolt.Queue) {
	b.Helper()
	db, err := disk.Open(path, disk.Options{NoSync: noSync})
	if err != nil {
		b.Fatal(err)
	}
	q, err := bolt.New(db, queue.Ingest, bolt.Options{Visibility: time.Hour, Share: share})
	if err != nil {
		b.Fatal(err)
	}
	return db, q
}

func BenchmarkSend(b *testing.B) {
	q := bench(b, 0, false)
	for b.Loop() {
		if err := q.Send(b.Context(), job); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSendParallel(b *testing.B) {
	q := bench(b, 0, false)
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := q.Send(b.Context(), job); err != nil {
				b.Error(err)
			}
		}
	})
}

// cycle sends, receives and acknowledges one message.
func cycle(b *testing.B, q *bolt.Queue) {
	if err := q.Send(b.Context(), job); err != nil {
		b.Error(err)
	}
	got, err := q.Receive(b.Context(), 1, time.Minute)
	if err != nil || len(got) != 1 {
		b.Error(got, err)
		return
	}
	if err := q.Ack(b.Context(), got[0]); err != nil {
		b.Error(err)
	}
}

func BenchmarkCycle(b *testing.B) {
	for name, noSync := range map[string]bool{"fsync": false, "nosync": true} {
		b.Run(name, func(b *testing.B) {
			q := bench(b, 0, noSync)
			for b.Loop() {
				cycle(b, q)
			}
		})
	}
}

func BenchmarkCycleParallel(b *testing.B) {
	q := bench(b, 0, false)
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			cycle(b, q)
		}
	})
}

func BenchmarkCycleBacklog100k(b *testing.B) {
	q := bench(b, 100_000, false)
	for b.Loop() {
		cycle(b, q)
	}
}

// BenchmarkCycleShared has a backlog and 64 workspaces that have their shares in
// flight, and messages behind them.
func BenchmarkCycleShared(b *testing.B) {
	q := benchShared(b, 10_000, true, 2)
	for g := range 64 {
		for range 3 {
			if err := q.Send(b.Context(), queue.Outgoing{Body: job.Body, Group: fmt.Sprintf("ws_%02d", g)}); err != nil {
				b.Fatal(err)
			}
		}
	}
	for held := 0; held < 128; {
		got, err := q.Receive(b.Context(), queue.MaxBatch, 0)
		if err != nil {
			b.Fatal(err)
		}
		for _, m := range got {
			if held++; m.Group != "" {
				continue
			}
			held--
			if err := q.Ack(b.Context(), m); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ResetTimer()
	for b.Loop() {
		cycle(b, q)
	}
}

func BenchmarkReceiveEmpty(b *testing.B) {
	q := bench(b, 0, false)
	for b.Loop() {
		if got, err := q.Receive(b.Context(), 1, 0); len(got) != 0 || err != nil {
			b.Fatal(got, err)
		}
	}
}
