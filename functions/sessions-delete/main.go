// Function sessions-delete serves DELETE /v1/sessions/{id}.
package main

import (
	"time"

	"griot/internal/api/sessions"
	"griot/internal/conversation"
	"griot/internal/lambdafn"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/setup"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

func main() {
	c := setup.Function()
	store, jobs := tables.Open(c, table.Access, table.Sessions, table.Conversations), queues.Open(c, queue.Purge)
	conversations := &conversation.Service{Table: store, Jobs: jobs, Now: time.Now}
	svc := &session.Service{Table: store, Jobs: jobs, HideConversation: conversations.HideOps, Now: time.Now}
	lambdafn.API(lambdafn.Edge(store, sessions.Delete(svc)))
}
