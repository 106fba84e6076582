package passage

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/extraction"
	"griot/internal/transcript"
)

// MaxTopics keeps a passage's topics, with links and hints, within one
// transaction.
const MaxTopics = 40

// sure is the confidence from which on an entity is a topic.
const sure = 0.6

// Entity is an entity as passages are searched for it.
type Entity struct {
	name  string
	words []string // folded names and aliases, each between spaces
	seqs  map[int64]bool
}

// Entities prepares those of what was found that are sure for Topics, most
// mentioned first.
func Entities(found []extraction.EntityCandidate) []Entity {
	var out []Entity
	for _, c := range byMentions(found) {
		name := topic.Clean(c.Name)
		if c.Confidence < sure || name == "" || utf8.RuneCountInString(name) > memory.MaxTopic {
			continue
		}
		e := Entity{name: name, seqs: map[int64]bool{}}
		for _, alias := range append([]string{c.Name}, c.Aliases...) {
			if w := spaced(alias); strings.TrimSpace(w) != "" {
				e.words = append(e.words, w)
			}
		}
		for _, citation := range c.Citations {
			e.seqs[citation.Seq] = true
		}
		out = append(out, e)
	}
	return out
}

func byMentions(found []extraction.EntityCandidate) []extraction.EntityCandidate {
	return slices.SortedStableFunc(slices.Values(found), func(a, b extraction.EntityCandidate) int {
		return cmp.Compare(b.Mentions, a.Mentions)
	})
}

// spaced writes the words of a text folded, with one space around each.
func spaced(text string) string {
	words := strings.FieldsFunc(topic.Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	return " " + strings.Join(words, " ") + " "
}

// Topics returns the names of the entities that are cited in the passage or
// named in what is said. Who speaks is no topic for that, nor for being cited
// with words of their own: they would be one of nearly all passages.
func (p Passage) Topics(all []Entity) []string {
	var said strings.Builder
	for _, seg := range p.Segments {
		said.WriteString(spaced(seg.Text))
	}
	text := said.String()
	var names []string
	for _, e := range all {
		if e.in(p, text) {
			names = append(names, e.name)
		}
	}
	names = topic.Distinct(names)
	return names[:min(MaxTopics, len(names))]
}

func (e Entity) in(p Passage, text string) bool {
	for _, seg := range p.Segments {
		if e.seqs[seg.Seq] && !e.speaks(seg) {
			return true
		}
	}
	return slices.ContainsFunc(e.words, func(w string) bool { return strings.Contains(text, w) })
}

// speaks reports whether it is the entity who speaks, by a name of theirs or a
// part of it.
func (e Entity) speaks(seg transcript.Segment) bool {
	speaker := spaced(seg.SpeakerName())
	return strings.TrimSpace(speaker) != "" && slices.ContainsFunc(e.words, func(w string) bool {
		return strings.Contains(speaker, w) || strings.Contains(w, speaker)
	})
}
