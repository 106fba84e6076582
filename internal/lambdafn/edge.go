package lambdafn

import (
	"net/http"
	"time"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/limit"
	"griot/internal/table"
)

// Edge returns the handler of a function's endpoint, with keys verified, limits
// kept and answers replayed from the store.
func Edge(store table.Store, limits limit.Rates, endpoint api.Endpoint) http.Handler {
	dir := &access.Directory{Table: store, Now: time.Now}
	limiter := &limit.Limiter{Table: store, Now: time.Now, Default: limits, Shared: true}
	return settled(dir, api.Handler(api.Config{Verify: dir.Admit, Limits: limiter, Table: store}, endpoint))
}

// settled ends when what a request has begun to note is written: afterwards
// the function may be frozen. The note is written beside the request, and is
// mostly there before the answer is.
func settled(dir *access.Directory, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer dir.Settle()
		handler.ServeHTTP(w, r)
	})
}
