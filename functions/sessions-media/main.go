// Function sessions-media serves GET /v1/sessions/{id}/media.
package main

import (
	"time"

	"griot/internal/api/sessions"
	"griot/internal/lambdafn"
	"griot/internal/session"
	"griot/internal/setup"
	"griot/internal/setup/objects"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

func main() {
	c := setup.Function()
	store := tables.Open(c, table.Access, table.Sessions)
	svc := &session.Service{Table: store, Blobs: objects.Open(c), Now: time.Now}
	lambdafn.API(lambdafn.Edge(store, sessions.Media(svc)))
}
