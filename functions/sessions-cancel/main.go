// Function sessions-cancel serves POST /v1/sessions/{id}/cancel.
package main

import (
	"time"

	"griot/internal/api/sessions"
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
	store := tables.Open(c, table.Access, table.Sessions)
	svc := &session.Service{Table: store, Jobs: queues.Open(c, queue.Purge), Now: time.Now}
	lambdafn.API(lambdafn.Edge(store, sessions.Cancel(svc)))
}
