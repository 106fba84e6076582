// Package fetch reads files from other people's servers, whose addresses
// clients give: nothing that is not a public https server is ever connected
// to, and no server can make a fetch endless or larger than allowed.
package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

// Limits of a Client that does not set its own.
const (
	DefaultMaxBytes = 2 << 30
	DefaultTimeout  = 10 * time.Minute
	DefaultIdle     = 30 * time.Second
)

// MinBytesPerSecond is what the slowest server sends, over a stretch of time. One
// that sends less would keep the fetcher from others' files.
const MinBytesPerSecond = 8 << 10

const (
	maxRedirects   = 5
	maxHeader      = 64 << 10 // bytes
	connectTimeout = 10 * time.Second
	openTimeout    = time.Minute      // until the answer begins, redirects and all
	stretch        = 20 * time.Second // over which a server's speed is measured
	userAgent      = "griot/1"
)

// Client fetches files. Its zero value is ready to use, also by many at once.
type Client struct {
	// AllowLoopback allows this machine's own servers, on any port and over
	// http too: for development.
	AllowLoopback bool

	MaxBytes int64         // of a file; 0: DefaultMaxBytes
	Timeout  time.Duration // of a whole fetch; 0: DefaultTimeout
	Idle     time.Duration // without a byte; 0: DefaultIdle

	// Resolver looks names up; nil: the system's.
	Resolver *net.Resolver

	// Tests trust their own certificates and let their own servers through.
	roots   *x509.CertPool
	control func(network, address string, c syscall.RawConn) error
}

// Open starts to read the file at rawURL, following redirects. The caller
// closes body, which ends the fetch as ctx does. size is -1 when the server
// does not say. Errors of Open and of reading body are *Error when the URL or
// its server is to blame.
func (c Client) Open(ctx context.Context, rawURL string) (body io.ReadCloser, size int64, err error) {
	l := c.limits()
	w := newWatch(ctx, l.timeout, l.idle)
	resp, err := c.follow(w.ctx, rawURL)
	if err == nil {
		err = acceptable(resp, l.maxBytes)
	}
	if err != nil {
		err = w.explain(err)
		w.stop()
		return nil, 0, err
	}
	w.opened()
	return &limited{body: resp.Body, watch: w, left: l.maxBytes, max: l.maxBytes}, resp.ContentLength, nil
}

type limits struct {
	maxBytes      int64
	timeout, idle time.Duration
}

func (c Client) limits() limits {
	l := limits{maxBytes: c.MaxBytes, timeout: c.Timeout, idle: c.Idle}
	if l.maxBytes == 0 {
		l.maxBytes = DefaultMaxBytes
	}
	if l.timeout == 0 {
		l.timeout = DefaultTimeout
	}
	if l.idle == 0 {
		l.idle = DefaultIdle
	}
	return l
}

// follow returns the first answer that is no redirect. It does not use
// http.Client, which would tell each server the URL of the one before, with
// the signature in its query.
func (c Client) follow(ctx context.Context, rawURL string) (*http.Response, error) {
	t := c.transport()
	u, err := c.first(rawURL)
	for range maxRedirects + 1 {
		if err != nil {
			return nil, err
		}
		req := (&http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{
			"User-Agent":      {userAgent},
			"Accept":          {"*/*"},
			"Accept-Encoding": {"identity"}, // or size caps would mean little
		}}).WithContext(ctx)
		resp, failed := t.RoundTrip(req)
		if failed != nil {
			return nil, classify(failed)
		}
		if !redirects(resp) {
			return resp, nil
		}
		resp.Body.Close()
		u, err = c.next(u, resp.Header.Get("Location"))
	}
	return nil, unreachable(nil, "upload_url redirects more than %d times", maxRedirects)
}

func redirects(resp *http.Response) bool {
	switch resp.StatusCode {
	case 301, 302, 303, 307, 308:
		return resp.Header.Get("Location") != ""
	}
	return false
}

// transport is made anew for each fetch, so that no connection is shared
// between tenants. It uses no proxy and speaks HTTP/1.1 only.
func (c Client) transport() *http.Transport {
	dialer := net.Dialer{Timeout: connectTimeout, Resolver: c.Resolver, Control: c.guard()}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: c.roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    connectTimeout,
		ResponseHeaderTimeout:  c.limits().idle,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true,
		DisableKeepAlives:      true,
	}
}

// acceptable closes the body of an answer that is not a file of allowed size.
func acceptable(resp *http.Response, maxBytes int64) error {
	err := checkAnswer(resp, maxBytes)
	if err != nil {
		resp.Body.Close()
	}
	return err
}

func checkAnswer(resp *http.Response, maxBytes int64) error {
	encoding := resp.Header.Get("Content-Encoding")
	switch {
	case resp.StatusCode != http.StatusOK:
		return unreachable(nil, "the server of upload_url answered %d", resp.StatusCode)
	case encoding != "" && encoding != "identity":
		return unreachable(nil, "the server of upload_url sends the file compressed, although asked not to")
	case resp.ContentLength > maxBytes:
		return tooLarge(maxBytes)
	}
	return nil
}

func tooLarge(maxBytes int64) *Error {
	return &Error{Code: TooLarge, Message: fmt.Sprintf("the file behind upload_url has more than %d bytes", maxBytes)}
}
