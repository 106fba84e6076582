package api

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// JSONType is the content type of all answers but errors of /v1, exports and
// streams.
const JSONType = "application/json; charset=utf-8"

// worthZipping is the size from which gzip saves a packet.
const worthZipping = 1400

// WriteJSON answers with v.
func WriteJSON(w http.ResponseWriter, r *http.Request, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding the answer: %w", err)
	}
	return WriteBody(w, r, status, JSONType, body)
}

// WriteBody answers with a body that is ready.
func WriteBody(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) error {
	if status == http.StatusOK && len(body) >= worthZipping && acceptsGzip(r) {
		return Stream(w, r, contentType, func(w io.Writer) error {
			_, err := w.Write(body)
			return err
		})
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	sendBody(w, body)
	return nil
}

// writeTimeout is how long a client may take for one write of its answer.
const writeTimeout = 30 * time.Second

func sendBody(w http.ResponseWriter, body []byte) {
	allow(w)
	_, _ = w.Write(body) // a client that left needs no error
}

// allow gives the next write its time. Hosts without a connection of their
// own have none, and need none.
func allow(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout))
}

// StreamJSON answers 200 with JSON of unknown size; see [Stream].
func StreamJSON(w http.ResponseWriter, r *http.Request, body io.Reader) error {
	return Stream(w, r, JSONType, func(w io.Writer) error {
		_, err := io.Copy(w, body)
		return err
	})
}

// Stream answers 200 with what write writes, compressed when the client takes
// that. Nothing is sent before the first byte is written, so that an early
// error still gets its own answer. For a HEAD nothing is written.
func Stream(w http.ResponseWriter, r *http.Request, contentType string, write func(io.Writer) error) error {
	s := &stream{w: w, contentType: contentType, zip: acceptsGzip(r)}
	defer s.release()
	if r.Method == http.MethodHead {
		s.begin()
		return nil
	}
	if err := write(s); err != nil {
		return err // without an end: half a document must not look whole
	}
	return s.end()
}

// stream begins the answer with the first byte.
type stream struct {
	w           http.ResponseWriter
	contentType string
	zip         bool
	out         io.Writer // nil until begun
	zipper      *gzip.Writer
}

var zippers = sync.Pool{New: func() any {
	zw, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return zw
}}

func (s *stream) begin() {
	s.w.Header().Set("Content-Type", s.contentType)
	s.out = s.w
	if s.zip {
		s.w.Header().Set("Content-Encoding", "gzip")
		s.zipper = zippers.Get().(*gzip.Writer)
		s.zipper.Reset(s.w)
		s.out = s.zipper
	}
	s.w.WriteHeader(http.StatusOK)
}

func (s *stream) Write(p []byte) (int, error) {
	if s.out == nil {
		s.begin()
	}
	allow(s.w)
	return s.out.Write(p)
}

func (s *stream) end() error {
	if s.out == nil {
		s.zip = false
		s.begin()
	}
	if s.zipper == nil {
		return nil
	}
	return s.zipper.Close()
}

func (s *stream) release() {
	if s.zipper != nil {
		zippers.Put(s.zipper)
	}
}

func acceptsGzip(r *http.Request) bool {
	for _, c := range Choices(r.Header.Values("Accept-Encoding")) {
		if c.Name == "gzip" {
			return c.Q > 0
		}
	}
	return false
}
