// Function worker-bridge makes completed sessions conversations.
package main

import (
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/bridge"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/search"
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
	store, own := tables.Open(c, table.Sessions, table.Conversations), queues.Open(c, queue.Bridge, queue.Merge, queue.Tidy)
	svc := lifecycle.New(&session.Store{Table: store, Blobs: objects.Open(c), Jobs: own, KeepMedia: c.KeepMedia, Now: time.Now}, lifecycle.Options{})
	index := &search.Index{Table: store, Merges: own[queue.Merge]}
	talks := &conversation.Service{Table: store, Index: index, Jobs: own, Now: time.Now}
	jobs.Queue(queue.Bridge, own[queue.Bridge], worker.Bridge(svc.Results, &bridge.Service{Conversations: talks}))
}
