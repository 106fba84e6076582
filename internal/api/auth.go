package api

import (
	"context"
	"net/http"
	"strings"

	"griot/internal/access"
)

// bearer returns the key that a request carries, or "".
func bearer(r *http.Request) string {
	scheme, key, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
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
