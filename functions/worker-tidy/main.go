// Function worker-tidy folds topics, seals fences, renews boards and finishes merges of topics.
package main

import (
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/upkeep"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/search"
	"griot/internal/setup"
	"griot/internal/setup/objects"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
	"griot/internal/worker"
)

func main() {
	c := setup.Function()
	store, own := tables.Open(c, table.Conversations, table.Sessions), queues.Open(c, queue.Tidy, queue.Merge)
	index := &search.Index{Table: store, Merges: own[queue.Merge]}
	talks := &conversation.Service{Table: store, Boards: conversation.Boards(objects.Open(c)), Index: index, Jobs: own, Now: time.Now}
	jobs.Queue(queue.Tidy, own[queue.Tidy], worker.Tidy(&upkeep.Service{Conversations: talks}))
}
