package speech

import "testing"

func TestWER(t *testing.T) {
	for _, test := range []struct {
		said, heard string
		want        float64
	}{
		{"", "", 0},
		{"Stop the pump.", "stop, the pump", 0},
		{"stop the pump", "", 1},
		{"stop the pump", "stop that pump", 1.0 / 3},
		{"stop the pump now", "stop pump now", 0.25},
		{"stop the pump", "do stop the old pump", 2.0 / 3},
		{"stop", "we never said that", 4},
		{"it's the pump", "its the pump", 1.0 / 3},
	} {
		if got := WER(test.said, test.heard); got != test.want {
			t.Errorf("WER(%q, %q) = %v, want %v", test.said, test.heard, got, test.want)
		}
	}
}
