package hosttest

import (
	"bytes"
	"io"
	"net/http"
)

// Whole reads a request to its end before it hands it on. What stands behind
// a [net/http/httputil.ReverseProxy] may answer while its transport has yet to see that
// the request has ended; the server closes the request's body when the answer
// begins, the transport takes that for a failed write, and the answer is
// broken off (seen 3 times in 96,000).
func Whole(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the client has left
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}
