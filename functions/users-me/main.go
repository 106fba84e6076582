// Function users-me serves GET /api/users/me.
package main

import (
	"time"

	"griot/internal/access"
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
	dir := &access.Directory{Table: store, Now: time.Now}
	lambdafn.API(lambdafn.Edge(store, conversations.Me(svc, dir)))
}
