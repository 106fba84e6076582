package queue_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"griot/internal/disk"
	"griot/internal/queue"
	"griot/internal/queue/bolt"
)

// A message that is received is hidden for a while. Whoever has done its work
// acknowledges it; one that is not acknowledged comes again, and is set aside
// as a dead letter when it has come too often.
func Example() {
	dir, err := os.MkdirTemp("", "queue")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	db, err := disk.Open(filepath.Join(dir, "db"), disk.Options{NoSync: true})
	if err != nil {
		panic(err)
	}
	defer db.Close()
	now := time.Date(2026, 4, 1, 8, 0, 0, 0, time.UTC)
	options := bolt.Options{Visibility: time.Minute, MaxReceive: 2, Now: func() time.Time { return now }}
	var q queue.Queue
	if q, err = bolt.New(db, queue.Extract, options); err != nil {
		panic(err)
	}
	ctx := context.Background()

	receive := func(when string) queue.Message {
		messages, err := q.Receive(ctx, 1, 0)
		if err != nil || len(messages) == 0 {
			fmt.Println(when+": nothing", err)
			return queue.Message{}
		}
		fmt.Printf("%s: %s, for the %d. time\n", when, messages[0].Body, messages[0].Receives)
		return messages[0]
	}

	if err := q.Send(ctx, queue.Outgoing{Body: []byte("glaze"), Group: "ws_1"}); err != nil {
		panic(err)
	}
	receive("at once") // by somebody who crashes
	receive("while it is hidden")
	now = now.Add(time.Minute)
	m := receive("a minute later")
	if err := q.Retry(ctx, m, 0); err != nil { // and gives up
		panic(err)
	}
	receive("after twice")
	depth, err := q.Depth(ctx)
	fmt.Printf("%+v %v\n", depth, err)

	if _, err := q.Redrive(ctx); err != nil {
		panic(err)
	}
	m = receive("given another chance")
	fmt.Println("done:", q.Ack(ctx, m))
	receive("afterwards")
	// Output:
	// at once: glaze, for the 1. time
	// while it is hidden: nothing <nil>
	// a minute later: glaze, for the 2. time
	// after twice: nothing <nil>
	// {Ready:0 InFlight:0 Delayed:0 Dead:1} <nil>
	// given another chance: glaze, for the 1. time
	// done: <nil>
	// afterwards: nothing <nil>
}
