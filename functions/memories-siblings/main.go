// Function memories-siblings serves GET /api/memories/{id}/conversation-memories.
package main

import (
	"time"

	"griot/internal/api/conversations"
	"griot/internal/conversation"
	"griot/internal/lambdafn"
	"griot/internal/setup"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

func main() {
	c := setup.Function()
	store := tables.Open(c, table.Access, table.Conversations)
	svc := &conversation.Service{Table: store, Now: time.Now}
	lambdafn.Stream(lambdafn.Edge(store, conversations.Siblings(svc)))
}
