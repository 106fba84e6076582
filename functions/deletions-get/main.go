// Function deletions-get serves GET /v1/deletions/{id}.
package main

import (
	"time"

	"griot/internal/api/sessions"
	"griot/internal/lambdafn"
	"griot/internal/session"
	"griot/internal/setup"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

func main() {
	c := setup.Function()
	store := tables.Open(c, table.Access, table.Sessions)
	svc := &session.Service{Table: store, Now: time.Now}
	lambdafn.API(lambdafn.Edge(store, sessions.GetDeletion(svc)))
}
