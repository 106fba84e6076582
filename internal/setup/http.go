package setup

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Times of the connections to AWS. There is none for a whole request: bodies
// are as long as recordings are, and callers have deadlines.
const (
	connectTime = 3 * time.Second  // name, TCP and TLS
	answerTime  = 30 * time.Second // from the request's end to the answer's header; SQS waits up to 20 s
	idleTime    = 40 * time.Second // less than AWS keeps a connection
	idlePerHost = 64               // SDK: 10, and then it opens one a request
)

func newHTTPClient() *http.Client { return client(answerTime) }

// PatientClient waits for an answer as long as the request's context: a language
// model thinks for minutes before it says the first word.
func PatientClient() *http.Client { return client(0) }

func client(answer time.Duration) *http.Client {
	d := &net.Dialer{Timeout: connectTime}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           d.DialContext,
		DialTLSContext:        tlsDialer(d),
		TLSHandshakeTimeout:   connectTime,
		ResponseHeaderTimeout: answer,
		IdleConnTimeout:       idleTime,
		MaxIdleConnsPerHost:   idlePerHost,
	}
	return &http.Client{
		Transport: plainBodies{transport},
		// AWS redirects only who asks the wrong region; to follow would send
		// the signed request elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// plainBodies hides from net/http that the SDK's request bodies are
// io.WriterTo. Theirs returns io.EOF when the SDK has closed the body already
// (it does as soon as there is an answer), and net/http takes that for a
// failed write and closes the connection in the middle of the answer.
type plainBodies struct{ next http.RoundTripper }

func (t plainBodies) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil && req.Body != http.NoBody {
		body := req.Body
		req = req.WithContext(req.Context()) // a shallow copy: a RoundTripper leaves its request as it is
		req.Body = struct {
			io.Reader
			io.Closer
		}{body, body}
	}
	return t.next.RoundTrip(req)
}

// awsRoots are the roots that Amazon Trust Services names for all of AWS:
// loading a system's 145 takes 12 ms, these five 0.1 ms.
//
//go:embed awsroots.pem
var awsRoots []byte

// tlsDialer trusts Amazon's roots, and asks the system only about a server
// that they do not know.
func tlsDialer(d *net.Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	system := &tls.Dialer{NetDialer: d}
	amazon := sync.OnceValue(func() *tls.Dialer { // not before it is needed
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(awsRoots)
		return &tls.Dialer{NetDialer: d, Config: &tls.Config{RootCAs: roots}}
	})
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := amazon().DialContext(ctx, network, address)
		var unknown x509.UnknownAuthorityError
		if errors.As(err, &unknown) {
			return system.DialContext(ctx, network, address)
		}
		return conn, err
	}
}
