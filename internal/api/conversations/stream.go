package conversations

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
)

// streamed is a list of any size on its way out: items are read while others
// are sent.
type streamed[From, To any] struct {
	member  string // of the answer that has the items; "": data
	items   iter.Seq2[From, error]
	convert func(From) To
	// rest are the members behind those, when so many were written.
	rest func(written int64) any
	// verify finds out whether what was read in several steps is one list.
	verify func() error // nil: it is
}

// getStreamed is an endpoint that answers 200 with a list of any size, which
// is written in parts: Whole is what they make together.
func getStreamed[Whole, Q, From, To any](name string, needs access.Scope, path string, do func(r *http.Request, p access.Principal, q Q) (streamed[From, To], error)) api.Endpoint {
	return api.Listing(api.Endpoint{Name: name, Method: http.MethodGet, Path: path, Needs: needs, Stream: true, Answer: reflect.TypeFor[Whole]()},
		func(w http.ResponseWriter, r *http.Request, p access.Principal, q Q) error {
			list, err := do(r, p, q)
			if err != nil {
				return err
			}
			return api.Stream(w, r, api.JSONType, list.write)
		})
}

// unbounded is an endpoint whose answer, a hundred memories of 50,000
// characters, may be more than a buffered one of Lambda's can hold.
func unbounded(ep api.Endpoint) api.Endpoint {
	ep.Stream = true
	return ep
}

func (s streamed[From, To]) write(out io.Writer) error {
	held := &heldBack{out: out, most: holdBack}
	if err := s.encode(held); err != nil {
		return err
	}
	if s.verify != nil && (held.begun || held.buf.Len() > atOnce) {
		if err := s.verify(); err != nil {
			return err
		}
	}
	return held.flush()
}

func (s streamed[From, To]) encode(out io.Writer) error {
	if _, err := fmt.Fprintf(out, "{%q:", cmp.Or(s.member, "data")); err != nil {
		return err
	}
	written, err := encodeList(out, s.items, s.convert)
	if err != nil {
		return err
	}
	rest, err := json.Marshal(s.rest(written))
	if err != nil {
		return fmt.Errorf("encoding the end of a list: %w", err)
	}
	_, err = fmt.Fprintf(out, ",%s", rest[1:])
	return err
}

// encodeList writes a list as JSON, and returns how many items it has.
func encodeList[From, To any](out io.Writer, items iter.Seq2[From, error], convert func(From) To) (written int64, err error) {
	before := "["
	for item, err := range items {
		if err != nil {
			return written, err
		}
		data, err := json.Marshal(convert(item))
		if err != nil {
			return written, fmt.Errorf("encoding an item of a list: %w", err)
		}
		if _, err := out.Write(append([]byte(before), data...)); err != nil {
			return written, err
		}
		before = ","
		written++
	}
	end := "]"
	if written == 0 {
		end = "[]"
	}
	_, err = io.WriteString(out, end)
	return written, err
}

const (
	// holdBack is how much is ready before anything is sent, so that an
	// error until then gets an answer of its own.
	holdBack = 4 << 20
	// atOnce is how much is surely read by one query.
	atOnce = 512 << 10
	// chunk is how much is sent at once afterwards.
	chunk = 64 << 10
)

// heldBack gathers writes until there are so many bytes.
type heldBack struct {
	out   io.Writer
	buf   bytes.Buffer
	most  int
	begun bool
}

func (h *heldBack) Write(p []byte) (int, error) {
	h.buf.Write(p) // never fails
	if h.buf.Len() < h.most {
		return len(p), nil
	}
	return len(p), h.flush()
}

func (h *heldBack) flush() error {
	_, err := h.out.Write(h.buf.Bytes())
	if !h.begun {
		h.begun, h.most = true, chunk
		h.buf = bytes.Buffer{} // the large one is not needed again
	}
	h.buf.Reset()
	return err
}
