package token

import (
	"fmt"
	"hash/fnv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A compound is words that are written without spaces between them: an
// identifier, a number with its points, a path, an address. Its words are
// pieces; what joins them binds them more or less tightly, so that a compound
// has wholes in it: in src/user-profile.ts "userprofile", "userprofilets" and
// "srcuserprofilets".

// maxPieces is how many pieces a compound has; what follows is another.
const maxPieces = 32

// piece is a word of a compound.
type piece struct {
	start, end int
	join       string // what joins it to the one before
	binds      int    // how tightly: 0 is the most tight
	term       string
	stop       bool
}

// How tightly pieces are joined.
const (
	number = iota // 1.2.3, 1,234
	word          // user_id, e-mail, getUser, the parts of a Persian word
	name          // node.js, example.com
	path          // src/main, anna@example.com, https://example.com
	levels
)

// compound yields the compound that begins with a word.
func (w *walker) compound(start, end int) (from int, more bool) {
	w.sentence.begin(w.text, start)
	pieces := w.split(w.pieces[:0], start, end, piece{})
	for len(pieces) < maxPieces {
		next, size, found := w.joined(pieces)
		if !found {
			break
		}
		end = wordEnd(w.text, next.start+size)
		pieces = w.split(pieces, next.start, end, next)
	}
	switch pieces = w.normalised(pieces); len(pieces) {
	case 0:
		more = true
	case 1:
		more = w.word(pieces[0], false, true)
	default:
		more = w.wholes(pieces)
	}
	w.sentence.over(w.text, start, end)
	return end, more
}

// normalised returns the pieces with their terms, without those of which nothing
// is left.
func (w *walker) normalised(pieces []piece) []piece {
	n := 0
	for _, p := range pieces {
		if p.term, p.stop = normalise(w.text[p.start:p.end]); p.term != "" {
			pieces[n] = p
			n++
		}
	}
	return pieces[:n]
}

// joined returns the piece that is joined to the last one, and the size of its
// first letter.
func (w *walker) joined(pieces []piece) (next piece, size int, found bool) {
	end := pieces[len(pieces)-1].end
	rest := w.text[end:]
	if rest == "" || rest[0] == ' ' {
		return piece{}, 0, false
	}
	r, size := utf8.DecodeRuneInString(rest)
	join := rest[:size]
	if strings.HasPrefix(rest, "://") {
		join = rest[:len("://")]
	}
	start := end + len(join)
	if start >= len(w.text) {
		return piece{}, 0, false
	}
	kind, size := classAt(w.text, start)
	if kind != letter {
		return piece{}, 0, false
	}
	next = piece{start: start, join: join}
	switch r {
	case '-', '_', '‐', '‑', '־', zwnj:
		next.binds = word
	case '.':
		next.binds = name
		if digitAt(w.text, end-1) && digitAt(w.text, start) {
			next.binds = number
		}
	case ',':
		next.binds = number
		return next, size, thousands(w.text, pieces, start)
	case '/', '\\', '@', ':', '?', '=', '&', '#', '%', '~', '+':
		next.binds = path
	default:
		return piece{}, 0, false
	}
	return next, size, true
}

func digitAt(text string, i int) bool { return '0' <= text[i] && text[i] <= '9' }

// thousands reports whether three digits follow a comma, and at most three are
// before it.
func thousands(text string, pieces []piece, start int) bool {
	last := pieces[len(pieces)-1]
	if n := last.end - last.start; n > 3 || len(pieces) > 1 && (last.join != "," || n != 3) || !digits(text[last.start:last.end]) {
		return false
	}
	end := wordEnd(text, start)
	return end-start == 3 && digits(text[start:end])
}

func digits(word string) bool {
	for i := range len(word) {
		if !digitAt(word, i) {
			return false
		}
	}
	return true
}

// split appends the pieces of a word whose parts begin with capitals, as in
// getUserProfile and HTMLPage. None has a single letter (iPhone), and capitals
// with an s are a plural (URLs).
func (w *walker) split(pieces []piece, start, end int, first piece) []piece {
	first.start, first.end = start, end
	text := w.text[start:end]
	if len(text) > maxWord || !mixed(text) {
		return append(pieces, first)
	}
	runes, at := []rune(text), start
	last := 0 // the beginning of the piece
	for i, r := range runes {
		if i-last >= 2 && len(runes)-i >= 2 && len(pieces) < maxPieces-1 && boundary(runes, i) {
			first.end = at
			pieces = append(pieces, first)
			first, last = piece{start: at, end: end, binds: word}, i
		}
		at += utf8.RuneLen(r)
	}
	return append(pieces, first)
}

// mixed reports whether there is a capital in a word behind a small letter, or
// a small letter behind two capitals.
func mixed(word string) bool {
	capitals, small := 0, false
	for i := range len(word) {
		c := word[i]
		switch {
		case c >= utf8.RuneSelf:
			return utf8.ValidString(word)
		case 'A' <= c && c <= 'Z':
			if small {
				return true
			}
			capitals++
		case 'a' <= c && c <= 'z':
			if capitals >= 2 {
				return true
			}
			small = true
		}
	}
	return false
}

// boundary reports whether a part of a word begins at i: a capital behind a
// small letter, or before one and behind a capital.
func boundary(word []rune, i int) bool {
	if !unicode.IsUpper(word[i]) {
		return false
	}
	if unicode.IsLower(word[i-1]) {
		return true
	}
	plural := i+2 == len(word) && word[i+1] == 's'
	return unicode.IsUpper(word[i-1]) && i+1 < len(word) && unicode.IsLower(word[i+1]) && !plural
}

// wholes yields the pieces of a compound, before each the wholes that begin
// with it.
func (w *walker) wholes(pieces []piece) bool {
	covered := 0
	for i, p := range pieces {
		for level := levels - 1; level >= 0; level-- {
			if i > 0 && p.binds <= level {
				continue // it is inside one of this level
			}
			end := groupEnd(pieces, i, level)
			term := w.whole(pieces[i:end], level)
			if term == "" {
				continue
			}
			covered = max(covered, end)
			if !w.yield(Token{Term: term, Spans: end - i, Start: p.start, End: pieces[end-1].end}) {
				return false
			}
		}
		named := i == 0 || p.join == "-" || p.join == "/"
		if !w.word(p, i < covered, named) {
			return false
		}
	}
	return true
}

// groupEnd returns where the pieces end that are joined to the i-th as tightly
// as level says, or more.
func groupEnd(pieces []piece, i, level int) int {
	end := i + 1
	for end < len(pieces) && pieces[end].binds <= level {
		end++
	}
	return end
}

// whole returns the term of pieces that are joined at a level; "" if none is at
// that, or nothing would be looked for by it.
func (w *walker) whole(pieces []piece, level int) string {
	if level == path && len(pieces) > 1 && pieces[1].join == "://" {
		pieces = pieces[1:]
	}
	if level >= name && len(pieces) > 2 && pieces[1].join == "." && strings.EqualFold(w.text[pieces[0].start:pieces[0].end], "www") {
		pieces = pieces[1:]
	}
	at, numbers, letters := false, true, true
	for i, p := range pieces {
		text := w.text[p.start:p.end]
		at = at || i > 0 && p.binds == level
		numbers = numbers && digits(text)
		letters = letters && len(text) == 1 && !digits(text)
	}
	if !at || w.date(pieces) || level == word && numbers && !longNumber(pieces) {
		return ""
	}
	var b strings.Builder
	for i, p := range pieces {
		text := w.text[p.start:p.end]
		if i == 0 && level == number && len(text) > 1 && (text[0] == 'v' || text[0] == 'V') && digitAt(text, 1) {
			text = text[1:]
		}
		if i > 0 && keeps(w.text, p) {
			b.WriteString(p.join)
		}
		b.WriteString(bare(text))
	}
	low := b.String()
	if stopWords()[low] {
		if !letters {
			return ""
		}
		return Name(low)
	}
	return stem(shorten(low))
}

// keeps reports whether what joins a piece to the one before tells it from
// others: between digits, but for commas and hyphens.
func keeps(text string, p piece) bool {
	if p.binds == word || p.join == "," || len(p.join) != 1 {
		return false
	}
	return digitAt(text, p.start-2) && digitAt(text, p.start)
}

// date reports whether pieces begin like a date, which has terms of its own.
func (w *walker) date(pieces []piece) bool {
	return len(pieces) > 1 && pieces[1].join == "-" &&
		yearOf(w.text[pieces[0].start:pieces[0].end]) > 0 && numberOf(w.text[pieces[1].start:pieces[1].end], 12) > 0
}

// longNumber reports whether digits with hyphens are one number, of a telephone
// or a book, rather than a range.
func longNumber(pieces []piece) bool {
	n := 0
	for _, p := range pieces {
		n += p.end - p.start
	}
	return len(pieces) > 2 && n >= 7
}

// shorten returns a word that is short enough for a term: of a longer one its
// beginning, with a number that tells it from others that begin so.
func shorten(whole string) string {
	if len(whole) <= maxWord {
		return whole
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(whole)) // never fails
	const digits = 16
	beginning := whole[:maxWord-1-digits]
	for !utf8.ValidString(beginning) {
		beginning = beginning[:len(beginning)-1]
	}
	return fmt.Sprintf("%s~%016x", beginning, h.Sum64())
}

// word yields a piece as a word, and before it what else it is known by.
func (w *walker) word(p piece, part, named bool) bool {
	term := p.term
	switch {
	case p.stop && named:
		if !w.extra(w.name(p.start, p.end), 1, p.start, p.end) {
			return false
		}
	case !p.stop && !part:
		if !w.extra(w.signed(p), 1, p.start, p.end) || !w.particle(term, p.start, p.end) {
			return false
		}
	}
	if !p.stop {
		var other string
		if term, other = spoken(w.text[p.start:p.end], term); other != "" && !w.extra(other, 1, p.start, p.end) {
			return false
		}
		if !w.syllables(p.start, p.end) {
			return false
		}
	}
	return w.yield(Token{Term: term, Stop: p.stop, Part: part, Start: p.start, End: p.end})
}

// signed returns the term of a short word that is another one with the signs
// behind it: C++, F#.
func (w *walker) signed(p piece) string {
	const short = 2
	if p.end-p.start > short {
		return ""
	}
	rest := w.text[p.end:]
	for _, sign := range []string{"++", "#"} {
		if after, is := strings.CutPrefix(rest, sign); is {
			if after == "" || classOf(rune(after[0])) != letter {
				return p.term + sign
			}
		}
	}
	return ""
}
