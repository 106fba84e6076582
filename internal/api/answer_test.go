package api_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/api"
)

func streaming(body func() io.Reader) api.Endpoint {
	return serving("GET", "/v1/x", func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
		return api.Stream(w, r, "text/plain", func(w io.Writer) error {
			_, err := io.Copy(w, body())
			return err
		})
	})
}

func TestStreamCompressesForThoseWhoTakeIt(t *testing.T) {
	text := strings.Repeat("all work and no play ", 1000)
	h := newHost(streaming(func() io.Reader { return strings.NewReader(text) }))
	for accept, want := range map[string]string{
		"": "", "gzip": "gzip", "deflate, GZIP;q=0.5": "gzip", "gzip;q=0": "", "br": "", "*": "",
	} {
		w := h.do("GET", "/v1/x", "", "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%q: Content-Encoding %q, want %q", accept, got, want)
		}
		body := io.Reader(w.Body)
		if want == "gzip" {
			var err error
			if body, err = gzip.NewReader(w.Body); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := io.ReadAll(body); err != nil || string(got) != text {
			t.Errorf("%q: %d bytes, %v", accept, len(got), err)
		}
	}
}

func TestStreamThatFailsAtOnceIsAWholeError(t *testing.T) {
	h := newHost(streaming(func() io.Reader { return iotest.ErrReader(errors.New("no such object")) }))
	w := h.do("GET", "/v1/x", "", "Accept-Encoding", "gzip")
	if w.Code != http.StatusInternalServerError || w.Header().Get("Content-Encoding") != "" || !strings.Contains(w.Body.String(), "internal_error") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestEmptyStreamIsA200(t *testing.T) {
	h := newHost(streaming(func() io.Reader { return strings.NewReader("") }))
	if w := h.do("GET", "/v1/x", ""); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSmallAnswersAreNotCompressed(t *testing.T) {
	h := newHost(serving("GET", "/v1/x", echoID))
	w := h.do("GET", "/v1/x", "", "Accept-Encoding", "gzip")
	if w.Header().Get("Content-Encoding") != "" || w.Header().Get("Content-Length") != "9" {
		t.Errorf("%v", w.Header())
	}
}

func TestChoices(t *testing.T) {
	got := api.Choices([]string{"text/HTML;level=1; q=0.5 , ,application/json", "*/*;q=x,a/b;Q=0.25,c/d;q=2"})
	want := []api.Choice{{"text/html", 0.5}, {"application/json", 1}, {"*/*", 0}, {"a/b", 0.25}, {"c/d", 0}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// timed is a writer that keeps its deadline, as a connection does.
type timed struct {
	*httptest.ResponseRecorder
	during, last time.Time
}

func (w *timed) SetWriteDeadline(d time.Time) error { w.last = d; return nil }

func (w *timed) Write(p []byte) (int, error) {
	w.during = w.last
	return w.ResponseRecorder.Write(p)
}

func TestWritesHaveADeadlineThatEndsWithTheAnswer(t *testing.T) {
	h := newHost(streaming(func() io.Reader { return strings.NewReader("text") }), serving("GET", "/v1/y", echoID))
	for _, path := range []string{"/v1/x", "/v1/y", "/v1/nope"} {
		w := &timed{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Authorization", "Bearer good")
		h.ServeHTTP(w, r)
		if w.during.IsZero() || !w.last.IsZero() {
			t.Errorf("%s: deadline %v during the write, %v after it", path, w.during, w.last)
		}
	}
}
