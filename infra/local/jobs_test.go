package main

import (
	"testing"

	"griot/internal/queue"
)

// A queue without hands would only grow.
func TestEveryQueueHasHands(t *testing.T) {
	for _, name := range queue.Names {
		if h := crew[name]; h.share < 1 || h.all < h.share {
			t.Errorf("%s has the hands %+v", name, h)
		}
	}
}
