package engine

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript/format/turn"
)

// A piece is a stretch of speech: an utterance, a word, a mark. One without
// text only says who speaks when.
type piece struct {
	text             string
	from, to         float64
	voice            int32
	fromKind, toKind momentKind
	glue             glue
}

// glue says how a word is written beside others.
type glue uint8

const (
	mark      glue = 1 << iota // punctuation, without a space before it
	opening                    // punctuation, without a space after it
	spaced                     // the file has a space before it
	spaceNext                  // the file has a space after it
)

const punctuation = ".,!?;:…()[]{}«»“”„\"'’‘¿¡-–—。，！？、；：「」『』（）؟،۔।"

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// endsMark recognises a character that ends the punctuation behind a word.
func endsMark(r rune) bool {
	return unicode.IsSpace(r) || isLetter(r) || strings.ContainsRune("¿¡(«“„「『（", r)
}

// isMarkText recognises a punctuation mark that follows a word.
func isMarkText(s string) bool {
	if s == "" || len(s) > 6 || s[0] >= '0' && s[0] <= '9' || s[0] >= 'A' && s[0] <= 'Z' || s[0] >= 'a' && s[0] <= 'z' {
		return false
	}
	return strings.Trim(s, ".,!?;:…)]}»”’%。，！？、；：؟،۔।") == ""
}

func isSpace(s string) bool { return s != "" && turn.IsBlank(s) }

// utterance is a turn under construction.
type utterance struct {
	text             strings.Builder
	voice            int32
	from, to         float64
	fromKind, toKind momentKind
	last             rune
	glue             glue // of the last word
	asWritten        bool // the words come with their spaces
}

func (u *utterance) endsBefore(w piece) bool {
	if u.text.Len() == 0 || w.glue&mark != 0 {
		return false
	}
	if w.voice != u.voice {
		return true
	}
	if u.asWritten && !u.spaceBefore(w) { // within a word
		return false
	}
	pause := 0.0
	if u.toKind != none && w.fromKind != none {
		pause = w.from - u.to
	}
	return turn.EndsAt(int64(pause), u.last, u.text.Len())
}

func (u *utterance) spaceBefore(w piece) bool {
	if u.asWritten {
		return w.glue&spaced != 0 || u.glue&spaceNext != 0
	}
	first, _ := utf8.DecodeRuneInString(w.text)
	return w.glue&mark == 0 && u.glue&opening == 0 && !(turn.Unspaced(u.last) && turn.Unspaced(first))
}

func (u *utterance) add(w piece) {
	if w.text == "" {
		return
	}
	if u.text.Len() == 0 {
		u.voice, u.from, u.fromKind, u.toKind = w.voice, w.from, w.fromKind, none
	} else if u.spaceBefore(w) {
		u.text.WriteByte(' ')
	}
	u.text.WriteString(w.text)
	u.last, _ = utf8.DecodeLastRuneInString(w.text)
	u.glue = w.glue
	if w.toKind != none && (u.toKind == none || w.to > u.to) {
		u.to, u.toKind = w.to, w.toKind
	}
	if u.fromKind == none {
		u.from, u.fromKind = w.from, w.fromKind
	}
}

// flush appends the turn, if it has words, and starts another.
func (u *utterance) flush(to []piece) []piece {
	if u.text.Len() == 0 {
		return to
	}
	p := piece{text: u.text.String(), voice: u.voice, from: u.from, to: u.to, fromKind: u.fromKind, toKind: u.toKind}
	*u = utterance{asWritten: u.asWritten}
	return append(to, p)
}

// joined is the text of words.
func joined(words []piece) string {
	u := utterance{asWritten: spacesWritten(words)}
	for _, w := range words {
		u.add(w)
	}
	return u.text.String()
}

// spacesWritten recognises words that come with their spaces, so that there are
// none between the parts of one.
func spacesWritten(words []piece) bool {
	n := 0
	for i, w := range words {
		if i > 0 && w.glue&spaced != 0 || i < len(words)-1 && w.glue&spaceNext != 0 {
			n++
		}
	}
	return n > 0 && n*5 >= len(words)-1
}

// spell gives words the punctuation of their text; words of another text stay as
// they are.
func spell(text string, words []piece) bool {
	if len(text) == 0 {
		return false
	}
	ends := make([]int, len(words))
	at := 0
	for i, w := range words {
		letters := strings.Trim(w.text, punctuation)
		if letters == "" {
			ends[i] = at
			continue
		}
		from := at
		for {
			if at+len(letters) > len(text) || at-from > 16 {
				return false
			}
			if strings.EqualFold(text[at:at+len(letters)], letters) {
				break
			}
			_, n := utf8.DecodeRuneInString(text[at:])
			if strings.IndexFunc(text[at:at+n], isLetter) >= 0 {
				return false
			}
			at += n
		}
		at += len(letters)
		if k := strings.IndexFunc(text[at:], endsMark); k >= 0 {
			at += k
		} else {
			at = len(text)
		}
		ends[i] = at
	}
	from := 0
	for i := range words {
		s := text[from:ends[i]]
		from = ends[i]
		trimmed := strings.TrimSpace(s)
		words[i].text = trimmed
		words[i].glue &^= mark | opening | spaceNext | spaced
		if trimmed != s {
			words[i].glue |= spaced
		}
	}
	return true
}

// cutWords makes turns of the words of a list, whose times are settled. Words
// without a voice belong to the turn around them.
func (c *contents) cutWords(l *list) []piece {
	var turns []piece
	cur := utterance{asWritten: spacesWritten(l.pieces)}
	several := c.voices.channelsIn(l.pieces) > 1
	for i, g := range l.groups {
		end := len(l.pieces)
		if i+1 < len(l.groups) {
			end = l.groups[i+1].start
		}
		words := l.pieces[g.start:end]
		if several {
			slices.SortStableFunc(words, func(a, b piece) int {
				return cmp.Compare(c.voices.known[a.voice].channelID, c.voices.known[b.voice].channelID)
			})
		}
		for _, w := range words {
			if cur.text.Len() > 0 && !c.voices.known[w.voice].marked() && c.voices.known[w.voice].channelID == c.voices.known[cur.voice].channelID {
				w.voice = cur.voice
			}
			if cur.endsBefore(w) {
				turns = cur.flush(turns)
			}
			cur.add(w)
		}
		turns = cur.flush(turns)
	}
	if several {
		sortByStart(turns)
	}
	return turns
}

// giveVoices gives the words or utterances of l the voices of spans, which say who
// speaks when and nothing else: Amazon Transcribe, Watson and those who run a
// diarization beside a recogniser have them apart from the words. Words become
// turns by spans, each with its times, unless these are about as many as the
// words.
func (c *contents) giveVoices(l *list, spans []piece, words bool) []piece {
	sortByStart(spans)
	if !words {
		overlap(l.pieces, spans)
		return l.pieces
	}
	bySpan := len(spans)*2 <= len(l.pieces)
	cur := utterance{asWritten: spacesWritten(l.pieces)}
	var turns []piece
	i := 0
	flush := func() {
		n := len(turns)
		if turns = cur.flush(turns); len(turns) > n {
			s := spans[i]
			s.text = turns[n].text
			turns[n] = s
		}
	}
	for n := range l.pieces {
		w := &l.pieces[n]
		next := i
		for w.glue&mark == 0 && w.fromKind != none && next+1 < len(spans) && spans[next+1].from <= w.from {
			next++
		}
		if next != i && bySpan {
			flush()
		}
		i = next
		w.voice = spans[i].voice
		cur.add(*w)
	}
	if !bySpan {
		return c.cutWords(l)
	}
	flush()
	return turns
}

// maxOverlaps bounds the spans that are compared with one utterance.
const maxOverlaps = 64

// overlap gives each utterance the voice that overlaps it longest.
func overlap(pieces, spans []piece) {
	at := 0
	for i := range pieces {
		p := &pieces[i]
		if p.fromKind == none {
			continue
		}
		to := p.from + 1
		if p.toKind != none {
			to = p.to
		}
		for at < len(spans) && spans[at].to <= p.from {
			at++
		}
		best := 0.0
		for k := at; k < len(spans) && k < at+maxOverlaps && spans[k].from < to; k++ {
			if d := min(to, spans[k].to) - max(p.from, spans[k].from); d > best {
				best, p.voice = d, spans[k].voice
			}
		}
	}
}

func sortByStart(ps []piece) {
	start := func(p piece) float64 {
		if p.fromKind == none {
			return -1
		}
		return p.from
	}
	slices.SortStableFunc(ps, func(a, b piece) int { return cmp.Compare(start(a), start(b)) })
}

func isLong(p piece) bool {
	return p.toKind != none && p.fromKind != none && p.to-p.from > longDuration || utf8.RuneCountInString(p.text) > longSegment
}

// sentencesOf cuts a segment into sentences by its words; it stays whole if those
// are not its words.
func sentencesOf(p piece, words []piece) []piece {
	if len(words) == 0 || !spell(p.text, words) {
		return []piece{p}
	}
	u := utterance{asWritten: spacesWritten(words)}
	var cut []piece
	for _, w := range words {
		w.voice = p.voice
		if u.endsBefore(w) {
			cut = u.flush(cut)
		}
		u.add(w)
	}
	cut = u.flush(cut)
	cut[0].from, cut[0].fromKind = p.from, p.fromKind
	cut[len(cut)-1].to, cut[len(cut)-1].toKind = p.to, p.toKind
	return cut
}
