// Function apikeys-debug-user serves GET /api/apikeys/debug-user.
package main

import (
	"griot/internal/api/conversations"
	"griot/internal/lambdafn"
	"griot/internal/setup"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

func main() {
	c := setup.Function()
	store := tables.Open(c, table.Access)
	lambdafn.API(lambdafn.Edge(store, conversations.DebugUser()))
}
