package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"sync"
	"time"

	"griot/internal/access"
	"griot/internal/table"
)

// Process describes the running program to the health endpoints.
type Process struct {
	Version string
	Started time.Time
	Now     func() time.Time
}

// uptime is in whole seconds.
func (p Process) uptime() int64 { return int64(p.Now().Sub(p.Started).Seconds()) }

type livezResponse struct {
	Status string `json:"status" is:"of:alive"`
	// Of the build.
	Version string `json:"version"`
	// Seconds.
	Uptime int64       `json:"uptime"`
	APIs   apiVersions `json:"apis"`
}

type apiVersions struct {
	// As `info.version` of `/v1/openapi.json`.
	Sessions string `json:"sessions"`
	// As `info.version` of `/api/openapi.json`.
	Conversations string `json:"conversations"`
}

// Livez says that the process answers, and what it speaks; it touches nothing
// else.
func Livez(p Process) Endpoint {
	return Endpoint{
		Name: "livez-get", Method: http.MethodGet, Path: "/livez", Public: true, Answer: reflect.TypeFor[livezResponse](),
		Serve: func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
			return WriteJSON(w, r, http.StatusOK, livezResponse{"alive", p.Version, p.uptime(), apiVersions{SessionsVersion, ConversationsVersion}})
		},
	}
}

type healthResponse struct {
	Status    string `json:"status" is:"of:healthy|degraded|unhealthy"`
	Timestamp string `json:"timestamp" is:"as:time"`
	// Of the build.
	Version string `json:"version"`
	// Seconds.
	Uptime int64                  `json:"uptime"`
	Checks map[string]healthCheck `json:"checks"`
}

type healthCheck struct {
	Status string `json:"status" is:"of:up|down"`
	// Milliseconds.
	ResponseTime int64 `json:"responseTime"`
	// What is wrong.
	Message string `json:"message,omitempty"`
}

// Part is something of a host that may fail while the service goes on in
// part, such as writes to its disk: then it is degraded.
type Part struct {
	Name string
	// Check says what is wrong, in an [errs.Error] for everybody to read. It
	// answers at once.
	Check func() error
}

// check runs the check.
func (p Part) check() healthCheck {
	err := p.Check()
	if err == nil {
		return healthCheck{Status: "up"}
	}
	return healthCheck{Status: "down", Message: public(err).Message}
}

const (
	// checkEvery bounds what a public path can make the table do.
	checkEvery   = time.Second
	checkTimeout = 2 * time.Second
)

// Health says whether the table answers: 200, or 503 when it does not. A part
// that fails makes the service degraded, which is 200.
func Health(p Process, store table.Store, parts ...Part) Endpoint {
	check := &tableCheck{store: store, now: p.Now}
	return Endpoint{
		Name: "health-get", Method: http.MethodGet, Path: "/health", Public: true, Answer: reflect.TypeFor[healthResponse](),
		Serve: func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
			checks := map[string]healthCheck{"table": check.result(r.Context())}
			for _, part := range parts {
				checks[part.Name] = part.check()
			}
			status, word := verdict(checks)
			return WriteJSON(w, r, status, healthResponse{
				Status: word, Version: p.Version, Uptime: p.uptime(),
				Timestamp: p.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
				Checks:    checks,
			})
		},
	}
}

// verdict is the status of an answer with these checks, and its word.
func verdict(checks map[string]healthCheck) (status int, word string) {
	status, word = http.StatusOK, "healthy"
	for _, c := range checks {
		if c.Status == "down" {
			word = "degraded"
		}
	}
	if checks["table"].Status == "down" {
		status, word = http.StatusServiceUnavailable, "unhealthy"
	}
	return status, word
}

type systemHealthResponse struct {
	Data systemHealth `json:"data"`
}

type systemHealth struct {
	Status   string      `json:"status" is:"of:healthy|degraded|unhealthy"`
	Database healthCheck `json:"database"`
	// Seconds.
	Uptime int64 `json:"uptime"`
}

// SystemHealth says the same to those who have a key, in the shape of the
// conversations API.
func SystemHealth(p Process, store table.Store, parts ...Part) Endpoint {
	check := &tableCheck{store: store, now: p.Now}
	return Endpoint{
		Name: "system-health", Method: http.MethodGet, Path: "/api/system/health", Answer: reflect.TypeFor[systemHealthResponse](),
		Serve: func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
			checks := map[string]healthCheck{"table": check.result(r.Context())}
			for _, part := range parts {
				checks[part.Name] = part.check()
			}
			status, word := verdict(checks)
			return WriteJSON(w, r, status, systemHealthResponse{systemHealth{word, checks["table"], p.uptime()}})
		},
	}
}

// tableCheck remembers its last result for checkEvery.
type tableCheck struct {
	store table.Store
	now   func() time.Time

	mu   sync.Mutex
	at   time.Time
	last healthCheck
}

func (c *tableCheck) result(ctx context.Context) healthCheck {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.at.IsZero() && c.now().Sub(c.at) < checkEvery {
		return c.last
	}
	// Not the request's own context: others wait for the same result.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout)
	defer cancel()
	begun := c.now()
	_, err := c.store.Get(ctx, table.Key{Table: table.Access, PK: "health", SK: "health"}, table.Eventual)
	c.at = c.now()
	c.last = healthCheck{Status: "up", ResponseTime: c.at.Sub(begun).Milliseconds()}
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		c.last.Status = "down"
	}
	return c.last
}
