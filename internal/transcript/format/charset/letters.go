package charset

import (
	_ "embed"
	"math"
	"strings"
	"sync"
	"unicode"
)

// Costs are negative natural logarithms of probabilities, roughly.
const (
	unseen     = 11.5 // digraphs that no list has
	foreign    = 2    // more for a digraph of another language
	withinWord = 16   // a sign that has no place there
	asciiCost  = 2.5
	brokenCost = 40
)

// lettersTxt is what gen.go has counted. A language that has a list of its
// characters begins with `ja *`, and each line then has a cost and those that
// cost as much. One with an alphabet begins with its letters and | for the
// edges of words, and has a line for each of them: what each letter costs after
// it, but for those of ASCII after another. Costs are digits to base 36, in
// halves.
//
//go:embed letters.txt
var lettersTxt string

// A language is how frequent its characters are.
type language struct {
	alphabet   [0x600]uint8 // position from 1 of a letter
	digraphs   [][]float32  // of two positions
	characters map[rune]float32
}

// known has the languages by their tags.
var known = sync.OnceValue(func() map[string]*language {
	all := map[string]*language{}
	var now *language
	var letters []rune
	for line := range strings.Lines(lettersTxt) {
		line = strings.TrimSuffix(line, "\n")
		tag, head, begins := strings.Cut(line, " ")
		switch {
		case begins && head == "*":
			now = &language{characters: map[rune]float32{}}
			all[tag] = now
		case begins:
			now, letters = &language{}, []rune(head)
			now.digraphs = make([][]float32, len(letters)+1)
			for i, r := range letters {
				now.alphabet[r] = uint8(i + 1)
			}
			all[tag] = now
		case now.characters != nil:
			row := []rune(line)
			for _, r := range row[1:] {
				now.characters[r] = costOf(row[0])
			}
		default:
			now.addRow(letters, []rune(line))
		}
	}
	return all
})

func (l *language) addRow(letters, row []rune) {
	costs := make([]float32, len(letters)+1)
	n := 1
	for i, b := range letters {
		costs[i+1] = asciiCost
		if row[0] > unicode.MaxASCII || b > unicode.MaxASCII {
			costs[i+1] = costOf(row[n])
			n++
		}
	}
	l.digraphs[l.alphabet[row[0]]] = costs
}

func costOf(digit rune) float32 {
	if digit >= 'a' {
		return float32(digit-'a'+10) / 2
	}
	return float32(digit-'0') / 2
}

// digraph is the cost of b after a, which are letters or |.
func (l *language) digraph(a, b rune) float32 {
	if a >= rune(len(l.alphabet)) || b >= rune(len(l.alphabet)) || l.alphabet[a] == 0 || l.alphabet[b] == 0 {
		return unseen
	}
	return min(unseen, l.digraphs[l.alphabet[a]][l.alphabet[b]])
}

// character is the cost of one of a list, or of any other of its script.
func (l *language) character(r rune, other float32) float32 {
	if c, ok := l.characters[r]; ok {
		return c
	}
	return other
}

// everyLetter has the languages with alphabets.
var everyLetter = sync.OnceValue(func() (all []*language) {
	for _, l := range known() {
		if l.digraphs != nil {
			all = append(all, l)
		}
	}
	return all
})

// tally adds up what a text costs in each of several languages.
type tally struct {
	languages []*language
	costs     []float64
}

func newTally(l []*language) tally { return tally{l, make([]float64, len(l))} }

func (t tally) digraph(a, b rune) {
	least := float32(unseen)
	for _, l := range t.languages {
		least = min(least, l.digraph(a, b))
	}
	for i, l := range t.languages {
		t.costs[i] += float64(min(l.digraph(a, b), least+foreign))
	}
}

// least is the cost in the language that explains the text best.
func (t tally) least() float64 {
	c := math.Inf(1)
	for _, v := range t.costs {
		c = min(c, v)
	}
	if len(t.costs) == 0 {
		return 0
	}
	return c
}
