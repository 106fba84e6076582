package api_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/errs"
)

// HEAD has the status and the headers of GET, and no body: not only because
// net/http drops it.
func TestHead(t *testing.T) {
	large := strings.Repeat("all work and no play ", 100)
	h := newHost(
		echo("small", "GET", "/v1/small"),
		serving("GET", "/v1/large", func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
			return api.WriteJSON(w, r, http.StatusOK, large)
		}),
		serving("GET", "/v1/down", func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
			return api.WriteJSON(w, r, http.StatusServiceUnavailable, "down")
		}),
		serving("GET", "/v1/plain", func(w http.ResponseWriter, _ *http.Request, _ access.Principal) error {
			_, err := io.WriteString(w, "without a status")
			return err
		}),
		serving("GET", "/v1/missing", failing(errs.New(errs.NotFound, "gone"))),
		serving("GET", "/api/missing", failing(errs.New(errs.NotFound, "gone"))),
		serving("GET", "/v1/broken", func(http.ResponseWriter, *http.Request, access.Principal) error { panic("oh") }),
	)
	for _, path := range []string{"/v1/small", "/v1/large", "/v1/down", "/v1/plain", "/v1/missing", "/api/missing", "/v1/broken", "/nothing"} {
		for _, encoding := range []string{"", "gzip"} {
			get := h.do("GET", path, "", "Accept-Encoding", encoding)
			head := h.do("HEAD", path, "", "Accept-Encoding", encoding)
			if head.Code != get.Code || head.Body.Len() != 0 || get.Body.Len() == 0 {
				t.Errorf("%s: %d with %d bytes, GET %d with %d", path, head.Code, head.Body.Len(), get.Code, get.Body.Len())
			}
			if event := h.event(t); event["bytes"] != 0.0 || event["method"] != "HEAD" || event["status"] != float64(head.Code) {
				t.Errorf("%s: the event is %v", path, event)
			}
			want, got := get.Header(), head.Header()
			want.Del("X-Request-Id")
			got.Del("X-Request-Id")
			if path == "/nothing" || get.Code >= 400 && path != "/v1/down" { // the length is that of another id
				want.Del("Content-Length")
				got.Del("Content-Length")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: GET (-), HEAD (+): %s", path, diff)
			}
		}
	}
}

// What is streamed is not even made.
func TestHeadOfAStream(t *testing.T) {
	h := newHost(serving("GET", "/v1/x", func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
		return api.Stream(w, r, "text/vtt", func(io.Writer) error {
			t.Error("the stream was asked for")
			return errors.New("too late")
		})
	}))
	for encoding, want := range map[string]string{"": "", "gzip": "gzip"} {
		w := h.do("HEAD", "/v1/x", "", "Accept-Encoding", encoding)
		if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Type") != "text/vtt" || w.Header().Get("Content-Encoding") != want {
			t.Errorf("%d %v %q", w.Code, w.Header(), w.Body)
		}
	}
}

// A semicolon is what API Gateway takes it for.
func TestSemicolonsSeparate(t *testing.T) {
	h := newHost(serving("GET", "/v1/x", func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
		q, err := api.ParseQuery(r)
		if err != nil {
			return err
		}
		return api.WriteJSON(w, r, http.StatusOK, q.Get("a")+"|"+q.Get("b"))
	}))
	for query, want := range map[string]string{"a=1;b=2": `"1|2"`, "a=1%3Bb=2": `"1;b=2|"`, ";a=1;": `"1|"`} {
		if w := h.do("GET", "/v1/x?"+query, ""); w.Body.String() != want {
			t.Errorf("%s: %s, want %s", query, w.Body, want)
		}
	}
}
