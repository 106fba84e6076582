// Function conversations-list serves GET /api/conversations.
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
	store := tables.Open(c, table.Access, table.Conversations)
	jobs := queues.Open(c, queue.Tidy)
	svc := &conversation.Service{Table: store, Jobs: jobs, Now: time.Now}
	lambdafn.API(lambdafn.Edge(store, conversations.List(svc)))
}
