// Package gateway is the REST API in front of functions, as API Gateway makes
// it of the stack: routes, proxy events, its own answers, limits, and
// answers that are streamed.
//
// Unlike API Gateway it leaves the header WWW-Authenticate its name (there it
// arrives as X-Amzn-Remapped-WWW-Authenticate), throttles nobody and does not
// slow a stream down behind its first 10 MB. Three things were not tried on
// AWS: that several slashes at the beginning of a path are taken for one, that
// the answer of a HEAD keeps the Content-Length which the function gives it,
// and that a query with a broken escape is a 400.
package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"griot/infra/lambda/platform"
	"griot/infra/lambda/template"
)

// maxPayload is API Gateway's limit of a request's body, in bytes.
const maxPayload = 10 << 20

// streamIdle is how long a stream may be silent (Regional endpoints).
const streamIdle = 5 * time.Minute

// Invoke runs a function; see [platform.Platform.Invoke].
type Invoke func(ctx context.Context, function string, event []byte) (*platform.Answer, error)

// Gateway is the API. It is an http.Handler.
type Gateway struct {
	api    template.API
	routes *node
	invoke Invoke
}

// New returns the API of the routes.
func New(api template.API, routes []Route, invoke Invoke) *Gateway {
	g := &Gateway{api: api, routes: &node{}, invoke: invoke}
	for _, r := range routes {
		g.routes.add(r)
	}
	return g
}

// ServeHTTP answers one request to the API's domain.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.serve(newCall(g, w, r)) }

// Staged returns the API as it is found without a domain: below its stage,
// which is taken off again.
func (g *Gateway) Staged() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := newCall(g, w, r)
		c.stage = "/" + g.api.Stage
		inner, ok := strings.CutPrefix(r.URL.EscapedPath(), c.stage)
		if !ok || inner != "" && inner[0] != '/' {
			c.forbid()
			return
		}
		if inner == "" {
			inner = "/"
		}
		c.r = r.Clone(r.Context())
		c.r.URL.RawPath = inner
		c.r.URL.Path, _ = url.PathUnescape(inner) // it was parsed from that
		g.serve(c)
	})
}

func (g *Gateway) serve(c *call) {
	found, ok := g.routes.find(c.r.Method, c.r.URL.EscapedPath())
	if !ok {
		c.refuse(missingToken)
		return
	}
	event, err := c.event(found)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		c.refuse(requestTooLarge)
	case errors.Is(err, errQuery):
		c.refuse(badParameters)
	case err != nil: // the client is gone
		panic(http.ErrAbortHandler)
	default:
		c.integrate(found, event)
	}
}

// integrate invokes the function and passes its answer on.
func (c *call) integrate(found match, event []byte) {
	ctx, cancel := context.WithTimeout(c.r.Context(), found.Timeout)
	defer cancel()
	answer, err := c.gateway.invoke(ctx, found.Function, event)
	var failed *platform.FunctionError
	switch {
	case err == nil:
		c.pass(ctx, found, answer)
	case c.r.Context().Err() != nil: // the client is gone
		panic(http.ErrAbortHandler)
	case errors.Is(err, context.DeadlineExceeded):
		c.refuse(integrationTimeout)
	case errors.Is(err, platform.ErrTooLarge):
		c.refuse(requestTooLarge)
	case errors.As(err, &failed):
		c.refuse(badGateway)
	default:
		c.refuse(internalError)
	}
}

func (c *call) pass(ctx context.Context, found match, answer *platform.Answer) {
	defer answer.Body.Close()
	// Reading ends with the time, or when the client leaves.
	stop := context.AfterFunc(ctx, func() { _ = answer.Body.Close() })
	defer stop()
	if found.Stream {
		c.stream(answer.Body)
		return
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, platform.MaxResponse))
	switch {
	case ctx.Err() != nil:
		c.refuse(integrationTimeout)
	case err != nil:
		c.refuse(badGateway)
	default:
		c.buffered(data)
	}
}

// proxyResponse is what a function answers. The pointer tells 0 from none.
type proxyResponse struct {
	StatusCode        *int
	Headers           map[string]any
	MultiValueHeaders map[string][]any
	Body              string
	IsBase64Encoded   bool
}

func (p proxyResponse) valid() bool {
	return p.StatusCode != nil && *p.StatusCode >= 100 && *p.StatusCode < 600
}

func (c *call) buffered(data []byte) {
	var p proxyResponse
	if err := json.Unmarshal(data, &p); err != nil || !p.valid() {
		c.refuse(badGateway) // "Malformed Lambda proxy response"
		return
	}
	body, err := c.decode(p)
	if err != nil {
		c.refuse(badGateway)
		return
	}
	c.writeHead(p, len(body))
	_, _ = c.w.Write(body) // the client may be gone
}
