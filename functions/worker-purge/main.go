// Function worker-purge carries deletions out.
package main

import (
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/upkeep"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/search"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/setup"
	"griot/internal/setup/objects"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/setup/transcriber/amazon"
	"griot/internal/table"
	"griot/internal/worker"
)

func main() {
	c := setup.Function()
	store, bucket, own := tables.Open(c, table.Access, table.Sessions, table.Conversations), objects.Open(c), queues.Open(c, queue.Purge, queue.Merge)
	talks := &conversation.Service{Table: store, Boards: conversation.Boards(bucket), Index: &search.Index{Table: store, Blobs: bucket, Merges: own[queue.Merge], Pause: search.TablePause}, Jobs: own, Now: time.Now}
	svc := lifecycle.New(&session.Store{Table: store, Blobs: bucket, Jobs: own, KeepMedia: c.KeepMedia, Now: time.Now}, lifecycle.Options{HideConversation: talks.HideOps})
	jobs.Queue(queue.Purge, own[queue.Purge], worker.Purge(svc, &upkeep.Service{Conversations: talks}, amazon.Engine(c, bucket)))
}
