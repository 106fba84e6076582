// Function worker-sweep looks after sessions whose time has come, every minute.
package main

import (
	"time"

	"griot/internal/due"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/setup"
	"griot/internal/setup/objects"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

func main() {
	c := setup.Function()
	store, bucket := tables.Open(c, table.Sessions), objects.Open(c)
	own := queues.Open(c, queue.Ingest, queue.Fetch, queue.Extract, queue.Purge, queue.Bridge)
	svc := &session.Service{Table: store, Blobs: bucket, Jobs: own, Now: time.Now}
	jobs.Sweep(due.Sweeper{Table: store, Now: time.Now, Looks: svc.Looks()}.Sweep)
}
