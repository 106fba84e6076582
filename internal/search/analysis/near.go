package analysis

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/search/token"
)

// Near is a word whose near terms are looked for: those that it begins like,
// is a part of or has as a part, or of which it is a misspelling, whatever its
// language.
type Near struct {
	forms  []form // as it is written, and as it is stemmed
	begins bool   // only terms that begin like it are near
}

type form struct {
	letters []rune
	set     uint64 // which letters there are, as letterSet says
}

const (
	// NearTerms is how many terms one word has near it, at most, and BesideTerms
	// one that has terms of its own; of a query with many such words each has
	// fewer, MostBeside in all, but one at least.
	NearTerms, BesideTerms, MostBeside = 6, 3, 12
	// maxShare and minShare are what near terms count of a word: the most, and
	// what would count less is not near.
	maxShare, minShare = 0.8, 0.3
	// editShare is what a misspelling counts beside an equally long beginning.
	editShare = 0.9
)

// NewNear returns the near terms of a slot's word: all, or only those that
// begin like it.
func NewNear(s Slot, all bool) *Near {
	n := &Near{begins: !all}
	for _, text := range []string{s.Word, s.Terms[0].Text} {
		letters := []rune(text)
		if len(n.forms) == 0 || string(n.forms[0].letters) != text {
			n.forms = append(n.forms, form{letters, letterSet(letters)})
		}
	}
	return n
}

// CanHave reports whether a word can have near terms: numbers, and names with
// numbers in them, and words of two letters have none.
func CanHave(s Slot) bool { return plainWord(s.Word) && utf8.RuneCountInString(s.Word) >= 3 }

// plainWord reports whether a word is of letters only.
func plainWord(word string) bool {
	for i := range len(word) {
		if c := word[i]; c < utf8.RuneSelf && (c < 'a' || 'z' < c) {
			return false
		}
	}
	return word != ""
}

// Beginning returns how the terms begin that are most likely near, with at
// least two letters, three in a longer word.
func (n *Near) Beginning() (word string, least int) {
	letters := n.forms[0].letters
	for _, f := range n.forms[1:] {
		letters = letters[:commonBeginning(letters, f.letters)]
	}
	count := min(len(letters), leastBeginning(len(n.forms[0].letters)))
	return string(letters), len(string(letters[:count]))
}

func leastBeginning(letters int) int {
	if letters <= 5 {
		return 2
	}
	return 3
}

// Elsewhere returns beginnings of near terms that do not begin like the word:
// its ending without the first letters (a word that it is made of), and
// where the mistake is in the first letters. The letters are those with which
// words may begin.
func (n *Near) Elsewhere(first []rune) []string {
	w := n.forms[0].letters
	var out []string
	for i := 1; i+4 <= len(w) && i <= maxEndings; i++ {
		out = append(out, string(w[i:]))
	}
	if len(w) < 5 {
		return out
	}
	out = append(out, string([]rune{w[1], w[0], w[2], w[3]}), string([]rune{w[0], w[2], w[1], w[3]}), string([]rune{w[0], w[2], w[3]}))
	for _, c := range first {
		out = append(out, string([]rune{c, w[1], w[2], w[3]}), string([]rune{c, w[0], w[1], w[2]}))
	}
	return out
}

// maxEndings is how many endings of a word are looked for.
const maxEndings = 12

// Share returns what a term counts of the word: 0 if it is not near, 1 at most
// if it is the word.
func (n *Near) Share(term string) float64 {
	if strings.IndexByte(term, '-') >= 0 || term == "" || '0' <= term[0] && term[0] <= '9' {
		return 0
	}
	var space [64]rune
	letters := space[:0]
	for _, r := range term {
		letters = append(letters, r)
	}
	set, share := letterSet(letters), 0.0
	for _, f := range n.forms {
		share = max(share, n.shareOf(f, letters, set))
	}
	if share < minShare {
		return 0
	}
	return share
}

// shareOf compares a form of the word with a term.
func (n *Near) shareOf(f form, term []rune, set uint64) float64 {
	w := f.letters
	short, long := min(len(w), len(term)), max(len(w), len(term))
	if short < 3 {
		return 0
	}
	common := commonBeginning(w, term)
	if n.begins && common < leastBeginning(len(w)) {
		return 0
	}
	if common == long {
		return maxShare
	}
	both := float64(short + long)
	share := 0.0
	switch {
	case common == short && (len(w) == short || short >= 4 || 10*short >= 6*long): // one begins the other
		share = maxShare * 2 * float64(short) / both
	case common >= 3 && 10*common >= leastTenths(w)*short && 2*common > long:
		share = maxShare * 2 * float64(common) / both
	case short >= 4 && 5*short >= 2*long && contains(w, term, set, f.set):
		share = maxShare * editShare * 2 * float64(short) / both
	}
	if most := maxEdits(w, term); most > 0 && long-short <= most && bits.OnesCount64(set^f.set) <= 2*most {
		if edits := distance(w[common:], term[common:], most); edits <= most {
			share = max(share, maxShare*editShare*(1-float64(edits)/float64(long)))
		}
	}
	return share
}

// leastTenths is how much of the shorter one of two words both begin with at
// least. Korean words are two syllables, often, with a particle of one, and a
// syllable is two or three letters here.
func leastTenths(word []rune) int {
	if len(word) > 0 && unicode.Is(unicode.Hangul, word[0]) {
		return 5
	}
	return 6
}

// maxEdits is how many letters may be wrong. A word of three letters of
// another alphabet may lack one: vowels are left out and put in in some.
func maxEdits(word, term []rune) int {
	switch {
	case len(word) >= 8:
		return 2
	case len(word) >= 4 && len(term) >= 4:
		return 1
	case len(word) == 3 && len(term) == 4 && word[0] >= utf8.RuneSelf:
		return 1
	}
	return 0
}

// letterSet is a set of letters by their lowest six bits.
func letterSet(letters []rune) (set uint64) {
	for _, r := range letters {
		set |= 1 << (r & 63)
	}
	return set
}

func commonBeginning(a, b []rune) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// contains reports whether one has the other as a part: as its end, as compounds
// have. (A trip is in no stripe.) In other alphabets than Latin, short words are
// put before and behind others, and so it may be in the middle.
func contains(a, b []rune, setA, setB uint64) bool {
	if setA|setB != setA && setA|setB != setB {
		return false
	}
	if len(a) < len(b) {
		a, b = b, a
	}
	from := len(a) - len(b)
	if b[0] >= utf8.RuneSelf {
		from = 0
	}
	for i := from; i+len(b) <= len(a); i++ {
		if commonBeginning(a[i:], b) == len(b) {
			return true
		}
	}
	return false
}

// distance returns how many letters have to be put in, left out, replaced, or
// swapped with the next to make b of a, or more than most.
func distance(a, b []rune, most int) int {
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 || len(b) == 0 {
		return max(len(a), len(b))
	}
	if max(len(a), len(b)) > maxCompared {
		return most + 1
	}
	var rows [3][maxCompared + 1]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, twice := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			replaced := 1
			if a[i-1] == b[j-1] {
				replaced = 0
			}
			d := min(above[j]+1, row[j-1]+1, above[j-1]+replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, twice[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > most {
			return least
		}
	}
	return rows[len(a)%3][len(b)]
}

// maxCompared is how many letters are compared at most; all words are shorter
// in most alphabets.
const maxCompared = 40

// Common reports whether a term is a stop word.
func Common(term string) bool {
	for t := range token.All(term) {
		return t.Stop && t.Term == term
	}
	return false
}
