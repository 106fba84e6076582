// Function conversations-delete serves DELETE /api/conversations/{conversationId}.
package main

import (
	"time"

	"griot/internal/api/conversations"
	"griot/internal/conversation"
	"griot/internal/lambdafn"
	"griot/internal/queue"
	"griot/internal/setup"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

func main() {
	c := setup.Function()
	store := tables.Open(c, table.Access, table.Sessions, table.Conversations)
	jobs := queues.Open(c, queue.Purge)
	svc := &conversation.Service{Table: store, Jobs: jobs, Now: time.Now}
	lambdafn.API(lambdafn.Edge(store, conversations.Delete(svc)))
}
