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

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Service is how one of AWS's services is spoken to: for how long an answer is
// waited for, and how often a request is made in all. Without that the first
// connection that stalls takes all the time that a request has, and the one that
// AWS has closed meanwhile costs an attempt.
type Service struct {
	answer   time.Duration // from the request's end to the answer's header; 0: as long as the context lasts
	whole    time.Duration // until the answer's last byte; 0: as long as bodies are, which may be recordings
	idle     time.Duration // that an unused connection is kept; less than the service keeps it
	attempts int
}

// The services. DynamoDB answers in milliseconds, and with at most 16 MB: three
// attempts of which none is answered take 6 s and the pauses between them. S3
// closes unused connections after a few seconds. Of SQS functions only send;
// who receives uses the configuration as it is: it waits up to 20 s.
var (
	DynamoDB = Service{answer: 2 * time.Second, whole: 5 * time.Second, idle: 40 * time.Second, attempts: 3}
	S3       = Service{answer: 5 * time.Second, idle: 5 * time.Second, attempts: 4}
	SQS      = Service{answer: 5 * time.Second, whole: 10 * time.Second, idle: 40 * time.Second, attempts: 4}

	others  = Service{answer: 25 * time.Second, idle: 40 * time.Second, attempts: 5}
	patient = Service{idle: 40 * time.Second}
)

const (
	connectTime = 2 * time.Second // name, TCP and TLS
	idlePerHost = 64              // SDK: 10, and then it opens one a request
)

// Of returns the configuration for clients of the service. What stands for AWS
// (AWS_ENDPOINT_URL) shares a developer's machine with all else that runs there:
// it has five times as long.
func (s Service) Of(c aws.Config) aws.Config {
	if c.BaseEndpoint != nil {
		s.answer, s.whole = 5*s.answer, 5*s.whole
	}
	c.HTTPClient = s.client(connectTime)
	c.Retryer = s.retryer
	return c
}

// PatientClient waits for an answer as long as the request's context: a language
// model thinks for minutes before it says the first word.
func PatientClient() *http.Client { return patient.client(connectTime) }

func (s Service) client(connect time.Duration) *http.Client {
	d := &net.Dialer{Timeout: connect}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           d.DialContext,
		DialTLSContext:        tlsDialer(d),
		ResponseHeaderTimeout: s.answer,
		IdleConnTimeout:       s.idle,
		MaxIdleConnsPerHost:   idlePerHost,
	}
	return &http.Client{
		Timeout:   s.whole,
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
// that they do not know. A dialer's time is that of the handshake, too; and where
// that fails nothing was sent, as when dialing fails.
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
			conn, err = system.DialContext(ctx, network, address)
		}
		if err != nil {
			return nil, &net.OpError{Op: "dial", Net: network, Err: err}
		}
		return conn, nil
	}
}
