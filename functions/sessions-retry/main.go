// Function sessions-retry serves POST /v1/sessions/{id}/retry.
package main

import (
	"time"

	"griot/internal/api/sessions"
	"griot/internal/lambdafn"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/setup"
	"griot/internal/setup/objects"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

func main() {
	c := setup.Function()
	store := tables.Open(c, table.Access, table.Sessions)
	svc := &session.Service{Table: store, Blobs: objects.Open(c), Jobs: queues.Open(c, queue.Ingest, queue.Fetch, queue.Extract), Now: time.Now}
	lambdafn.API(lambdafn.Edge(store, sessions.Retry(svc)))
}
