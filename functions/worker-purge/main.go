// Function worker-purge carries deletions out.
package main

import (
	"time"

	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/setup"
	"griot/internal/setup/objects"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
	"griot/internal/worker"
)

func main() {
	c := setup.Function()
	store, bucket := tables.Open(c, table.Sessions), objects.Open(c)
	own := queues.Open(c, queue.Purge)
	svc := &session.Service{Table: store, Blobs: bucket, Jobs: own, Now: time.Now}
	jobs.Queue(queue.Purge, own[queue.Purge], worker.Purge(svc))
}
