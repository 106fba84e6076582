package linear

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fruits are told apart by their colours; one of them is mislabelled.
func fruits() (all []Example) {
	for i := range 40 {
		colour, class := "green", 0
		switch i % 4 {
		case 1:
			colour, class = "yellow", 1
		case 3:
			colour, class = "red", 2
		}
		if i == 8 {
			class = 2
		}
		all = append(all, Example{Features: []Feature{{Key("colour", colour), 1}, {Key("one"), 1}}, Class: class})
	}
	return all
}

func TestLearn(t *testing.T) {
	how := Learning{Bits: 8, Classes: 3, Rounds: 20, Rate: 0.1, Decay: 1e-4}
	m := Learn(fruits(), how)
	for want, colour := range []string{"green", "yellow", "red"} {
		chances := Softmax(m.Scores([]Feature{{Key("colour", colour), 1}, {Key("one"), 1}}))
		if chances[want] < 0.7 {
			t.Errorf("%s: chances %v, want the one of class %d high", colour, chances, want)
		}
	}
	if string(m.Encode()) != string(Learn(fruits(), how).Encode()) {
		t.Error("the same examples give two models")
	}
}

func TestLearnOneClass(t *testing.T) {
	var all []Example
	for i := range 20 {
		all = append(all, Example{Features: []Feature{{Key("even"), float64((i + 1) % 2)}, {Key("one"), 1}}, Class: (i + 1) % 2})
	}
	m := Learn(all, Learning{Bits: 6, Classes: 1, Rounds: 30, Rate: 0.2})
	even, odd := m.Score([]Feature{{Key("even"), 1}, {Key("one"), 1}}), m.Score([]Feature{{Key("one"), 1}})
	if Sigmoid(even) < 0.8 || Sigmoid(odd) > 0.2 {
		t.Errorf("even is 1 with a chance of %.2f, odd of %.2f", Sigmoid(even), Sigmoid(odd))
	}
}

// TestLearnOr shows that an example of which two classes may be right speaks
// against the third, and that the others tell which of the two it is.
func TestLearnOr(t *testing.T) {
	ripe, sweet := Feature{Key("ripe"), 1}, Feature{Key("sweet"), 1}
	var all []Example
	for range 20 {
		all = append(all,
			Example{Features: []Feature{ripe, sweet}, Class: 0, Or: []int{1}},
			Example{Features: []Feature{sweet}, Class: 1},
			Example{Features: []Feature{}, Class: 2})
	}
	m := Learn(all, Learning{Bits: 6, Classes: 3, Rounds: 20, Rate: 0.1})
	if got := Softmax(m.Scores([]Feature{ripe, sweet})); got[1] < 0.6 || got[2] > 0.1 {
		t.Errorf("chances %.2v, want the second class likely and the third not", got)
	}
}

func TestEncode(t *testing.T) {
	m := newModel(3, 2)
	copy(m.weights, []float32{0, 1.27, -1.27, 0.014, -0.3})
	got, err := Decode(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{0, 1.27, -1.27, 0.01, -0.3}
	near := cmp.Comparer(func(a, b float32) bool { return a-b < 1e-5 && b-a < 1e-5 })
	if diff := cmp.Diff(want, got.weights[:5], near); diff != "" {
		t.Error(diff)
	}
	if string(got.Encode()) != string(m.Encode()) {
		t.Error("what is decoded is encoded otherwise")
	}
}

func TestDecodeBroken(t *testing.T) {
	whole := newModel(4, 1).Encode()
	huge := Model{bits: maxBits + 1, classes: 1, weights: nil}
	for name, data := range map[string][]byte{"none": nil, "no gzip": []byte("weights"), "cut off": whole[:len(whole)/2], "huge": huge.Encode()} {
		if _, err := Decode(data); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestKey(t *testing.T) {
	if Key("ab", "c") == Key("a", "bc") || Key("a") == Key("a", "") {
		t.Error("other parts give the same key")
	}
}
