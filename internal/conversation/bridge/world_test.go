package bridge_test

import (
	"testing"

	"griot/internal/conversation/conversationtest"
)

// world is everything that belongs to conversations, with a caller.
type world struct{ *conversationtest.World }

func newWorld(t testing.TB) *world {
	t.Helper()
	return &world{conversationtest.New(t)}
}

// session is a session of a world.
type session struct {
	*conversationtest.Session
	w *world
}

func newSession(w *world) *session { return &session{conversationtest.NewSession(w.World), w} }
