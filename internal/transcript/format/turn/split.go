package turn

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript"
	"griot/internal/transcript/label"
)

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
		if !IsBlank(piece.Text) {
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
		if i -= n; unicode.IsSpace(r) && label.EndsSentence(s[:i]) {
			return i
		}
	}
	return 0
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
