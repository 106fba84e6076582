package main

import (
	"testing"

	"griot/internal/api/apitest"
)

// TestScripts runs the API's plain-text scripts against the whole program.
func TestScripts(t *testing.T) {
	s := start(t, t.TempDir())
	apitest.Run(t, s.base, map[string]string{
		"KEY": s.first.key, "KEY2": s.second.key, "PROJECT_A": s.projectA, "PROJECT_B": s.projectB,
	})
}
