package memory_test

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
