package api

import (
	"context"
	"net/http"
	"strings"

	"griot/internal/access"
	"griot/internal/errs"
)

// bearer returns the key that a request carries, or "".
func bearer(r *http.Request) string {
	scheme, key, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// hold has a request whose key was refused wait its turn among those of its
// address, before any of its body is read. When too many wait there already, its
// connection ends with its answer. Who has a key waits for nobody, whatever else
// comes from its address.
func (e *edge) hold(w http.ResponseWriter, r *http.Request, err error) {
	if e.Strangers == nil || !errs.Is(err, errs.Unauthenticated) {
		return
	}
	if !e.Strangers.Hold(r.Context(), r.RemoteAddr) {
		w.Header().Set("Connection", "close")
	}
}

// Reverify looks the key of a request up again, for answers that take so long
// that it may have been revoked, and charges what they have cost so far.
// It is called once a minute.
func Reverify(ctx context.Context, r *http.Request) (access.Principal, error) {
	c := callOf(r)
	p, err := c.edge.Verify(ctx, bearer(r))
	if err != nil {
		return p, err
	}
	return p, c.minute(ctx)
}
