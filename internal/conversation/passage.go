package conversation

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/extraction"
	"griot/internal/id"
	"griot/internal/search"
	"griot/internal/transcript"
)

// passage is consecutive whole segments of a transcript that make one memory.
type passage struct {
	segments []transcript.Segment
	words    int
	text     string
}

// passages cuts a transcript as the search index recommends.
func passages(segments iter.Seq2[transcript.Segment, error]) iter.Seq2[passage, error] {
	return func(yield func(passage, error) bool) {
		var p passage
		for seg, err := range segments {
			if err != nil {
				yield(passage{}, err)
				return
			}
			if p.endsBefore(seg) {
				if !yield(p, nil) {
					return
				}
				p = passage{}
			}
			p.add(seg)
		}
		if len(p.segments) > 0 {
			yield(p, nil)
		}
	}
}

// endsBefore reports whether a segment belongs to the next passage.
func (p passage) endsBefore(seg transcript.Segment) bool {
	n := len(p.segments)
	switch {
	case n == 0:
		return false
	case n == search.PassageSegments, p.words >= search.PassageWords:
		return true
	case p.words >= search.PassageWords/2 && p.segments[n-1].SpeakerName() != seg.SpeakerName():
		return true
	}
	return utf8.RuneCountInString(p.text)+1+utf8.RuneCountInString(line(seg)) > memory.MaxContent
}

func (p *passage) add(seg transcript.Segment) {
	if len(p.segments) > 0 {
		p.text += "\n"
	}
	p.segments = append(p.segments, seg)
	p.text += line(seg)
	p.words += len(strings.Fields(seg.Text))
}

func line(seg transcript.Segment) string {
	if speaker := seg.SpeakerName(); speaker != "" {
		return speaker + ": " + seg.Text
	}
	return seg.Text
}

// memory returns the passage as a memory: always the same one.
func (p passage) memory(b bridge, i int, entities []entity) memory.Memory {
	first, last := p.segments[0], p.segments[len(p.segments)-1]
	return memory.Memory{
		ID:           id.DerivedUUID("passage", b.workspace, b.Session, fmt.Sprint(first.Seq)),
		Conversation: b.conversation, Session: bridgedSession(b.conversation),
		Content: p.text, Type: memory.Types[0], Role: role(first), Version: 1,
		Context:   fmt.Sprintf("%s?range=%d-%d", b.ArtifactURI, first.Range[0], last.Range[1]),
		Topics:    p.topics(entities),
		CreatedAt: b.created.Add(time.Duration(i+1) * time.Millisecond),
		UpdatedAt: b.created.Add(time.Duration(i+1) * time.Millisecond),
		EventTime: b.At.Add(time.Duration(b.offset) * time.Millisecond),
	}
}

// bridgedSession is the memory session of a conversation made from a session.
func bridgedSession(conversationID string) string {
	return id.MemorySession + strings.TrimPrefix(conversationID, id.Conversation)
}

// role tells whoever asks from whoever answers.
func role(seg transcript.Segment) string {
	if seg.Role == nil {
		return "user"
	}
	switch strings.ToLower(*seg.Role) {
	case "assistant", "agent", "interviewer", "moderator", "host", "bot":
		return "assistant"
	case "system":
		return "system"
	}
	return "user"
}

// maxPassageTopics keeps a passage's topics, with links and hints, within one
// transaction.
const maxPassageTopics = 40

// entity is an entity as passages are searched for it.
type entity struct {
	name  string
	words []string // folded names and aliases, each between spaces
	seqs  map[int64]bool
}

func entities(found []extraction.EntityCandidate) []entity {
	found = slices.Clone(found)
	slices.SortStableFunc(found, func(a, b extraction.EntityCandidate) int { return cmp.Compare(b.Mentions, a.Mentions) })
	var out []entity
	for _, c := range found {
		name := topic.Clean(c.Name)
		if name == "" || utf8.RuneCountInString(name) > memory.MaxTopic {
			continue
		}
		e := entity{name: name, seqs: map[int64]bool{}}
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

// spaced writes the words of a text folded, with one space around each.
func spaced(text string) string {
	words := strings.FieldsFunc(topic.Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	return " " + strings.Join(words, " ") + " "
}

// topics returns the names of the entities that are cited or named in the
// passage.
func (p passage) topics(all []entity) []string {
	text := spaced(p.text)
	var names []string
	for _, e := range all {
		if e.in(p, text) {
			names = append(names, e.name)
		}
	}
	names = topic.Distinct(names)
	return names[:min(maxPassageTopics, len(names))]
}

func (e entity) in(p passage, text string) bool {
	for _, seg := range p.segments {
		if e.seqs[seg.Seq] {
			return true
		}
	}
	return slices.ContainsFunc(e.words, func(w string) bool { return strings.Contains(text, w) })
}
