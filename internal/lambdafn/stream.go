package lambdafn

import (
	"bufio"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"griot/internal/api"
)

// LongestStream is how long an endless answer may go on before it has to end
// by itself. Lambda does not say when a reader has left: until then the
// invocation of one who did is paid for and counts against the account's
// concurrency, so it is far below the 15 minutes that are possible. Readers
// resume where they were. It is a few seconds where the answer is buffered.
func LongestStream() time.Duration {
	if onSAMLocal() {
		return 5 * time.Second
	}
	return 2 * time.Minute
}

// onSAMLocal reports whether this is sam local, which answers a stream with
// 502.
func onSAMLocal() bool { return os.Getenv("AWS_SAM_LOCAL") != "" }

// Stream serves a handler whose answers are sent as they are made, where the
// platform can, and buffered elsewhere. It does not return.
func Stream(handler http.Handler) {
	if onSAMLocal() {
		API(handler)
	}
	Start(Streamed(handler))
}

// Streamed returns the function of [Stream]. It returns when the handler has
// answered with a status; the body follows while it is read. A panic before
// that is a 500; after it, and when the handler leaves an answer that cannot
// be completed, reading fails and the client sees a broken answer.
func Streamed(handler http.Handler) func(context.Context, events.APIGatewayProxyRequest) (*events.APIGatewayProxyStreamingResponse, error) {
	return func(ctx context.Context, event events.APIGatewayProxyRequest) (*events.APIGatewayProxyStreamingResponse, error) {
		ctx, cancel := bounded(api.WithGateway(ctx, event.RequestContext.RequestID))
		r, err := request(ctx, event)
		if err != nil {
			cancel()
			return refusedStream(unreadable, event), nil
		}
		s := newStream(cancel)
		go s.serve(handler, r)
		<-s.begun
		if s.status == 0 {
			return refusedStream(broken, event), nil
		}
		staged(s.sent, event)
		return &events.APIGatewayProxyStreamingResponse{
			StatusCode: s.status, MultiValueHeaders: s.sent, Body: s,
		}, nil
	}
}

// stream is the ResponseWriter of one answer and the reader of its body. The
// fields of the writer are the handler's until begun is closed.
type stream struct {
	header http.Header
	sent   http.Header // header as it was when the answer began
	status int         // 0: the handler gave none
	begun  chan struct{}
	begin  sync.Once

	cancel context.CancelFunc // of the request's context
	in     *io.PipeReader
	pipe   *io.PipeWriter
	out    *bufio.Writer // so that a flush, not a write, is a chunk
}

func newStream(cancel context.CancelFunc) *stream {
	in, pipe := io.Pipe()
	return &stream{
		header: http.Header{}, begun: make(chan struct{}), cancel: cancel,
		in: in, pipe: pipe, out: bufio.NewWriterSize(pipe, 32<<10),
	}
}

func (s *stream) serve(handler http.Handler, r *http.Request) {
	defer s.cancel()
	// A reader that no longer reads must not hold the handler beyond its time.
	stop := context.AfterFunc(r.Context(), func() {
		time.AfterFunc(margin/2, func() { _ = s.pipe.CloseWithError(io.ErrUnexpectedEOF) })
	})
	defer stop()
	defer s.end(r.Context())
	handler.ServeHTTP(s, r)
	s.WriteHeader(http.StatusOK)
}

// errBroken is what the platform reads at the end of half an answer.
var errBroken = errors.New("the answer was broken off")

func (s *stream) end(ctx context.Context) {
	err := s.out.Flush
	if p := recover(); p != nil {
		logPanic(ctx, p)
		err = func() error { return errBroken }
	}
	s.begin.Do(func() { close(s.begun) }) // without a status: broken
	_ = s.pipe.CloseWithError(err())      // never fails
}

func (s *stream) Header() http.Header { return s.header }

// WriteHeader lets the answer begin. Its length is left to the transfer.
func (s *stream) WriteHeader(status int) {
	if status < http.StatusOK {
		return
	}
	s.begin.Do(func() {
		s.sent = maps.Clone(s.header)
		s.sent.Del("Content-Length")
		s.status = status
		close(s.begun)
	})
}

func (s *stream) Write(p []byte) (int, error) {
	s.WriteHeader(http.StatusOK)
	return s.out.Write(p)
}

// FlushError sends what was written; http.ResponseController calls it.
func (s *stream) FlushError() error {
	s.WriteHeader(http.StatusOK)
	return s.out.Flush()
}

// Flush is [stream.FlushError] for those who ask for an http.Flusher.
func (s *stream) Flush() { _ = s.FlushError() } // the next write fails, too

// Read gives the platform the body.
func (s *stream) Read(p []byte) (int, error) { return s.in.Read(p) }

// Close is called when the platform reads no further: the body is complete,
// or its reader is gone.
func (s *stream) Close() error {
	s.cancel()
	return s.in.Close()
}
