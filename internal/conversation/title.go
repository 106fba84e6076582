package conversation

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/conversation/memory"
	"griot/internal/id"
	"griot/internal/search"
	"griot/internal/table"
	"griot/internal/text"
)

// Untitled is the title of a conversation whose title was that of a memory
// that is gone, until it has another memory.
const Untitled = "Untitled"

// What gave a title, beside memories, which are noted by their ids. A title
// that a person or a session gave does not change with memories.
const (
	givenTitle = "given"
	noTitle    = "none" // it is Untitled
)

// maxDerivedTitle bounds the title that a memory gives (contract D 36).
const maxDerivedTitle = 80

// deriveTitle makes the first line of a text that shows something a title.
func deriveTitle(content string) string {
	for line := range strings.FieldsFuncSeq(content, breaksLine) {
		if !text.Blank(line) {
			return shortened(strings.TrimSpace(strings.Map(shown, line)))
		}
	}
	return Untitled // no memory's content is blank
}

func breaksLine(r rune) bool { return strings.ContainsRune("\n\v\f\r\u0085\u2028\u2029", r) }

// shown makes control characters, which a title may not have, spaces.
func shown(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}

func shortened(line string) string {
	if utf8.RuneCountInString(line) <= maxDerivedTitle {
		return line
	}
	cut := string([]rune(line)[:maxDerivedTitle-1])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimSpace(cut) + "…"
}

// titledBy reports whether a memory gave a conversation its title. Rows from
// before that was noted have a given title or that of the memory that came
// with them, in the very millisecond of their creation: no other has that.
func (i info) titledBy(conversationID string, m memory.Memory) bool {
	if i.titled == "" {
		return i.source == "" && m.CreatedAt.Equal(id.Time(conversationID))
	}
	return i.titled == m.ID
}

// after returns what a conversation is called when the memory m gives the
// title.
func (i info) after(m memory.Memory) info {
	i.title, i.titled = deriveTitle(m.Content), m.ID
	return i
}

// withoutMemory returns what a conversation is called when the memory that
// gave the title is gone: by the first of the others in the timeline.
func (s *Service) withoutMemory(ctx context.Context, workspace string, i info, gone memory.Memory) (info, error) {
	next, ok, err := s.store().FirstBut(ctx, workspace, gone.Conversation, gone.ID)
	if err != nil || ok {
		return i.after(next), err
	}
	i.title, i.titled = Untitled, noTitle
	return i, nil
}

// renameOps returns the writes that give a conversation another title or
// summary; they are refused when it has another one already.
func (s *Service) renameOps(workspace, conversationID string, old, next info) []table.Op {
	if next == old {
		return nil
	}
	next.rev = old.rev + 1
	conds := []table.Cond{table.Exists(), table.Missing("rev")}
	if old.rev > 0 {
		conds = []table.Cond{table.Equal("rev", old.rev)}
	}
	ops := []table.Op{table.Put(infoKey(workspace, conversationID), next.attrs(), conds...)}
	if next.title != old.title || next.summary != old.summary {
		ops = append(ops, s.nameUnit(workspace, conversationID, next))
	}
	return ops
}

// nameUnit returns the write that makes a conversation's title and summary
// findable.
func (s *Service) nameUnit(workspace, conversationID string, i info) table.Op {
	return s.Index.Put(workspace, search.Doc{
		Conversation: conversationID, Title: i.title, Summary: i.summary, At: id.Time(conversationID),
	})
}
