package lambdafn

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"griot/internal/api"
)

// This is the one file that knows aws-lambda-go-api-proxy, which is archived.
// Its traps: a handler that writes nothing is an error of the function, as is
// a path that does not parse, and paths arrive decoded.

// API serves a handler whose answers are sent when they are complete. It does
// not return.
func API(handler http.Handler) { Start(Buffered(handler)) }

// Buffered returns the function of [API]. It never fails: an answer that could
// not be made is a 400 or 500.
func Buffered(handler http.Handler) func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	adapter := httpadapter.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answered := &answered{ResponseWriter: w}
		handler.ServeHTTP(answered, readable(withPort(r)))
		if !answered.yes {
			w.WriteHeader(http.StatusOK)
		}
	}))
	return func(ctx context.Context, event events.APIGatewayProxyRequest) (out events.APIGatewayProxyResponse, _ error) {
		ctx, cancel := bounded(api.WithGateway(ctx, event.RequestContext.RequestID))
		defer cancel()
		defer func() {
			if p := recover(); p != nil {
				logPanic(ctx, p)
				out = refused(broken, event)
			}
		}()
		return buffer(ctx, adapter, event), nil
	}
}

func buffer(ctx context.Context, adapter *httpadapter.HandlerAdapter, event events.APIGatewayProxyRequest) events.APIGatewayProxyResponse {
	out, err := adapter.ProxyWithContext(ctx, escaped(event))
	if err != nil {
		return refused(unreadable, event)
	}
	staged(out.MultiValueHeaders, event)
	out, envelope := fitted(out, event)
	if envelope > maxEnvelope {
		slog.ErrorContext(ctx, "an answer is larger than Lambda takes", "bytes", len(out.Body), "envelope", envelope)
		return refused(oversized, event)
	}
	return out
}

// request converts an event for handlers that are not served by the adapter.
func request(ctx context.Context, event events.APIGatewayProxyRequest) (*http.Request, error) {
	r, err := (&core.RequestAccessor{}).EventToRequestWithContext(ctx, escaped(event))
	if err != nil {
		return nil, err
	}
	return withPort(r), nil
}

// readable keeps an answer from being compressed for a client that does not
// say what it accepts: gateways tell by that whether bytes may be sent. That of
// sam local wants the very type of the answer.
func readable(r *http.Request) *http.Request {
	if r.Header.Get("Accept") == "" || onSAMLocal() {
		r.Header.Del("Accept-Encoding")
	}
	return r
}

// withPort makes RemoteAddr what net/http says it is.
func withPort(r *http.Request) *http.Request {
	r.RemoteAddr = net.JoinHostPort(r.RemoteAddr, "0")
	return r
}

// escaped returns the event with its path escaped again. A parameter with a
// slash in it shows by the route having fewer elements than the path.
func escaped(event events.APIGatewayProxyRequest) events.APIGatewayProxyRequest {
	elements := strings.Split(event.Path, "/")
	if route := strings.Split(event.Resource, "/"); len(route) < len(elements) && strings.Contains(event.Resource, "{") {
		elements = route
		for i, e := range elements {
			if name, ok := strings.CutPrefix(e, "{"); ok {
				elements[i] = event.PathParameters[strings.TrimRight(name, "+}")]
			}
		}
		// A slash behind the route's own end makes another path.
		if strings.HasSuffix(event.Path, "/") && !strings.HasSuffix(elements[len(elements)-1], "/") {
			elements = append(elements, "")
		}
	}
	for i, e := range elements {
		elements[i] = url.PathEscape(e)
	}
	event.Path = strings.Join(elements, "/")
	return event
}

// answered remembers whether the handler answered at all.
type answered struct {
	http.ResponseWriter
	yes bool
}

func (a *answered) WriteHeader(status int) {
	a.yes = true
	a.ResponseWriter.WriteHeader(status)
}

func (a *answered) Write(p []byte) (int, error) {
	a.yes = true
	return a.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController find what the adapter offers.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func logPanic(ctx context.Context, p any) {
	if p == http.ErrAbortHandler {
		slog.WarnContext(ctx, "an answer was broken off")
		return
	}
	slog.ErrorContext(ctx, "panic", "error", fmt.Sprint(p), "stack", string(debug.Stack()))
}
