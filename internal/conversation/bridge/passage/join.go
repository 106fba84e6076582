package passage

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/search"
	"griot/internal/text"
	"griot/internal/transcript"
)

// Join joins passages of nothing but backchannels ("Mm-hmm", "Right, okay") to
// the passage before or, at the beginning, to the one after. To one passage at
// most search.PassageWords of such words are added; what is more of them in one
// go makes passages of its own.
func Join(passages iter.Seq2[Passage, error]) iter.Seq2[Passage, error] {
	return func(yield func(Passage, error) bool) {
		var j joining
		for p, err := range passages {
			if err != nil {
				yield(Passage{}, err)
				return
			}
			if j.join(p) {
				continue
			}
			if len(j.held.Segments) > 0 && !yield(j.held, nil) {
				return
			}
			j = joining{held: p, empty: p.backchannel()}
		}
		if len(j.held.Segments) > 0 {
			yield(j.held, nil)
		}
	}
}

// joining is the last passage of a Join under way, to which more may be joined.
type joining struct {
	held  Passage
	empty bool // held has nothing but backchannels
	added int  // words of backchannels beside those that it had
}

// join joins a passage to the one that is held, if it is to be.
func (j *joining) join(p Passage) bool {
	empty := p.backchannel()
	added := j.added + p.words
	if !empty {
		added = j.held.words // held comes before it
	}
	if !empty && !j.empty || added > search.PassageWords || len(j.held.Segments) == 0 {
		return false
	}
	whole := Passage{
		Segments: slices.Concat(j.held.Segments, p.Segments), Text: j.held.Text + "\n" + p.Text, words: j.held.words + p.words,
	}
	if utf8.RuneCountInString(whole.Text) > memory.MaxContent {
		return false
	}
	*j = joining{held: whole, empty: j.empty && empty, added: added}
	return true
}

func (p Passage) backchannel() bool {
	return !slices.ContainsFunc(p.Segments, func(seg transcript.Segment) bool { return !backchannel(seg.Text) })
}

// Bounds of a backchannel in any language: different words, and their letters.
const (
	backchannelWords    = 4
	backchannelLetters  = 20
	backchannelUnspaced = 8    // letters where words have no spaces between them
	backchannelBytes    = 1000 // with all repetitions
)

// backchannel reports whether a turn has the shape of one that only says that
// somebody listens: a few short words, perhaps many times, and no number. That
// others have this shape too does no harm, as they are joined and not left out.
func backchannel(said string) bool {
	if len(said) > backchannelBytes {
		return false
	}
	seen := map[string]bool{}
	spaced, unspaced := 0, 0
	for _, word := range strings.Fields(topic.Fold(said)) {
		word = strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
		if word == "" || seen[word] {
			continue
		}
		seen[word] = true
		for _, r := range word {
			switch {
			case unicode.IsNumber(r):
				return false
			case text.Unspaced(r):
				unspaced++
			case unicode.IsLetter(r):
				spaced++
			}
		}
	}
	return len(seen) <= backchannelWords && spaced <= backchannelLetters && unspaced <= backchannelUnspaced
}
