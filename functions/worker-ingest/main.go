// Function worker-ingest reads files into sessions, when they arrive and when a session asks.
package main

import (
	"time"

	"griot/internal/access"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/setup"
	"griot/internal/setup/objects"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/setup/transcriber"
	"griot/internal/table"
	"griot/internal/worker"
)

func main() {
	c := setup.Function()
	store, bucket := tables.Open(c, table.Access, table.Sessions), objects.Open(c)
	own := queues.Open(c, queue.Ingest, queue.Extract, queue.Purge, queue.Transcribe)
	svc := lifecycle.New(&session.Store{Table: store, Blobs: bucket, Jobs: own, Now: time.Now}, lifecycle.Options{Projects: &access.Directory{Table: store, Now: time.Now}, MinutesPerDay: c.MaxMinutesPerDay})
	engine, events := transcriber.Open(c, bucket, own[queue.Transcribe])
	files := worker.Files{Sessions: svc, Blobs: bucket, Engine: engine, NoEngine: transcriber.None}
	jobs.Queue(queue.Ingest, own[queue.Ingest], files.Ingest(), events...)
}
