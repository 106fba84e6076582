package conversations_test

import (
	"testing"

	"griot/internal/api/apitest"
)

func TestScripts(t *testing.T) {
	w := newWorld(t)
	apitest.RunConversations(t, w.base, w.vars)
}

func TestBounds(t *testing.T) {
	w := newWorld(t)
	apitest.Bounds(t, w.base, "/api/", w.vars, 1)
}
