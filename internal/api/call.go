package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/limit"
	"griot/internal/metric"
	"griot/internal/table"
)

// statusClosed is logged for a client that left before its answer was ready.
const statusClosed = 499

// call is one request on its way through the edge; it ends as a log event.
type call struct {
	edge      *edge
	rec       *recorder
	id        string // req_…
	begun     time.Time
	endpoint  Endpoint // its name is "" on unknown paths
	principal access.Principal
	usage     table.Usage
	class     limit.Class   // "" until the key is known
	ticket    *limit.Ticket // nil: nothing is charged
	minutes   int           // that a long answer has been charged for
	limited   bool          // it came over a limit
	leave     func()        // ends its turn; nil: it has none
	closed    bool          // by the client
	cause     error         // of a 5xx or a broken answer
}

type callKey struct{}

func (e *edge) begin(w http.ResponseWriter, r *http.Request) *call {
	now := e.Now()
	rec := &recorder{ResponseWriter: w, bodiless: r.Method == http.MethodHead}
	return &call{edge: e, rec: rec, id: id.At(id.Request, now), begun: now}
}

func (c *call) context(ctx context.Context) context.Context {
	return context.WithValue(table.WithUsage(ctx, &c.usage), callKey{}, c)
}

type gatewayKey struct{}

// WithGateway notes the id under which a gateway before this service logs the
// request; the event of the request bears it too.
func WithGateway(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, gatewayKey{}, id)
}

func callOf(r *http.Request) *call { return r.Context().Value(callKey{}).(*call) }

// finish turns a panic into a 500, settles what the request has cost and writes
// the event. It is deferred; an
// answer that has to be broken goes on to the server as http.ErrAbortHandler.
func (c *call) finish(r *http.Request) {
	p := recover()
	if p != nil && p != http.ErrAbortHandler {
		c.cause = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		if c.rec.status == 0 {
			render(c.rec, r, c.cause)
			p = nil
		}
	}
	if c.leave != nil {
		c.leave()
	}
	c.settle(r.Context())
	c.log(r)
	if p != nil {
		panic(http.ErrAbortHandler)
	}
	// The connection goes on to its next request without our deadline.
	_ = http.NewResponseController(c.rec).SetWriteDeadline(time.Time{})
}

// fail answers with an error, or breaks the connection when part of another
// answer is on its way.
func (c *call) fail(r *http.Request, err error) {
	if errors.Is(r.Context().Err(), context.Canceled) {
		c.closed = true
		err = errs.Wrap(errs.Unavailable, err, "the request was cancelled")
	}
	if c.rec.status != 0 {
		c.cause = err
		panic(http.ErrAbortHandler)
	}
	if render(c.rec, r, err) >= http.StatusInternalServerError {
		c.cause = err
	}
}

// log is asked for with each event: a function has its logger only when it
// begins to serve, which is after its handler was made.
func (e *edge) log() *slog.Logger {
	if e.Log != nil {
		return e.Log
	}
	return slog.Default()
}

// log writes the event: never a query, a body, a key or a raw path.
func (c *call) log(r *http.Request) {
	used := c.usage.Totals()
	attrs := []slog.Attr{
		slog.String("request_id", c.id), slog.String("method", r.Method),
		slog.String("endpoint", c.endpoint.Name), slog.String("route", c.endpoint.Path),
		slog.Int("status", c.status()), slog.Duration("duration", c.edge.Now().Sub(c.begun)),
		slog.Int64("bytes", c.rec.bytes), slog.Float64("read_units", used.ReadUnits),
		slog.Float64("write_units", used.WriteUnits),
		slog.String("workspace", c.principal.Workspace), slog.String("key", c.principal.KeyID),
	}
	if id, _ := r.Context().Value(gatewayKey{}).(string); id != "" {
		attrs = append(attrs, slog.String("gateway_id", id))
	}
	attrs = append(attrs, used.Refusals()...)
	if c.class != "" {
		attrs = append(attrs, slog.String("class", string(c.class)))
	}
	if c.limited {
		attrs = append(attrs, metric.Count("limited", 1))
	}
	if client := clientOf(r); client != "" {
		attrs = append(attrs, slog.String("client", client))
	}
	if c.cause != nil {
		attrs = append(attrs, slog.String("error", c.cause.Error()))
	}
	c.edge.log().LogAttrs(context.WithoutCancel(r.Context()), c.level(), "request", attrs...)
}

// clientName is a program's name and version, and nothing that a person wrote.
// It is compiled when the first client says it: a function starts without.
var clientName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z][a-z-]{0,31}/[0-9][0-9a-z.-]{0,31}$`)
})

// clientOf returns what the published clients say they are, such as
// mx-cli/1.7.235; the rest of the header describes a machine.
func clientOf(r *http.Request) string {
	name, _, _ := strings.Cut(r.Header.Get("X-MX-Client"), " ")
	if name == "" || !clientName().MatchString(name) {
		return ""
	}
	return name
}

func (c *call) status() int {
	switch {
	case c.closed:
		return statusClosed
	case c.rec.status == 0: // net/http will say so
		return http.StatusOK
	}
	return c.rec.status
}

func (c *call) level() slog.Level {
	switch {
	case c.cause == nil || c.closed:
		return slog.LevelInfo
	case c.rec.status == http.StatusInsufficientStorage:
		return slog.LevelInfo // the disk is full: its host says that once, not for each write
	case c.rec.status > http.StatusInternalServerError:
		return slog.LevelWarn // may work when tried again
	}
	return slog.LevelError
}

// recorder sees what is sent. Flush and deadlines reach the connection
// through http.ResponseController.
type recorder struct {
	http.ResponseWriter
	bodiless bool // the answer of a HEAD: net/http drops its body, Lambda does not
	status   int
	bytes    int64
}

func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 && status >= http.StatusOK {
		rec.status = status
	}
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recorder) Write(p []byte) (int, error) {
	if rec.status == 0 {
		rec.WriteHeader(http.StatusOK)
	}
	if rec.bodiless {
		return len(p), nil
	}
	n, err := rec.ResponseWriter.Write(p)
	rec.bytes += int64(n)
	return n, err
}
