package engine

import (
	"cmp"
	"slices"
	"strings"

	"griot/internal/text"
	"griot/internal/transcript"
	"griot/internal/transcript/format/turn"
)

// A recording in stereo mostly has the same sound on both sides. An engine that
// was asked to hear each by itself has then written everything twice, but for a
// word here and there. That tells nobody apart: two speakers do not say the same
// at the same time.
const (
	// echoRun is how many words in a row have to be the same.
	echoRun = 3
	// echoNear is how far apart in time they may be: the times of words are
	// guessed from those of turns.
	echoNear = 5_000 // ms
	// echoWords is how many words of a channel are compared.
	echoWords = 1 << 15
)

// side is one channel of two.
type side struct {
	id    int32
	words int
	runs  map[run]bool // the first words, in runs
	spans [][2]float64 // when something is said
}

// run is some words in a row, and about when.
type run struct {
	words [echoRun]string
	at    int
}

// withoutEcho leaves the channel out on which less is heard, where it says the
// same as the other.
func (c *contents) withoutEcho(turns []piece, out *turn.Collector) []piece {
	a, b, ok := c.sides(turns)
	if !ok {
		return turns
	}
	if a.words < b.words {
		a, b = b, a
	}
	if !echoes(a, b) {
		return turns
	}
	out.Warn(transcript.RepeatedLines, 0, "Both channels of the recording have the same sound: what is said is counted once, and the channels do not tell who speaks.")
	return slices.DeleteFunc(turns, func(p piece) bool { return c.voices.known[p.voice].channelID == b.id })
}

// sides divides turns by channel. It is false unless there are two, and
// everything has its times.
func (c *contents) sides(turns []piece) (a, b *side, ok bool) {
	var all []*side
	for _, p := range turns {
		if p.fromKind == none || p.toKind == none || c.voices.known[p.voice].channel == "" {
			return nil, nil, false
		}
		id := c.voices.known[p.voice].channelID
		i := slices.IndexFunc(all, func(s *side) bool { return s.id == id })
		if i < 0 {
			if i = len(all); i == 2 {
				return nil, nil, false
			}
			all = append(all, &side{id: id, runs: map[run]bool{}})
		}
		all[i].add(p)
	}
	if len(all) < 2 {
		return nil, nil, false
	}
	return all[0], all[1], true
}

func (s *side) add(p piece) {
	s.spans = append(s.spans, [2]float64{p.from, p.to})
	words := spokenWords(p.text)
	for i := 0; i+echoRun <= len(words) && s.words+i < echoWords; i++ {
		at := p.from + (p.to-p.from)*float64(i)/float64(len(words))
		s.runs[run{[echoRun]string(words[i : i+echoRun]), int(at / echoNear)}] = true
	}
	s.words += len(words)
}

// spokenWords are the words of a text; where words are written without spaces,
// its characters.
func spokenWords(said string) (words []string) {
	for _, w := range plainWords(said) {
		if !strings.ContainsFunc(w, text.Unspaced) {
			words = append(words, w)
			continue
		}
		for _, c := range w {
			words = append(words, string(c))
		}
	}
	return words
}

// echoes reports whether most of what b says is said by a, and while b speaks.
func echoes(a, b *side) bool {
	same := 0
	for r := range b.runs {
		for at := r.at - 1; at <= r.at+1; at++ {
			if a.runs[run{r.words, at}] {
				same++
				break
			}
		}
	}
	return same > 0 && same*2 >= len(b.runs) && together(a.spans, b.spans)*2 >= length(b.spans)
}

// together is how long both speak, in ms.
func together(a, b [][2]float64) (sum float64) {
	a, b = merged(a), merged(b)
	for i, j := 0, 0; i < len(a) && j < len(b); {
		sum += max(0, min(a[i][1], b[j][1])-max(a[i][0], b[j][0]))
		if a[i][1] < b[j][1] {
			i++
		} else {
			j++
		}
	}
	return sum
}

func length(spans [][2]float64) (sum float64) {
	for _, s := range merged(spans) {
		sum += s[1] - s[0]
	}
	return sum
}

// merged puts spans in order and those together that overlap.
func merged(spans [][2]float64) (all [][2]float64) {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
	for _, s := range spans {
		if n := len(all); n > 0 && s[0] <= all[n-1][1] {
			all[n-1][1] = max(all[n-1][1], s[1])
			continue
		}
		all = append(all, s)
	}
	return all
}
