package api

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
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
		return Stream(w, r, contentType, bytes.NewReader(body))
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that left needs no error
	return nil
}

// StreamJSON answers 200 with JSON of unknown size; see [Stream].
func StreamJSON(w http.ResponseWriter, r *http.Request, body io.Reader) error {
	return Stream(w, r, JSONType, body)
}

// Stream answers 200 with a body of unknown size, compressed when the client
// takes that. Nothing is sent before the first byte was read, so that an
// early error still gets its own answer.
func Stream(w http.ResponseWriter, r *http.Request, contentType string, body io.Reader) error {
	buffered := bufio.NewReader(body)
	if _, err := buffered.Peek(1); err != nil && err != io.EOF {
		return err
	}
	w.Header().Set("Content-Type", contentType)
	if !acceptsGzip(r) {
		w.WriteHeader(http.StatusOK)
		_, err := io.Copy(w, buffered)
		return err
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(http.StatusOK)
	return zip(w, buffered)
}

var zippers = sync.Pool{New: func() any {
	zw, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return zw
}}

func zip(w io.Writer, body io.Reader) error {
	zw := zippers.Get().(*gzip.Writer)
	defer zippers.Put(zw)
	zw.Reset(w)
	if _, err := io.Copy(zw, body); err != nil {
		return err // without Close: half a document must not look whole
	}
	return zw.Close()
}

func acceptsGzip(r *http.Request) bool {
	for _, c := range Choices(r.Header.Values("Accept-Encoding")) {
		if c.Name == "gzip" {
			return c.Q > 0
		}
	}
	return false
}
