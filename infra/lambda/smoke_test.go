package main

import (
	"os"
	"testing"

	"griot/infra/deploy/smoke"
	"griot/internal/setup"
)

// TestSmoke is what a deployment is asked: on an account only the address is
// another one.
func TestSmoke(t *testing.T) {
	s := start(t)
	c, err := setup.Stack(os.Getenv, s.h.options.stack)
	ok(t, err)
	target, err := smoke.Stack(c, s.h.place.Bucket(), s.Base, s.h.place.Parameters["Version"])
	ok(t, err)
	ok(t, smoke.Run(t.Context(), target, t.Output()))
}
