// Function memories-update serves PUT /api/memories/{id}.
package main

import (
	"time"

	"griot/internal/api/conversations"
	"griot/internal/conversation"
	"griot/internal/lambdafn"
	"griot/internal/queue"
	"griot/internal/search"
	"griot/internal/setup"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

func main() {
	c := setup.Function()
	store := tables.Open(c, table.Access, table.Sessions, table.Conversations)
	jobs := queues.Open(c, queue.Merge, queue.Tidy)
	index := &search.Index{Table: store, Merges: jobs[queue.Merge], Now: time.Now}
	svc := &conversation.Service{Table: store, Index: index, Jobs: jobs, Now: time.Now}
	lambdafn.API(lambdafn.Edge(store, conversations.UpdateMemory(svc)))
}
