package lambdafn

import (
	"net/http"
	"time"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/table"
)

// Edge returns the handler of a function's endpoint, with keys verified and
// answers replayed from the store.
func Edge(store table.Store, endpoint api.Endpoint) http.Handler {
	dir := &access.Directory{Table: store, Now: time.Now}
	return api.Handler(api.Config{Verify: dir.Verify, Table: store}, endpoint)
}
