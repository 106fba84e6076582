package api

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/limit"
)

// typical is what requests of a class cost before their bodies are counted,
// beside the writes of those that change something.
var typical = map[limit.Class]limit.Amount{
	limit.Standard: {1, 4, 0},
	limit.Heavy:    {1, 4, 0},
	limit.Search:   {1, 10, 0},
}

const (
	// typicalWrites is what a change costs, perKilobyte what each KB of its body
	// does: whatever is stored is stored in a transaction, which costs twice.
	typicalWrites = 10
	perKilobyte   = 2
)

// estimate is what a request will cost, as far as one can tell.
func (c *call) estimate(method string, body int64) limit.Amount {
	cost := typical[c.class]
	if method != http.MethodGet && method != http.MethodHead && c.class != limit.Search {
		cost[limit.Writes] = typicalWrites + perKilobyte*float64(min(max(body, 0), MaxBody))/1024
	}
	return cost
}

// class is the endpoint's, which may depend on what it is asked for.
func (ep Endpoint) class(r *http.Request) limit.Class {
	switch {
	case ep.ClassOf != nil:
		return ep.ClassOf(r)
	case ep.Class == "":
		return limit.Standard
	}
	return ep.Class
}

// admit takes what the request will cost, and tells the client what is left.
func (c *call) admit(r *http.Request) error {
	c.class = c.endpoint.class(r)
	if c.edge.Limits == nil {
		return nil
	}
	var err error
	c.ticket, err = c.edge.Limits.Take(r.Context(), limit.Caller{Workspace: c.principal.Workspace, Key: c.principal.KeyID},
		c.class, c.estimate(r.Method, r.ContentLength))
	c.limited = err != nil
	tell(c.rec.Header(), isV1(r.URL.Path), c.ticket.State())
	return err
}

// tell writes the headers of the path's dialect (contract A.7 and B.4).
func tell(h http.Header, v1 bool, s limit.State) {
	d := s.Nearest()
	h.Set("X-RateLimit-Limit", strconv.FormatFloat(math.Floor(s.Limit[d]), 'f', 0, 64))
	h.Set("X-RateLimit-Remaining", strconv.FormatFloat(s.Left(d), 'f', 0, 64))
	h.Set("X-RateLimit-Bucket", s.Bucket)
	if v1 {
		h.Set("X-RateLimit-Reset", s.Full.UTC().Format(time.RFC3339))
	} else {
		h.Set("X-RateLimit-Reset", strconv.FormatInt(s.Full.Unix(), 10))
	}
}

// dearBody is from how many bytes on a body is dear to read, whatever is in it.
const dearBody = 16 << 10

// wait waits for the request's turn, where dear ones have turns.
func (c *call) wait(ctx context.Context) (err error) {
	if c.edge.Turns == nil || c.leave != nil {
		return nil
	}
	c.leave, err = c.edge.Turns.Take(ctx, c.principal.Workspace)
	c.limited = errs.Is(err, errs.ResourceExhausted)
	return err
}

// weigh takes what a body costs that is larger than was announced.
func (c *call) weigh(r *http.Request, body int) error {
	if c.ticket == nil || int64(body) <= r.ContentLength {
		return nil
	}
	err := c.ticket.Raise(r.Context(), c.estimate(r.Method, int64(body)))
	c.limited = err != nil
	return err
}

// minute takes what an answer that goes on for long has cost so far, and a
// request more.
func (c *call) minute(ctx context.Context) error {
	if c.ticket == nil {
		return nil
	}
	next := c.cost()
	next[limit.Requests]++
	if err := c.ticket.Continue(ctx, next); err != nil {
		c.limited = true
		return err
	}
	c.minutes++
	return nil
}

func (c *call) cost() limit.Amount {
	used := c.usage.Totals()
	return limit.Amount{float64(1 + c.minutes), used.ReadUnits, used.WriteUnits}
}

// settle puts what the request has cost in place of the estimate.
func (c *call) settle(ctx context.Context) {
	if c.ticket != nil {
		c.ticket.Settle(ctx, c.cost())
	}
}

// Usage returns the buckets that a caller takes from: those of its workspace
// and, where it has limits of its own, its key's.
func Usage(r *http.Request, p access.Principal) ([]limit.State, error) {
	limits := callOf(r).edge.Limits
	if limits == nil {
		return nil, nil
	}
	all, err := limits.Usage(r.Context(), p.Workspace)
	return slices.DeleteFunc(all, func(s limit.State) bool { return s.Key != "" && s.Key != p.KeyID }), err
}
