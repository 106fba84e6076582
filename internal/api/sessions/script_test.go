package sessions_test

import (
	"testing"
	"time"

	"griot/internal/api/apitest"
	"griot/internal/api/sessions"
)

func TestScripts(t *testing.T) {
	w := newWorld(t, sessions.Streams{Poll: 10 * time.Millisecond})
	apitest.Run(t, w.base, w.vars)
}

func TestBounds(t *testing.T) {
	w := newWorld(t, sessions.Streams{Poll: 10 * time.Millisecond})
	apitest.Bounds(t, w.base, "/v1/", w.vars, 1)
}
