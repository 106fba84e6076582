// Package api is the edge that both APIs and every host share: routing, keys,
// bodies, errors in the dialect of the path, repeatable POSTs and one log
// event per request. The routes themselves are in the packages below it.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/limit"
	"griot/internal/table"
)

// Endpoint is one route. Each has a constructor of its own that takes only
// what it needs, so that a function links nothing else.
type Endpoint struct {
	Name   string // like "sessions-create"; the function's name on Lambda
	Method string
	Path   string // as in net/http patterns, without the method
	Public bool   // served without a key; the Principal is then empty
	Stream bool   // may outlive a buffered response, or outgrow it
	// Class says which limits it counts against, "" is limit.Standard; ClassOf
	// where it depends on the request.
	Class   limit.Class
	ClassOf func(*http.Request) limit.Class
	// Needs is asked for before the query or the body is read, so that who may
	// not have an answer does not learn how to ask. "" leaves it to Serve.
	Needs access.Scope

	// Always is served also when the workspace is to be deleted and can only be
	// read, although it needs a scope by which something is changed.
	Always bool

	// Query and Body are the structs that say what it reads, and what its
	// document says of that; nil: nothing.
	Query, Body reflect.Type
	Strict      bool // refuses members of the body that are not known

	// Answer is the struct that it answers with, and of which its document
	// describes that; nil: nothing in JSON.
	Answer reflect.Type

	// Serve answers the request, or returns an error before it wrote
	// anything. An error after that breaks the connection, so that nobody
	// takes half an answer for a whole one. That of a GET answers HEAD, too:
	// what it writes then goes nowhere, and [Stream] does not ask for it.
	Serve func(w http.ResponseWriter, r *http.Request, p access.Principal) error
}

// Config is what the edge needs of its host. Verify is required, Table too
// when an endpoint is a POST.
type Config struct {
	// Verify returns who the key belongs to; "" is a missing key.
	Verify func(ctx context.Context, bearer string) (access.Principal, error)
	Limits *limit.Limiter // nil: none
	Turns  *limit.Turns   // of dear requests; nil: all at once
	// Strangers holds requests whose key is missing or unknown; nil: nobody does.
	Strangers *limit.Strangers
	Table     table.Store      // the answers that an Idempotency-Key replays
	Now       func() time.Time // nil: time.Now
	Log       *slog.Logger     // nil: slog.Default, as it is when there is something to log
}

type edge struct {
	Config
	routes routes
}

// Handler serves the endpoints, and 404 on everything else. A semicolon in a
// query separates parameters as & does, since API Gateway does not tell the
// two apart.
func Handler(c Config, endpoints ...Endpoint) http.Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	e := &edge{Config: c}
	for _, ep := range endpoints {
		e.routes.add(ep)
	}
	return http.AllowQuerySemicolons(e)
}

// writes reports whether the endpoint changes something.
func (ep Endpoint) writes() bool {
	return ep.Method != http.MethodGet && !ep.Always && ep.Needs.Writes()
}

func (e *edge) serve(w http.ResponseWriter, r *http.Request, c *call) error {
	if !c.endpoint.Public {
		p, err := e.Verify(r.Context(), bearer(r))
		if err != nil {
			e.hold(w, r, err)
			return err
		}
		c.principal = p
		if err := c.admit(r); err != nil {
			return err
		}
		if c.class == limit.Search {
			if err := c.wait(r.Context()); err != nil {
				return err
			}
		}
	}
	if need := c.endpoint.Needs; need != "" {
		if err := c.principal.Require(need); err != nil {
			return err
		}
	}
	if c.principal.ReadOnly && c.endpoint.writes() {
		return access.ErrClosing()
	}
	if err := refuseLarge(w, r); err != nil {
		return err
	}
	return c.endpoint.Serve(w, r, c.principal)
}

func (e *edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := e.begin(w, r)
	r = withoutDoubleSlash(r).WithContext(c.context(r.Context()))
	defer c.finish(r)
	h := c.rec.Header()
	h.Set("X-Request-Id", c.id)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	found := canonical(r)
	if found {
		c.endpoint, found = e.routes.find(r)
	}
	if !found { // also known paths with other methods
		if e.Strangers != nil {
			_, err := e.Verify(r.Context(), bearer(r))
			e.hold(c.rec, r, err)
		}
		notFound(c.rec, r)
		return
	}
	if err := e.serve(c.rec, r, c); err != nil {
		c.fail(r, err)
	}
}

// withoutDoubleSlash forgives clients that join a base URL with a final slash
// and a path: they send //api/…
func withoutDoubleSlash(r *http.Request) *http.Request {
	if !strings.HasPrefix(r.URL.Path, "//") {
		return r
	}
	u := *r.URL
	u.Path, u.RawPath = u.Path[1:], strings.TrimPrefix(u.RawPath, "/")
	out := *r
	out.URL = &u
	return &out
}

// canonical reports whether a path is written as clients write it; no gateway
// forgives dots and double slashes either. A dot that is escaped is one: an
// event of API Gateway does not tell.
func canonical(r *http.Request) bool {
	p := strings.NewReplacer("%2e", ".", "%2E", ".").Replace(r.URL.EscapedPath())
	return strings.HasPrefix(p, "/") && path.Clean(p) == p
}
