package charset

import (
	_ "embed"
	"math"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A score is how likely a text is that somebody wrote: the lower its cost, the
// likelier. Digraphs, frequent characters, case and where signs stand decide.
type score struct {
	cost   float64 // in all
	signs  int     // characters that are not ASCII
	broken int
	ascii  int
}

// average is the cost of a character that is not ASCII.
func (s score) average() float64 {
	return (s.cost - float64(s.ascii)*asciiCost) / float64(max(1, s.signs))
}

// A scorer goes through the text in a script's languages.
type scorer struct {
	score
	tally      tally
	ideographs *language // of ja, ko or zh, where the encoding is theirs
	other      float32   // cost of an ideograph that is not listed
}

// anyScorer takes letters of any language and script.
func anyScorer() *scorer { return &scorer{tally: newTally(everyLetter())} }

func (s *scorer) text(text string) score {
	before, before2 := ' ', ' '
	for i, r := range text {
		after := ' '
		if n := i + utf8.RuneLen(r); n < len(text) {
			after, _ = utf8.DecodeRuneInString(text[n:])
		}
		s.step(before2, before, r, after)
		before2, before = before, r
	}
	s.cost += s.tally.least()
	return s.score
}

func (s *scorer) step(before2, before, r, after rune) {
	if r > unicode.MaxASCII {
		s.signs++
	} else {
		s.ascii++
		s.cost += asciiCost
	}
	switch {
	case r == utf8.RuneError || isControl(r) || unicode.Is(unicode.Co, r) || !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cf, unicode.Cc):
		s.broken++
		s.cost += brokenCost
	case before <= unicode.MaxASCII && r <= unicode.MaxASCII:
	case isAlphabetic(r) || isAlphabetic(before) && r <= unicode.MaxASCII:
		s.letter(before2, before, r)
	case r <= unicode.MaxASCII:
		if isIdeographic(before) && isLetter(r) {
			s.cost += 2
			if isLetter(before2) && !isIdeographic(before2) {
				s.cost += 8 // within a word of Latin letters
			}
		}
	case isIdeographic(r):
		s.ideograph(before, r)
	default:
		if isAlphabetic(before) && hasDigraphs(before) {
			s.tally.digraph(unicode.ToLower(before), '|')
		}
		s.cost += float64(sign(before, r, after))
	}
}

// letter takes a letter of an alphabet, or what comes after one.
func (s *scorer) letter(before2, before, r rune) {
	a, b := '|', '|'
	if isLetter(before) && !isIdeographic(before) || unicode.Is(unicode.M, before) {
		a = unicode.ToLower(before)
	}
	if isLetter(r) {
		b = unicode.ToLower(r)
	}
	if a != '|' && b != '|' && unicode.Is(unicode.Latin, a) != unicode.Is(unicode.Latin, b) {
		s.cost += 6
		a = '|'
	}
	switch {
	case len(s.tally.languages) > 0 && (hasDigraphs(r) || hasDigraphs(before)):
		s.tally.digraph(a, b)
	case b == '|':
	case unicode.Is(unicode.Latin, r) && r > unicode.MaxASCII:
		s.cost += unseen
	case a != '|' && sameBlock(a, b):
		s.cost += 4
	default:
		s.cost += 8
	}
	switch {
	case a == '|' && unicode.IsUpper(r):
		s.cost += 0.5
	case a == '|' || b == '|':
	case unicode.IsLower(before) && unicode.IsUpper(r):
		s.cost += 4
	case unicode.IsUpper(before2) && unicode.IsUpper(before) && unicode.IsLower(r):
		s.cost += 4
	}
}

func (s *scorer) ideograph(before, r rune) {
	if isLetter(before) && before <= unicode.MaxASCII {
		s.cost += 2
	}
	switch {
	case isHalfKana(r):
		if !isHalfKana(before) {
			s.cost += 4
		}
		s.cost += float64(halfKana(r))
	case s.ideographs == nil:
		s.cost += float64(min(known()["ja"].character(r, 11), known()["ko"].character(r, 11), known()["zh"].character(r, 11)))
	default:
		s.cost += float64(s.ideographs.character(r, s.other))
	}
}

// halfKana is the cost of a kana of half width after another.
func halfKana(r rune) float32 {
	if strings.ContainsRune("ﾝｰｽﾄﾙﾗｲﾘｸｶﾀﾞﾟｼﾌﾅﾏｻﾃﾛｺﾚﾊﾁﾆﾐﾉｱｵﾓｷ", r) {
		return 3.3
	}
	return 5
}

// sign is the cost of what is no letter, between what stands around it.
func sign(before, r, after rune) float32 {
	edge := func(r rune) bool { return !isLetter(r) && !unicode.IsDigit(r) }
	switch {
	case unicode.Is(unicode.M, r):
		if sameBlock(before, r) {
			return 4
		}
		return unseen
	case r == '’' && isLetter(after):
		if isLetter(before) {
			return 2.5
		}
		return 3.5
	case strings.ContainsRune("“‘„«‹¿¡「『（《【", r):
		if edge(before) {
			return 3
		}
		return 7
	case strings.ContainsRune("”’»›」』）》】", r):
		if edge(after) {
			return 3
		}
		return 7
	case r == '·' && isLetter(before) && isLetter(after) && (before|0x20 != 'l' || after|0x20 != 'l'):
		return withinWord
	case strings.ContainsRune("–—…•·\u00a0、。，：！？～・；\u3000", r):
		return 3.5
	case unicode.Is(unicode.Nd, r):
		return 5 // of full width
	case strings.ContainsRune("°£€§©®™½¼¾ºª²³×₽№", r):
		if isLetter(before) && isLetter(after) && before != 'n' && before != 'N' {
			return withinWord
		}
		return 5
	case isLetter(before) && isLetter(after):
		return withinWord
	}
	return 8
}

func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7F && r < 0xA0
}

func isLetter(r rune) bool {
	return r|0x20 >= 'a' && r|0x20 <= 'z' || r > unicode.MaxASCII && unicode.IsLetter(r) && r != 'ª' && r != 'º'
}

func isIdeographic(r rune) bool {
	return r >= 0x1100 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || isHalfKana(r) || r == 'ー')
}

func isAlphabetic(r rune) bool { return r > unicode.MaxASCII && isLetter(r) && !isIdeographic(r) }

// hasDigraphs recognises letters of the scripts whose digraphs were counted.
func hasDigraphs(r rune) bool { return unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Hebrew) }

func isHalfKana(r rune) bool { return r >= 0xFF66 && r <= 0xFF9F }

func sameBlock(a, b rune) bool { return a>>8 == b>>8 }

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
