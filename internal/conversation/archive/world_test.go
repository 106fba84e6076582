package archive_test

import (
	"testing"

	"griot/internal/conversation/archive"
	"griot/internal/conversation/conversationtest"
)

// world is everything that belongs to conversations, with a caller.
type world struct{ *conversationtest.World }

func newWorld(t testing.TB) *world {
	t.Helper()
	return &world{conversationtest.New(t)}
}

func (w *world) archives() *archive.Service {
	return &archive.Service{Conversations: w.Conversations}
}
