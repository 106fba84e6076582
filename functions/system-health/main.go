// Function system-health serves GET /api/system/health.
package main

import (
	"time"

	"griot/internal/api"
	"griot/internal/lambdafn"
	"griot/internal/setup"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

func main() {
	c := setup.Function()
	store := tables.Open(c, table.Access)
	process := api.Process{Version: c.Version, Started: time.Now(), Now: time.Now}
	lambdafn.API(lambdafn.Edge(store, api.SystemHealth(process, store)))
}
