package topic

import (
	"math/rand/v2"
	"testing"
)

// The short way of folding comes to what the long one does.
func TestFoldShort(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		name := make([]byte, rnd.IntN(12))
		for i := range name {
			name[i] = byte(rnd.IntN(128))
		}
		if got, want := Fold(string(name)), foldAny(string(name)); got != want {
			t.Fatalf("%q is folded to %q, want %q", name, got, want)
		}
	}
}
