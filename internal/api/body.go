package api

import (
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

// refuseLarge judges a body by its announced length, before reading it.
func refuseLarge(r *http.Request) error {
	if r.ContentLength > MaxBody {
		return tooLarge()
	}
	return nil
}

func tooLarge() error {
	return errs.New(errs.TooLarge, "the body may have at most %d bytes", MaxBody)
}

// bodyTimeout is how long a client may take to send a body.
const bodyTimeout = 30 * time.Second

// ReadBody returns the whole body of a request, decompressed.
func ReadBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Now().Add(bodyTimeout)) // not every host has one
	defer func() { _ = rc.SetReadDeadline(time.Time{}) }()
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
	return body, nil
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
