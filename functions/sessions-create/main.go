// Function sessions-create serves POST /v1/sessions.
package main

import (
	"time"

	"griot/internal/access"
	"griot/internal/api/sessions"
	"griot/internal/lambdafn"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/setup"
	"griot/internal/setup/bucket"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

func main() {
	c := setup.Function()
	store := tables.Open(c, table.Access, table.Sessions)
	svc := &session.Service{
		Table: store, Blobs: bucket.Named(c), Jobs: queues.Open(c, queue.Ingest, queue.Fetch),
		Projects: &access.Directory{Table: store, Now: time.Now}, Now: time.Now, LoopbackURLs: c.LoopbackURLs,
	}
	lambdafn.API(lambdafn.Edge(store, sessions.Create(svc)))
}
