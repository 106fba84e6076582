package format

import "strings"

// maxLabel is how many bytes of a line may come before the words.
const maxLabel = 120

// A prefix is what a line says before the words: who speaks, and when.
type prefix struct {
	name     string // as written; "—" and the like for nobody
	labelled bool   // the line has the form of a name before words
	proof    proof  // how sure it is that the name is one
	mark     *mark
	rest     string // the words
}

// readPrefix recognises `Name:`, `Name (00:12:03):`, `[00:12:03] Name:`,
// `00:12:03 Name:`, and the lines of their own `Name (0:12)`, `Name  0:12`,
// `0:12 Name` and `0:12`.
func readPrefix(line string) prefix {
	s := strings.TrimSpace(line)
	m, bare, n := firstMark(s)
	if n == 0 {
		return withInnerMark(readLabel(s))
	}
	p := readLabel(strings.TrimSpace(s[n:]))
	if bare && !p.labelled && p.rest != "" {
		if p = aloneAfter(p.rest); !p.labelled { // words that begin with a time
			return prefix{rest: s}
		}
	}
	if p.mark == nil {
		p.mark = &m
	}
	if p.labelled {
		p.proof = max(p.proof, nameProof(p.name, true))
	}
	return p
}

// firstMark reads a time at the front of a line: in brackets, or bare.
func firstMark(s string) (m mark, bare bool, n int) {
	if m, n = bracketMark(s); n > 0 {
		return m, false, n
	}
	if m, n = roundMark(s); n > 0 {
		return m, false, n
	}
	m.start, n = strictClock(s)
	if n < len(s) && s[n] != ' ' && s[n] != '\t' {
		n = 0
	}
	return m, true, n
}

// withInnerMark takes the time of `Name: [0:12] words`.
func withInnerMark(p prefix) prefix {
	if !p.labelled || p.mark != nil {
		return p
	}
	if m, n := bracketMark(p.rest); n > 0 {
		p.mark, p.rest = &m, strings.TrimSpace(p.rest[n:])
	}
	return p
}

// aloneAfter takes a whole line after a time for a name.
func aloneAfter(s string) prefix {
	if nameProof(s, false) != certain || strings.ContainsAny(s, ",.") {
		return prefix{rest: s}
	}
	return prefix{name: s, labelled: true, proof: likely}
}

// readLabel reads a name and its colon, and a time beside it, from the start
// of s.
func readLabel(s string) prefix {
	for i := 0; i < min(len(s), maxLabel); i++ {
		switch {
		case s[i] == ':':
			if p := colonLabel(s, i, 1); p.labelled {
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
func colonLabel(s string, i, width int) prefix {
	p := prefix{name: speakerName(s[:i]), rest: strings.TrimSpace(s[i+width:])}
	p.proof = nameProof(p.name, false)
	if width == 1 && i+1 < len(s) && s[i+1] != ' ' && s[i+1] != '\t' {
		if c := s[i+1] | 0x20; c < 'a' || c > 'z' {
			p.proof = unfit
		}
		p.proof = min(p.proof, likely)
	}
	if p.proof == unfit {
		return prefix{rest: s}
	}
	p.labelled = true
	return p
}

// timedLabel reads `Name (0:12): words`, `Name [0:12]: words` and the same
// without words and colon; the bracket stands at i.
func timedLabel(s string, i int) (prefix, bool) {
	m, n := bracketMark(s[i:])
	if n == 0 {
		m, n = roundMark(s[i:])
	}
	if n == 0 || i == 0 {
		return prefix{}, false
	}
	p := prefix{name: speakerName(s[:i]), mark: &m}
	p.proof = nameProof(p.name, true)
	rest := strings.TrimSpace(s[i+n:])
	words, colon := cutColon(rest)
	p.labelled = p.proof != unfit && (colon || rest == "")
	p.rest = words
	return p, p.labelled
}

func cutColon(s string) (rest string, ok bool) {
	if after, ok := strings.CutPrefix(s, ":"); ok {
		return strings.TrimSpace(after), true
	}
	after, ok := strings.CutPrefix(s, "：")
	return strings.TrimSpace(after), ok
}

// lastTimed reads a line that is only a name and a time. One space between the
// two may be chance ("Monday 12:30"), so such a name has to come again.
func lastTimed(s string) prefix {
	i := strings.LastIndexAny(s, " \t")
	if i <= 0 || len(s) > maxLabel {
		return prefix{rest: s}
	}
	ms, n := strictClock(s[i+1:])
	who := strings.TrimRight(s[:i], " \t-–—|•·,")
	p := prefix{name: speakerName(who), mark: &mark{start: ms}}
	p.proof = nameProof(p.name, false)
	if n == 0 || i+1+n != len(s) || p.proof != certain {
		return prefix{rest: s}
	}
	if s[i] == ' ' && len(who) == i {
		p.proof = likely
	}
	p.labelled = true
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

// labels decides which names of a file are speakers: certain ones always,
// others when they begin more than one line.
type labels map[string]int

// maxNames is how many names may wait to come again.
const maxNames = 10_000

func (l labels) count(p prefix) {
	if p.labelled && p.proof == likely && (l[p.name] > 0 || len(l) < maxNames) {
		l[p.name]++
	}
}

func (l labels) accept(p prefix) bool {
	return p.labelled && (p.proof == certain || l[p.name] > 1)
}

// speaker is the name to keep: none for a dash, a jingle and the like.
func (p prefix) speaker() string {
	if isNobody(p.name) || isNoise(p.name) {
		return ""
	}
	return p.name
}
