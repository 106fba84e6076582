package memory_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/table/tabletest"
)

func TestCreateMemoryInNewConversation(t *testing.T) {
	w := newWorld(t)
	in := memory.Input{
		Conversation: memory.NewConversation, Content: "  How refunds work\nThey take two days.", Role: "user",
		Name: "refunds", Context: "support", Outcome: "resolved", TaskID: "t-1", Topics: []string{" Refunds ", "refunds", "Billing", ""},
		CodeContext: &memory.CodeContext{Product: "shop", Extra: map[string]string{"a": "b"}},
		EventTime:   "2026-05-01T12:00:00+02:00", ValidFrom: "1969-12-31T23:59:59Z", ValidTo: "2030-01-01T00:00:00.5Z",
	}
	made, err := w.Memories.Create(t.Context(), w.P, in, nil)
	w.OK(err)
	if !made.ConversationCreated || !made.SessionCreated || !strings.HasPrefix(made.Memory.Session, "session_") {
		t.Errorf("created %+v", made)
	}
	got, err := w.Memories.Get(t.Context(), w.P, made.Memory.ID)
	w.OK(err)
	want := memory.Memory{
		Content: in.Content, Type: "episodic", Role: "user", Name: "refunds", Context: "support", Outcome: "resolved",
		TaskID: "t-1", Topics: []string{"Refunds", "Billing"}, CodeContext: in.CodeContext, Version: 1,
		EventTime: time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC), ValidFrom: time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC),
		ValidTo: time.Date(2030, 1, 1, 0, 0, 0, 5e8, time.UTC),
	}
	ignored := cmpopts.IgnoreFields(memory.Memory{}, "ID", "Conversation", "Session", "CreatedAt", "UpdatedAt")
	if diff := cmp.Diff(want, got, ignored, cmpopts.IgnoreUnexported(memory.Memory{})); diff != "" {
		t.Errorf("memory:\n%s", diff)
	}
	c, err := w.Conversations.Get(t.Context(), w.P, got.Conversation)
	w.OK(err)
	if c.Title != "How refunds work" || c.Memories != 1 || !c.UpdatedAt.Equal(got.CreatedAt) || !c.CreatedAt.Equal(got.CreatedAt) {
		t.Errorf("conversation %+v of %v", c, got.CreatedAt)
	}
	named, err := w.Memories.ByName(t.Context(), w.P, "refunds")
	if w.OK(err); named.ID != got.ID {
		t.Errorf("by name: %s", named.ID)
	}
}

func TestDerivedTitles(t *testing.T) {
	w := newWorld(t)
	for content, title := range map[string]string{
		"short":                     "short",
		"\n\n one\ntwo":             "one",
		strings.Repeat("ü", 80):     strings.Repeat("ü", 80),
		strings.Repeat("x", 81):     strings.Repeat("x", 79) + "…",
		strings.Repeat("word ", 30): strings.TrimSpace(strings.Repeat("word ", 15)) + "…",
	} {
		c, err := w.Conversations.Get(t.Context(), w.P, w.Add("NEW", content).Conversation)
		if w.OK(err); c.Title != title {
			t.Errorf("title of %.20q: %q, want %q", content, c.Title, title)
		}
	}
}

func TestMemoryInputs(t *testing.T) {
	w := newWorld(t)
	for name, tc := range map[string]struct {
		in   memory.Input
		want string
	}{
		"no content":  {memory.Input{}, "content"},
		"blank":       {memory.Input{Content: " \n"}, "content"},
		"long":        {memory.Input{Content: strings.Repeat("ü", 50_001)}, "content"},
		"type":        {memory.Input{Content: "x", Type: "other"}, "memoryType"},
		"role":        {memory.Input{Content: "x", Role: "bot"}, "role"},
		"name":        {memory.Input{Content: "x", Name: "Upper"}, "name"},
		"short name":  {memory.Input{Content: "x", Name: "a"}, "name"},
		"context":     {memory.Input{Content: "x", Context: strings.Repeat("x", 201)}, "context"},
		"topics":      {memory.Input{Content: "x", Topics: make([]string, 51)}, "topics"},
		"long topic":  {memory.Input{Content: "x", Topics: []string{strings.Repeat("x", 101)}}, "topics[0]"},
		"event time":  {memory.Input{Content: "x", EventTime: "yesterday"}, "eventTime"},
		"outcome":     {memory.Input{Content: "x", Outcome: "maybe"}, "outcome"},
		"codeContext": {memory.Input{Content: "x", CodeContext: &memory.CodeContext{Team: strings.Repeat("x", 201)}}, "codeContext.team"},
	} {
		_, err := w.Memories.Create(t.Context(), w.P, tc.in, nil)
		if e := errs.As(err); e == nil || e.Kind != errs.InvalidArgument || e.Fields[0].Field != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	longest := memory.Input{Content: strings.Repeat("\U0001F600", 50_000)}
	for i := range 50 {
		longest.Topics = append(longest.Topics, strings.Repeat("語", 97)+fmt.Sprint(100+i))
	}
	made, err := w.Memories.Create(t.Context(), w.P, longest, nil)
	w.OK(err)
	got, err := w.Memories.Get(t.Context(), w.P, made.Memory.ID)
	if w.OK(err); len(got.Topics) != 50 || got.Content != longest.Content {
		t.Errorf("the longest memory came back with %d topics and %d bytes", len(got.Topics), len(got.Content))
	}
}

func TestMemoryGoesWhereItShould(t *testing.T) {
	w := newWorld(t)
	create := func(in memory.Input) memory.Created {
		t.Helper()
		in.Content = "x"
		made, err := w.Memories.Create(t.Context(), w.P, in, nil)
		w.OK(err)
		return made
	}
	first := create(memory.Input{})
	if !first.ConversationCreated {
		t.Error("the first memory made no conversation")
	}
	w.Advance(89 * time.Minute)
	again := create(memory.Input{})
	if again.Memory.Conversation != first.Memory.Conversation || again.SessionCreated || again.Memory.Session != first.Memory.Session {
		t.Errorf("within the gap: %+v after %+v", again, first)
	}
	w.Advance(91 * time.Minute)
	later := create(memory.Input{})
	if !later.ConversationCreated {
		t.Error("after the gap: no new conversation")
	}
	back := create(memory.Input{Conversation: first.Memory.Conversation})
	if back.ConversationCreated || !back.SessionCreated || back.Memory.Session == first.Memory.Session {
		t.Errorf("after the gap, named: %+v", back)
	}
	one := create(memory.Input{ClaudeSession: "s-1"})
	two := create(memory.Input{ClaudeSession: "s-2"})
	w.Advance(24 * time.Hour)
	oneMore := create(memory.Input{ClaudeSession: "s-1"})
	if !one.ConversationCreated || !two.ConversationCreated || oneMore.Memory.Conversation != one.Memory.Conversation {
		t.Errorf("by client session: %v %v %v", one.Memory.Conversation, two.Memory.Conversation, oneMore.Memory.Conversation)
	}
	_, err := w.Conversations.Delete(t.Context(), w.P, one.Memory.Conversation)
	w.OK(err)
	fresh := create(memory.Input{ClaudeSession: "s-1"})
	if !fresh.ConversationCreated {
		t.Error("the deleted conversation of a client session was used")
	}
	w.Work()
	if next := create(memory.Input{ClaudeSession: "s-1"}); next.Memory.Conversation != fresh.Memory.Conversation {
		t.Error("the purge forgot the new conversation of the client session")
	}
	for _, unknown := range []string{"conv_01ARZ3NDEKTSV4RRFFQ69G5FAV", "new", "x", one.Memory.Conversation} {
		_, err := w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: unknown, Content: "x"}, nil)
		w.Kind(err, errs.NotFound)
	}
}

func TestNamesAreUnique(t *testing.T) {
	w := newWorld(t)
	named := memory.Input{Conversation: "NEW", Content: "x", Name: "runbook"}
	first, err := w.Memories.Create(t.Context(), w.P, named, nil)
	w.OK(err)
	_, err = w.Memories.Create(t.Context(), w.P, named, nil)
	if e := errs.As(err); e == nil || e.Kind != errs.Conflict || e.Code != "MEMORY_NAME_CONFLICT" {
		t.Errorf("a name twice: %v", err)
	}
	other := w.Add("NEW", "y")
	name := "runbook"
	_, err = w.Memories.Update(t.Context(), w.P, other.ID, memory.Change{Name: &name})
	w.Kind(err, errs.Conflict)
	// A hidden conversation frees its names at once, before it is purged.
	_, err = w.Conversations.Delete(t.Context(), w.P, first.Memory.Conversation)
	w.OK(err)
	_, err = w.Memories.ByName(t.Context(), w.P, name)
	w.Kind(err, errs.NotFound)
	_, err = w.Memories.Update(t.Context(), w.P, other.ID, memory.Change{Name: &name})
	w.OK(err)
	w.Work()
	got, err := w.Memories.ByName(t.Context(), w.P, name)
	if w.OK(err); got.ID != other.ID {
		t.Error("the purge took the name's new holder")
	}
	none := ""
	_, err = w.Memories.Update(t.Context(), w.P, other.ID, memory.Change{Name: &none})
	w.OK(err)
	_, err = w.Memories.Create(t.Context(), w.P, named, nil)
	w.OK(err)
}

func TestUpdateMemory(t *testing.T) {
	w := newWorld(t)
	m := w.Add("NEW", "old words", "A", "B")
	w.Advance(time.Minute)
	content, kind, where := "new words", "semantic", "ops"
	got, err := w.Memories.Update(t.Context(), w.P, m.ID, memory.Change{
		Content: &content, Type: &kind, Context: &where, Topics: &[]string{"b", "C"},
	})
	w.OK(err)
	read, err := w.Memories.Get(t.Context(), w.P, m.ID)
	w.OK(err)
	if diff := cmp.Diff(got, read, cmpopts.IgnoreUnexported(memory.Memory{})); diff != "" {
		t.Errorf("returned and read:\n%s", diff)
	}
	if got.Version != 2 || got.Content != content || got.Type != kind || got.Context != where || !slices.Equal(got.Topics, []string{"b", "C"}) || !got.UpdatedAt.After(m.UpdatedAt) || !got.CreatedAt.Equal(m.CreatedAt) {
		t.Errorf("updated: %+v", got)
	}
	w.TopicCounts("B 1", "C 1")
	if hits := w.Search("new"); len(hits) != 1 {
		t.Errorf("the new words: %v", hits)
	}
	if hits := w.Search("old"); len(hits) != 0 { // the conversation's title has the new ones, too
		t.Errorf("the old words: %v", hits)
	}
	_, err = w.Memories.Update(t.Context(), w.P, "0b7e0a2e-0000-4000-8000-000000000000", memory.Change{Content: &content})
	w.Kind(err, errs.NotFound)
	blank := " "
	_, err = w.Memories.Update(t.Context(), w.P, m.ID, memory.Change{Content: &blank})
	w.Kind(err, errs.InvalidArgument)
}

// All fifty topics of a memory can become fifty others.
func TestUpdateAllTopics(t *testing.T) {
	w := newWorld(t)
	names := func(prefix string) (out, counts []string) {
		for i := range memory.MaxTopics {
			name := fmt.Sprintf("%s%02d", prefix, i)
			out, counts = append(out, name), append(counts, name+" 1")
		}
		return out, counts
	}
	before, _ := names("a")
	after, want := names("b")
	m := w.Add("NEW", "x", before...)
	_, err := w.Memories.Update(t.Context(), w.P, m.ID, memory.Change{Topics: &after})
	w.OK(err)
	w.TopicCounts(want...)
	w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
	w.TopicCounts()
}

func TestDeleteMemory(t *testing.T) {
	w := newWorld(t)
	c := w.Talk("Talk")
	m := w.Add(c, "secret words", "A")
	kept := w.Add(c, "other words", "A")
	w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
	w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
	_, err := w.Memories.Get(t.Context(), w.P, m.ID)
	w.Kind(err, errs.NotFound)
	_, err = w.Memories.Update(t.Context(), w.P, m.ID, memory.Change{})
	w.Kind(err, errs.NotFound)
	if got := w.Timeline(c); !slices.Equal(got, []string{"other words"}) {
		t.Errorf("timeline: %q", got)
	}
	w.TopicCounts("A 1")
	if len(w.Search("secret")) != 0 || len(w.Search("other")) != 1 {
		t.Error("the search does not tell the deleted memory from the other")
	}
	w.Kind(w.Memories.Delete(t.Context(), w.P, "0b7e0a2e-0000-4000-8000-000000000000"), errs.NotFound)
	w.Kind(w.Memories.Delete(t.Context(), w.P, "x"), errs.NotFound)
	w.Work()
	w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
	w.Advance(31 * 24 * time.Hour)
	w.Kind(w.Memories.Delete(t.Context(), w.P, m.ID), errs.NotFound)
	if n := w.Count(); n != 1 {
		t.Errorf("%d memories are counted", n)
	}
	got, err := w.Memories.DeleteMany(t.Context(), w.P, []string{kept.ID, kept.ID, "x"})
	if w.OK(err); got.Deleted != 2 || !slices.Equal(got.Missing, []string{"x"}) {
		t.Errorf("bulk: %+v", got)
	}
}

func TestMemoriesAndSiblings(t *testing.T) {
	w := newWorld(t)
	c := w.Talk("Talk")
	var ids []string
	for i := range 5 {
		ids = append(ids, w.Add(c, fmt.Sprint(i)).ID)
	}
	elsewhere := w.Add("NEW", "elsewhere")
	unknown := "0b7e0a2e-0000-4000-8000-000000000000"
	found, missing, err := w.Memories.Many(t.Context(), w.P, []string{ids[3], unknown, elsewhere.ID, ids[0], "NOT", ids[3]})
	w.OK(err)
	if got := contents(found); !slices.Equal(got, []string{"3", "elsewhere", "0", "3"}) || !slices.Equal(missing, []string{unknown, "NOT"}) {
		t.Errorf("batch: %q, missing %q", got, missing)
	}
	for limit, want := range map[int][]string{0: {"0", "1", "3", "4"}, 2: {"0", "1"}, 3: {"0", "1", "3"}, 9: {"0", "1", "3", "4"}} {
		source, others, err := w.Memories.Siblings(t.Context(), w.P, ids[2], limit)
		w.OK(err)
		if got := contents(w.All(others)); source.Content != "2" || !slices.Equal(got, want) {
			t.Errorf("%d siblings of %q: %q", limit, source.Content, got)
		}
	}
	_, _, err = w.Memories.Many(t.Context(), w.P, nil)
	w.Kind(err, errs.InvalidArgument)
}

func contents(memories []memory.Memory) (out []string) {
	for _, m := range memories {
		out = append(out, m.Content)
	}
	return out
}

func TestClaimedMemory(t *testing.T) {
	w := newWorld(t)
	claim := w.Claim("once")
	in := memory.Input{Conversation: "NEW", Content: "marker", Name: "the-name"}
	made, err := w.Memories.Create(t.Context(), w.P, in, claim)
	w.OK(err)
	_, err = w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: "NEW", Content: "marker"}, claim)
	answer, taken, takenErr := claim.Taken(err)
	if !taken || takenErr != nil || !strings.Contains(string(answer.Body), made.Memory.ID) {
		t.Errorf("the twin: %v, %v, %s", err, takenErr, answer.Body)
	}
	w.OK(w.Memories.Delete(t.Context(), w.P, made.Memory.ID))
	_, _, err = claim.Lookup(t.Context(), w.Bare)
	w.Kind(err, errs.Conflict) // the request is still known
	w.Work()
	if found := w.Where("marker"); len(found) > 0 {
		t.Errorf("the stored answer outlives the memory: %v", found)
	}
}

func TestTimelineOrder(t *testing.T) {
	w := newWorld(t)
	c := w.Talk("Talk")
	for _, m := range []struct{ content, at string }{
		{"3 no time", ""}, {"2 late", "2026-01-02T00:00:00Z"}, {"1 early", "1815-06-18T11:35:00Z"}, {"4 no time", ""},
		{"5 later", "2099-01-01T00:00:00Z"}, {"0 first", "0001-01-02T00:00:00Z"}, {"2 late too", "2026-01-02T01:00:00+01:00"},
	} {
		_, err := w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: c, Content: m.content, EventTime: m.at}, nil)
		w.OK(err)
	}
	want := []string{"0 first", "1 early", "2 late", "2 late too", "3 no time", "4 no time", "5 later"}
	if diff := cmp.Diff(want, w.Timeline(c)); diff != "" {
		t.Error(diff)
	}
	tl, err := w.Memories.Timeline(t.Context(), w.P, c, 2, 3)
	w.OK(err)
	var part []string
	for m, err := range tl.Memories {
		w.OK(err)
		part = append(part, m.Content)
	}
	if !slices.Equal(part, want[3:5]) || tl.Count != 7 {
		t.Errorf("a part: %q of %d", part, tl.Count)
	}
}

// A hundred writers at once lose nothing, with transactions that collide.
func TestHundredWriters(t *testing.T) {
	w := newWorld(t)
	clash := tabletest.NewContended(w.Bare, 0)
	w.Use(clash)
	c := w.Talk("Talk")
	var wg sync.WaitGroup
	errors := make([]error, 100)
	begun := make([]bool, 100)
	for i := range 100 {
		wg.Go(func() {
			for again := true; again; { // as a client does that is told to
				made, err := w.Memories.Create(t.Context(), w.P, memory.Input{
					Conversation: c, Content: fmt.Sprintf("memory %03d", i), Topics: []string{"All", fmt.Sprint("T", i%10)},
				}, nil)
				errors[i], begun[i], again = err, made.SessionCreated, errs.Is(err, errs.Unavailable)
			}
		})
	}
	wg.Wait()
	for _, err := range errors {
		w.OK(err)
	}
	got := w.Timeline(c)
	slices.Sort(got)
	for i, content := range got {
		if content != fmt.Sprintf("memory %03d", i) {
			t.Fatalf("memory %d is %q", i, content)
		}
	}
	conv, err := w.Conversations.Get(t.Context(), w.P, c)
	if w.OK(err); len(got) != 100 || conv.Memories != 100 || w.Count() != 100 {
		t.Errorf("%d memories, %d of the conversation, %d of the workspace", len(got), conv.Memories, w.Count())
	}
	if n := len(slices.DeleteFunc(begun, func(b bool) bool { return !b })); n != 1 {
		t.Errorf("%d memory sessions were begun", n)
	}
	want := []string{"All 100"}
	for i := range 10 {
		want = append(want, fmt.Sprintf("T%d 10", i))
	}
	w.TopicCounts(want...)
	if clash.Conflicts() == 0 {
		t.Error("nothing collided: the test shows nothing")
	}
}
