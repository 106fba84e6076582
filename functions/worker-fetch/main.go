// Function worker-fetch streams upload_urls of other people into the bucket.
package main

import (
	"time"

	"griot/internal/fetch"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/setup"
	"griot/internal/setup/objects"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
	"griot/internal/worker"
)

func main() {
	c := setup.Function()
	store, bucket := tables.Open(c, table.Sessions, table.Conversations), objects.Open(c)
	own := queues.Open(c, queue.Fetch, queue.Ingest)
	svc := lifecycle.New(&session.Store{Table: store, Blobs: bucket, Jobs: own, Now: time.Now}, lifecycle.Options{})
	client := fetch.Client{AllowLoopback: c.LoopbackURLs}
	files := worker.Files{Sessions: svc, Blobs: bucket, Fetch: client, FetchesAtOnce: 3}
	jobs.Queue(queue.Fetch, own[queue.Fetch], files.FetchURL())
}
