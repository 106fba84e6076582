// Package speaker finds out who speaks and when, from what stands before the
// words of a line.
package speaker

import (
	"strings"

	"griot/internal/transcript/format/clock"
)

// maxLabel is how many bytes of a line may come before the words.
const maxLabel = 120

// A Prefix is what a line says before the words: who speaks, and when.
type Prefix struct {
	Name     string      // as written; "—" and the like for nobody
	Labelled bool        // the line has the form of a name before words
	Mark     *clock.Mark // nil without a time
	Rest     string      // the words
	proof    proof       // how sure it is that the name is one
}

// Read recognises `Name:`, `Name (00:12:03):`, `[00:12:03] Name:`,
// `00:12:03 Name:`, and the lines of their own `Name (0:12)`, `Name  0:12`,
// `0:12 Name` and `0:12`.
func Read(line string) Prefix {
	s := strings.TrimSpace(line)
	m, bare, n := firstMark(s)
	if n == 0 {
		return withInnerMark(Label(s))
	}
	p := Label(strings.TrimSpace(s[n:]))
	if bare && !p.Labelled && p.Rest != "" {
		if p = aloneAfter(p.Rest); !p.Labelled { // words that begin with a time
			return Prefix{Rest: s}
		}
	}
	if p.Mark == nil {
		p.Mark = &m
	}
	if p.Labelled {
		p.proof = max(p.proof, nameProof(p.Name, true))
	}
	return p
}

// firstMark reads a time at the front of a line: in brackets, or bare.
func firstMark(s string) (m clock.Mark, bare bool, n int) {
	if m, n = clock.Bracketed(s); n > 0 {
		return m, false, n
	}
	if m, n = clock.Round(s); n > 0 {
		return m, false, n
	}
	m.Start, n = clock.Strict(s)
	if n < len(s) && s[n] != ' ' && s[n] != '\t' {
		n = 0
	}
	return m, true, n
}

// withInnerMark takes the time of `Name: [0:12] words`.
func withInnerMark(p Prefix) Prefix {
	if !p.Labelled || p.Mark != nil {
		return p
	}
	if m, n := clock.Bracketed(p.Rest); n > 0 {
		p.Mark, p.Rest = &m, strings.TrimSpace(p.Rest[n:])
	}
	return p
}

// aloneAfter takes a whole line after a time for a name.
func aloneAfter(s string) Prefix {
	if nameProof(s, false) != certain || strings.ContainsAny(s, ",.") {
		return Prefix{Rest: s}
	}
	return Prefix{Name: s, Labelled: true, proof: likely}
}

// Label reads a name and its colon, and a time beside it, from the start
// of s.
func Label(s string) Prefix {
	for i := 0; i < min(len(s), maxLabel); i++ {
		switch {
		case s[i] == ':':
			if p := colonLabel(s, i, 1); p.Labelled {
				return p
			}
			return lastTimed(s)
		case strings.HasPrefix(s[i:], "："):
			return colonLabel(s, i, len("："))
		case s[i] == '(' || s[i] == '[':
			if p, ok := timedLabel(s, i); ok {
				return p
			}
			i += closing(s[i:])
		}
	}
	return lastTimed(s)
}

// colonLabel judges s as a name that ends before the colon at i. Without a
// space after the colon it may be an address, a path or a time.
func colonLabel(s string, i, width int) Prefix {
	p := Prefix{Name: speakerName(s[:i]), Rest: strings.TrimSpace(s[i+width:])}
	p.proof = nameProof(p.Name, false)
	if strings.HasPrefix(s, "- ") { // a list item as often as a line of dialogue
		p.proof = min(p.proof, likely)
	}
	if width == 1 && i+1 < len(s) && s[i+1] != ' ' && s[i+1] != '\t' {
		if c := s[i+1] | 0x20; c < 'a' || c > 'z' {
			p.proof = unfit
		}
		p.proof = min(p.proof, likely)
	}
	if p.proof == unfit {
		return Prefix{Rest: s}
	}
	p.Labelled = true
	return p
}

// timedLabel reads `Name (0:12): words`, `Name [0:12]: words` and the same
// without words and colon; the bracket stands at i.
func timedLabel(s string, i int) (Prefix, bool) {
	m, n := clock.Bracketed(s[i:])
	if n == 0 {
		m, n = clock.Round(s[i:])
	}
	if n == 0 || i == 0 {
		return Prefix{}, false
	}
	p := Prefix{Name: speakerName(s[:i]), Mark: &m}
	p.proof = nameProof(p.Name, true)
	rest := strings.TrimSpace(s[i+n:])
	words, colon := CutColon(rest)
	p.Labelled = p.proof != unfit && (colon || rest == "")
	p.Rest = words
	return p, p.Labelled
}

// CutColon cuts a colon of either width from the front.
func CutColon(s string) (rest string, ok bool) {
	if after, ok := strings.CutPrefix(s, ":"); ok {
		return strings.TrimSpace(after), true
	}
	after, ok := strings.CutPrefix(s, "：")
	return strings.TrimSpace(after), ok
}

// lastTimed reads a line that is only a name and a time. One space between the
// two may be chance ("Monday 12:30"), so such a name has to come again.
func lastTimed(s string) Prefix {
	i := strings.LastIndexAny(s, " \t")
	if i <= 0 || len(s) > maxLabel {
		return Prefix{Rest: s}
	}
	ms, n := clock.Strict(s[i+1:])
	who := strings.TrimRight(s[:i], " \t-–—|•·,")
	p := Prefix{Name: speakerName(who), Mark: &clock.Mark{Start: ms}}
	p.proof = nameProof(p.Name, false)
	if n == 0 || i+1+n != len(s) || p.proof != certain {
		return Prefix{Rest: s}
	}
	if s[i] == ' ' && len(who) == i {
		p.proof = likely
	}
	p.Labelled = true
	return p
}

// closing returns the distance to the bracket that closes the one at s[0].
func closing(s string) int {
	if i := strings.IndexAny(s[:min(len(s), maxLabel)], ")]"); i > 0 {
		return i
	}
	return 0
}

// speakerName strips what captions and Markdown put around names.
func speakerName(s string) string {
	s = strings.Trim(s, " \t*_")
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") { // WhisperX
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	if t := strings.TrimLeft(s, ">- "); t != "" {
		return t
	}
	return s
}

// Labels decides which names of a file are speakers: certain ones always,
// others when they begin more than one line.
type Labels map[string]int

// maxNames is how many names may wait to come again.
const maxNames = 10_000

// Count takes the prefix of one more line.
func (l Labels) Count(p Prefix) {
	if p.Labelled && p.proof == likely && (l[p.Name] > 0 || len(l) < maxNames) {
		l[p.Name]++
	}
}

// Accept reports whether the name of a prefix is a speaker.
func (l Labels) Accept(p Prefix) bool {
	return p.Labelled && (p.proof == certain || l[p.Name] > 1)
}

// Speaker is the name to keep: none for a dash, a jingle and the like.
func (p Prefix) Speaker() string {
	if IsNobody(p.Name) || IsNoise(p.Name) {
		return ""
	}
	return p.Name
}
