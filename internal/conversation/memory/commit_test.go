package memory_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"griot/internal/conversation/memory"
	"griot/internal/errs"
)

func (w *world) commit(in memory.Commit) memory.Memory {
	w.T.Helper()
	made, err := w.Memories.Commit(w.T.Context(), w.P, in, nil)
	w.OK(err)
	return made.Memory
}

func TestCommit(t *testing.T) {
	w := newWorld(t)
	bare := w.commit(memory.Commit{Git: &memory.GitCommit{SHA: "0123456789", Message: "  Mend the fence \n\n"}})
	if diff := cmp.Diff("Mend the fence (0123456)\n\nCommit: 0123456789\nLines: +0 -0\n", bare.Content); diff != "" {
		t.Error(diff)
	}
	if bare.Context != "commit:0123456 branch:unknown agent:unknown" {
		t.Errorf("context %q", bare.Context)
	}
	session := &memory.AgentSession{
		ID: "one", Agent: "agent", Model: "model", Tools: []memory.ToolCall{{Name: "Read", Count: 2}}, Prompts: []string{"Mend\n it."}, Errors: []string{"no nails"},
	}
	whole := w.commit(memory.Commit{
		Git: &memory.GitCommit{
			SHA: "abc", ShortSHA: "ab", Branch: "main", Message: "Mend\n\nWith nails.", Files: []string{"fence"}, Insertions: 3, Deletions: 1,
			Timestamp: "2026-05-01T10:00:00Z",
		},
		Session: session,
	})
	want := "Mend (ab)\n\nWith nails.\n\nCommit: abc\nBranch: main\nLines: +3 -1\n\nFiles:\n- fence\n\nAgent: agent model\n\n" +
		"Tools:\n- Read: 2\n\nAsked:\n- Mend it.\n\nErrors:\n- no nails\n"
	if diff := cmp.Diff(want, whole.Content); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"commit-context", "branch:main"}, whole.Topics); diff != "" || whole.EventTime.Day() != 1 {
		t.Errorf("at %s: %s", whole.EventTime, diff)
	}
	next := w.commit(memory.Commit{Git: &memory.GitCommit{SHA: "def", Message: "Paint"}, Session: session})
	if next.Conversation != whole.Conversation || bare.Conversation == whole.Conversation {
		t.Errorf("in %s, %s and %s", bare.Conversation, whole.Conversation, next.Conversation)
	}
}

// A commit of any size makes a memory.
func TestCommitsHaveABound(t *testing.T) {
	w := newWorld(t)
	many := make([]string, 1000)
	tools := make([]memory.ToolCall, 1000)
	for i := range many {
		many[i] = strings.Repeat("é", 900)
		tools[i].Name = fmt.Sprint(strings.Repeat("é", 190), i)
	}
	m := w.commit(memory.Commit{
		Git:     &memory.GitCommit{SHA: strings.Repeat("a", 64), Branch: strings.Repeat("é", 900), Message: strings.Repeat("é", 900) + "\n" + strings.Repeat("é", 40_000), Files: many},
		Session: &memory.AgentSession{Agent: "a", Tools: tools, Prompts: many, Errors: many},
	})
	if n := utf8.RuneCountInString(m.Content); n > memory.MaxContent || !strings.Contains(m.Content, "- and 950 more\n") {
		t.Errorf("%d characters", n)
	}
	for name, in := range map[string]memory.Commit{
		"git":           {},
		"git.sha":       {Git: &memory.GitCommit{Message: "x"}},
		"git.timestamp": {Git: &memory.GitCommit{SHA: "a", Message: "x", Timestamp: "soon"}},
	} {
		_, err := w.Memories.Commit(t.Context(), w.P, in, nil)
		if e := errs.As(err); e == nil || e.Kind != errs.InvalidArgument || !strings.Contains(e.Message, name+" ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whoever names a memory means the one that has the name now.
func TestByIDOrName(t *testing.T) {
	w := newWorld(t)
	m := w.named("well", "water")
	for _, meant := range []string{m.ID, "well"} {
		got, err := w.Memories.Get(t.Context(), w.P, meant)
		if w.OK(err); got.ID != m.ID {
			t.Errorf("%s means %s", meant, got.ID)
		}
	}
	spring := "spring"
	_, err := w.Memories.Update(t.Context(), w.P, "well", memory.Change{Name: &spring})
	w.OK(err)
	_, err = w.Memories.Get(t.Context(), w.P, "well")
	w.Kind(err, errs.NotFound)
	// A name that looks like an id is no id's rival.
	rival := w.named(m.ID, "rival")
	if got, err := w.Memories.Get(t.Context(), w.P, m.ID); err != nil || got.ID != m.ID {
		t.Errorf("%s, %v", got.ID, err)
	}
	if got, err := w.Memories.ByName(t.Context(), w.P, m.ID); err != nil || got.ID != rival.ID {
		t.Errorf("%s, %v", got.ID, err)
	}
	w.OK(w.Memories.Delete(t.Context(), w.P, "spring"))
	w.Kind(w.Memories.Delete(t.Context(), w.P, "spring"), errs.NotFound)
	w.OK(w.Memories.Delete(t.Context(), w.P, m.ID)) // again
}
