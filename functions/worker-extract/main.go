// Function worker-extract finds the candidates of captured sessions.
package main

import (
	"time"

	"griot/internal/extraction/rules"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/setup"
	"griot/internal/setup/bedrock"
	"griot/internal/setup/objects"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
	"griot/internal/worker"
)

func main() {
	c := setup.Function()
	store, bucket := tables.Open(c, table.Sessions), objects.Open(c)
	own := queues.Open(c, queue.Extract, queue.Bridge)
	svc := lifecycle.New(&session.Store{Table: store, Blobs: bucket, Jobs: own, KeepMedia: c.KeepMedia, Now: time.Now}, lifecycle.Options{})
	jobs.Queue(queue.Extract, own[queue.Extract], worker.Extract(svc.Results, rules.Extractor(), bedrock.Model(c, store)))
}
