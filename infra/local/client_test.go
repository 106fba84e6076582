package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A file that is refused before its stream is asked for leaves nothing to
// follow, and so does one whose stream broke off behind the last segment.
func TestFollowEndsWhereNothingIsLeft(t *testing.T) {
	const said = "id: 1\nevent: segment\ndata: {\"seq\":1,\"text\":\"Hello.\"}\n\n"
	for name, streams := range map[string][]string{"refused": {""}, "broken off": {said, ""}} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked++; asked > len(streams) {
					t.Errorf("asked again: %s", r.URL)
					w.WriteHeader(http.StatusGone)
					return
				}
				if streams[asked-1] == "" {
					w.WriteHeader(http.StatusNoContent)
				}
				_, _ = io.WriteString(w, streams[asked-1])
			}))
			defer s.Close()
			ok(t, (&client{base: s.URL}).follow(t.Context(), "ses_1", newTicker(io.Discard, io.Discard, false)))
		})
	}
}
