package main

import (
	"net/http/httptest"
	"os"
	"testing"

	"griot/infra/deploy/smoke"
	"griot/internal/setup"
)

// TestSmoke is what a deployment is asked: on an account only the address is
// another one. It has the stage in it, as it has there without a domain.
func TestSmoke(t *testing.T) {
	s := start(t)
	c, err := setup.Stack(os.Getenv, s.h.options.stack)
	ok(t, err)
	front := httptest.NewServer(s.h.gateway.Staged())
	t.Cleanup(front.Close)
	base := front.URL + "/" + s.h.place.Parameters["Stage"]
	target, err := smoke.Stack(c, s.h.place.Bucket(), base, s.h.place.Parameters["Version"])
	ok(t, err)
	ok(t, smoke.Run(t.Context(), target, t.Output()))
}
