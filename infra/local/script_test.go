package main

import (
	"testing"

	"griot/internal/api/apitest"
)

// TestScripts runs the APIs' plain-text scripts against the whole program.
func TestScripts(t *testing.T) {
	s := start(t, t.TempDir())
	apitest.RunAll(t, s.Base, map[string]string{
		"KEY": s.env.First.Key, "KEY2": s.env.Second.Key, "PROJECT_A": s.env.ProjectA, "PROJECT_B": s.env.ProjectB,
	})
}

// TestQuotas runs the scripts of quotas, which the operator has set.
func TestQuotas(t *testing.T) {
	s := start(t, t.TempDir())
	apitest.RunQuotas(t, s.Base, func(args ...string) string { return command(t, s.data, args...) })
}
