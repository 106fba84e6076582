package api

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"time"

	"griot/internal/errs"
)

// MaxBody is the most bytes of a request body, before and after gzip is
// taken off.
const MaxBody = 1 << 20

// refuseLarge judges a body by its announced length. Many clients read no
// answer before they have sent all, so theirs is taken to its end, unless it
// is very large or they wait to be asked for it.
func refuseLarge(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength <= MaxBody {
		return nil
	}
	if r.ContentLength <= mostIgnored && r.Header.Get("Expect") == "" {
		defer limitReading(w)()
		_, _ = io.Copy(io.Discard, r.Body) // a client that left needs no answer
	}
	return tooLarge()
}

// mostIgnored is the most bytes of a body that are read though they will be
// refused.
const mostIgnored = 32 << 20

func tooLarge() error {
	return errs.New(errs.TooLarge, "the body may have at most %d bytes", MaxBody)
}

// bodyTimeout is how long a client may take to send a body.
const bodyTimeout = 30 * time.Second

// byteOrderMark stands before what some editors and shells save as UTF-8.
const byteOrderMark = "\ufeff"

// ReadBody returns the whole body of a request, decompressed and without a
// byte order mark.
func ReadBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	defer limitReading(w)()
	plain, err := decompressed(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(plain, MaxBody+1))
	if len(body) > MaxBody {
		return nil, tooLarge()
	}
	if err != nil {
		return nil, errs.Wrap(errs.Malformed, err, "the body could not be read")
	}
	c := callOf(r)
	if err := c.weigh(r, len(body)); err != nil {
		return nil, err
	}
	if len(body) >= dearBody {
		if err := c.wait(r.Context()); err != nil {
			return nil, err
		}
	}
	return bytes.TrimPrefix(body, []byte(byteOrderMark)), nil
}

// limitReading gives the body its time, until end is called.
func limitReading(w http.ResponseWriter) (end func()) {
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Now().Add(bodyTimeout)) // not every host has one
	return func() { _ = rc.SetReadDeadline(time.Time{}) }
}

func decompressed(r *http.Request) (io.Reader, error) {
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return r.Body, nil
	case "gzip", "x-gzip":
		zr, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, errs.Wrap(errs.Malformed, err, "the body is not gzip, as its Content-Encoding says")
		}
		return zr, nil
	}
	return nil, errs.New(errs.Malformed, "the Content-Encoding of the body is not supported: send it as it is, or as gzip")
}
