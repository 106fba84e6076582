package bolt_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"griot/internal/disk"
	"griot/internal/disk/disktest"
	"griot/internal/queue"
	"griot/internal/queue/bolt"
)

func TestMain(m *testing.M) { disktest.Main(m, child) }

// child sends, receives and acknowledges until it is killed, and writes a
// line when it knows that something is durable.
func child(path string) error {
	db, err := disk.Open(path, disk.Options{})
	if err != nil {
		return err
	}
	q, err := bolt.New(db, queue.Ingest, bolt.Options{Share: share})
	if err != nil {
		return err
	}
	for i := range 8 {
		go childSends(q, fmt.Sprintf("%d.%d", os.Getpid(), i))
	}
	return childReceives(q)
}

func childSends(q *bolt.Queue, name string) {
	for n := 0; ; n++ {
		body := fmt.Sprintf("%s.%d", name, n)
		if err := q.Send(context.Background(), queue.Outgoing{Body: []byte(body), Group: name}); err != nil {
			panic(err)
		}
		fmt.Println("sent", body)
	}
}

func childReceives(q *bolt.Queue) error {
	for {
		got, err := q.Receive(context.Background(), 3, visibility)
		if err != nil {
			return err
		}
		for _, m := range got {
			fmt.Println("acking", string(m.Body))
			if err := q.Ack(context.Background(), m); err != nil {
				return err
			}
			fmt.Println("acked", string(m.Body))
		}
	}
}

// TestKill kills a process at work three times and looks for what it had
// been told is durable.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	said := map[string]map[string]bool{"sent": {}, "acking": {}, "acked": {}}
	for range 3 {
		disktest.Killed(t, path, 300, func(line string) {
			word, body, _ := strings.Cut(line, " ")
			said[word][body] = true
		})
	}
	left := bodies(t, path)
	for body := range said["sent"] {
		if !said["acking"][body] && left[body] == 0 {
			t.Errorf("%s was sent and is lost", body)
		}
	}
	for body := range said["acked"] {
		if left[body] != 0 {
			t.Errorf("%s was acknowledged and is back", body)
		}
	}
	for body, n := range left {
		if n != 1 {
			t.Errorf("%s is there %d times", body, n)
		}
	}
	t.Logf("%d sent, %d acknowledged, %d left", len(said["sent"]), len(said["acked"]), len(left))
}

// bodies receives everything that a file holds: no group waits for what was in
// flight as the process was killed.
func bodies(t *testing.T, path string) map[string]int {
	t.Helper()
	f := open(t, path)
	f.share = share
	f.reopen(t)
	all := map[string]int{}
	for {
		got, err := f.q.Receive(t.Context(), queue.MaxBatch, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			return all
		}
		for _, m := range got {
			all[string(m.Body)]++
			if err := f.q.Ack(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
	}
}
