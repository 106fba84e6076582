// Function worker-sweep looks after what is due, every minute.
package main

import (
	"time"

	"griot/internal/closing"
	"griot/internal/conversation"
	"griot/internal/conversation/upkeep"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/setup"
	"griot/internal/setup/objects"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
	"griot/internal/task"
)

func main() {
	c := setup.Function()
	store, bucket := tables.Open(c, table.Access, table.Sessions, table.Conversations), objects.Open(c)
	own := queues.Open(c, queue.Ingest, queue.Fetch, queue.Extract, queue.Purge, queue.Bridge, queue.Tidy)
	talks := &conversation.Service{Table: store, Jobs: own, Now: time.Now}
	svc := lifecycle.New(&session.Store{Table: store, Blobs: bucket, Jobs: own, KeepMedia: c.KeepMedia, Now: time.Now}, lifecycle.Options{HideConversation: talks.HideOps})
	jobs.Sweep((&task.Sweeper{Table: store, Now: time.Now, Looks: task.All(svc.Looks(), (&upkeep.Service{Conversations: talks}).Looks(), closing.Looks(talks))}).Sweep)
}
