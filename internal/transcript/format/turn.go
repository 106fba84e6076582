package format

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript"
)

const (
	maxSpeakerRunes = 200                     // cuts names that are none
	maxPieces       = 1_000_000               // of turns, or of words with times: 100 hours of speech
	maxMS           = int64(100_000 * 3600e3) // no recording is 100,000 hours long
)

// turns collects what a parser finds and keeps the promises of [Parse].
type turns struct {
	list []transcript.Turn
	left int64 // bytes of text that may still come
	room int   // turns that may still come
	over bool  // more came, or too many turns
}

// add takes one turn. Blank ones vanish, too long ones become several.
func (ts *turns) add(t transcript.Turn) {
	t.Text = oneLine(t.Text)
	if isBlank(t.Text) || ts.over {
		return
	}
	ts.left -= int64(len(t.Text))
	ts.room--
	if ts.left < 0 || ts.room < 0 {
		ts.over = true
		return
	}
	t.Speaker = name(t.Speaker)
	t.Role = name(t.Role)
	t.StartMS, t.EndMS = span(t.StartMS, t.EndMS)
	if len(t.Text) <= transcript.MaxSegmentRunes {
		ts.list = append(ts.list, t)
		return
	}
	ts.list = append(ts.list, split(t)...)
}

// span drops times that cannot be and ends that are not after the start.
func span(start, end *int64) (*int64, *int64) {
	if start != nil && (*start < 0 || *start > maxMS) {
		start = nil
	}
	if end != nil && (*end < 0 || *end > maxMS || start != nil && *end <= *start) {
		end = nil
	}
	return start, end
}

// oneLine joins lines by a space. Inner spaces stay as they are.
func oneLine(s string) string {
	s = strings.TrimSpace(s)
	if strings.IndexFunc(s, breaksLine) < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for part := range strings.FieldsFuncSeq(s, breaksLine) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(part)
	}
	return b.String()
}

// breaksLine is true for every control character but the tab: none of them is
// speech, and most of them end a line somewhere.
func breaksLine(r rune) bool {
	return r < ' ' && r != '\t' || r >= 0x7F && (unicode.IsControl(r) || r == '\u2028' || r == '\u2029')
}

// isBlank is true without a character that can be seen.
func isBlank(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) }) < 0
}

func name(s string) string {
	s = oneLine(s)
	if isBlank(s) {
		return ""
	}
	if len(s) > maxSpeakerRunes && utf8.RuneCountInString(s) > maxSpeakerRunes {
		s = strings.TrimSpace(s[:runeIndex(s, maxSpeakerRunes)])
	}
	return s
}

// split cuts a turn of more than MaxSegmentRunes characters at sentence ends,
// or else between words. With both times known, every cut gets the time of its
// share of the characters; otherwise the first piece keeps the start and the
// last one the end.
func split(t transcript.Turn) []transcript.Turn {
	var out []transcript.Turn
	for rest := t.Text; rest != ""; {
		n := cut(rest)
		piece := t
		piece.Text = strings.TrimSpace(rest[:n])
		rest = strings.TrimSpace(rest[n:])
		if !isBlank(piece.Text) {
			out = append(out, piece)
		}
	}
	share(out, t.StartMS, t.EndMS)
	return out
}

func share(pieces []transcript.Turn, start, end *int64) {
	var total, done int64
	for i := range pieces {
		total += int64(len(pieces[i].Text))
		pieces[i].StartMS, pieces[i].EndMS = nil, nil
	}
	if start == nil || end == nil || *end-*start < total {
		pieces[0].StartMS, pieces[len(pieces)-1].EndMS = start, end
		pieces[0].StartMS, pieces[0].EndMS = span(pieces[0].StartMS, pieces[0].EndMS)
		return
	}
	at := func(n int64) *int64 { ms := *start + (*end-*start)*n/total; return &ms }
	for i := range pieces {
		pieces[i].StartMS = at(done)
		done += int64(len(pieces[i].Text))
		pieces[i].EndMS = at(done)
	}
}

// cut returns the index after which s, if it is too long, is best cut.
func cut(s string) int {
	end := runeIndex(s, transcript.MaxSegmentRunes)
	if end == len(s) {
		return end
	}
	half := end / 2
	for !utf8.RuneStart(s[half]) {
		half++
	}
	if i := lastSentenceEnd(s[half:end]); i > 0 {
		return half + i
	}
	if i := strings.LastIndexFunc(s[half:end], unicode.IsSpace); i > 0 {
		return half + i
	}
	return end
}

// lastSentenceEnd returns the index after the last full stop of any kind that
// a space follows, or that needs none; 0 without one.
func lastSentenceEnd(s string) int {
	for i := len(s); i > 0; {
		r, n := utf8.DecodeLastRuneInString(s[:i])
		if strings.ContainsRune("。！？", r) {
			return i
		}
		if i -= n; unicode.IsSpace(r) && endsSentence(s[:i]) {
			return i
		}
	}
	return 0
}

// endsSentence looks through closing quotes and brackets.
func endsSentence(s string) bool {
	s = strings.TrimRight(s, `"'”’»)]`)
	r, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune(".!?…。！？", r)
}

// runeIndex returns the index of the n-th character of s, or len(s).
func runeIndex(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}
