// Function worker-transcribe makes the calls that write recordings down.
package main

import (
	"time"

	"griot/internal/conversation/topic"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/setup"
	"griot/internal/setup/objects"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/setup/transcriber/openai"
	"griot/internal/table"
	"griot/internal/worker"
)

func main() {
	c := setup.Function()
	store, bucket := tables.Open(c, table.Sessions, table.Conversations), objects.Open(c)
	own := queues.Open(c, queue.Transcribe, queue.Ingest, queue.Tidy)
	svc := lifecycle.New(&session.Store{Table: store, Blobs: bucket, Jobs: own, Now: time.Now}, lifecycle.Options{})
	names := worker.Topics(&topic.Service{Table: store, Jobs: own, Now: time.Now})
	server := openai.Engine(c, bucket, own[queue.Transcribe])
	jobs.Queue(queue.Transcribe, own[queue.Transcribe], worker.Transcribe(svc.Recordings, names, server.Work))
}
