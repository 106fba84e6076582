// Function apikeys-delete serves DELETE /api/apikeys/{id}.
package main

import (
	"time"

	"griot/internal/access"
	"griot/internal/api/conversations"
	"griot/internal/lambdafn"
	"griot/internal/setup"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

func main() {
	c := setup.Function()
	store := tables.Open(c, table.Access, table.Sessions)
	dir := &access.Directory{Table: store, Now: time.Now}
	lambdafn.API(lambdafn.Edge(store, conversations.DeleteKey(dir)))
}
