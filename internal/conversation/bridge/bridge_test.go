package bridge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"griot/internal/conversation"
	"griot/internal/conversation/conversationtest"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic/merge"
	"griot/internal/deletion"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

func interview(w *world) *session {
	f := newSession(w)
	for i := range 40 {
		f.Say([]string{"Ann", "Bob"}[i%2], int64(i)*10_000, conversationtest.Sentence(30, fmt.Sprint("turn", i)))
	}
	f.Say("Ann", 400_000, "We use SAP-R3 for Refunds.")
	f.Say("Bob", 410_000, "The clerk starts it.")
	f.Result = extraction.Result{
		SOPs: []extraction.SOPCandidate{{Title: "Refund approval"}},
		Entities: []extraction.EntityCandidate{
			{Name: "SAP R3", Type: "System", Mentions: 1, Common: conversationtest.Sure()}, {Name: "Turn7", Mentions: 2, Common: conversationtest.Sure()},
			{Name: "turn", Mentions: 3, Common: conversationtest.Sure()}, {Name: "word", Mentions: 99, Common: extraction.Common{Confidence: 0.59}},
			{Name: "Clerk", Aliases: []string{"the agent"}, Common: conversationtest.Sure(1)},
		},
		Risks: []extraction.RiskCandidate{{Title: "Only Ann knows"}},
	}
	return f
}

func TestBridge(t *testing.T) {
	w := newWorld(t)
	f := interview(w)
	w.OK(f.Bridge(t.Context()))
	w.OK(f.Bridge(t.Context())) // delivered again
	list, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 10})
	w.OK(err)
	if list.Total != 1 {
		t.Fatalf("%d conversations", list.Total)
	}
	c := list.Conversations[0]
	if c.Title != "The interview" || c.SourceSession != "ses_1" ||
		c.Summary != "Found in this session: 1 procedure, 5 entities and 1 risk signal. Procedures: Refund approval. Risks: Only Ann knows. About: turn; Turn7; SAP R3; Clerk." {
		t.Errorf("conversation %+v", c)
	}
	tl, err := w.Memories.Timeline(t.Context(), w.P, c.ID, 0, 0)
	w.OK(err)
	next, artifact := int64(0), f.text()
	n := 0
	for m, err := range tl.Memories {
		w.OK(err)
		n++
		var first, last int64
		_, err = fmt.Sscanf(m.Context, "mnemos://artifact/art_01ARZ3NDEKTSV4RRFFQ69G5FAV?range=%d-%d", &first, &last)
		w.OK(err)
		if first != next {
			t.Errorf("a passage begins at %d, want %d", first, next)
		}
		next = last + 2
		var plain []string
		for line := range strings.Lines(m.Content) {
			_, said, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			plain = append(plain, said)
		}
		if quote := artifact[first : last+1]; quote != strings.Join(plain, "\n") {
			t.Errorf("cited %.40q, said %.40q", quote, plain)
		}
		if m.EventTime.Before(conversationtest.Start) || m.EventTime.After(conversationtest.Start.Add(410*time.Second)) || m.Role != "user" || m.Type != "episodic" {
			t.Errorf("passage %+v", m)
		}
	}
	if int(next) != len(artifact)+1 || n < 10 || tl.Count != int64(n) {
		t.Errorf("%d passages up to byte %d of %d", n, next-1, len(artifact))
	}
	w.TopicCounts("Clerk 2", "SAP R3 1", "Turn7 1")
	w.Sound()
}

func (f *session) text() string {
	var texts []string
	for _, seg := range f.Segments {
		texts = append(texts, seg.Text)
	}
	return strings.Join(texts, "\n")
}

// Passages keep their order without times, and none is too long.
func TestBridgePassages(t *testing.T) {
	w := newWorld(t)
	f := newSession(w)
	for range 12 {
		f.Say("", -1, strings.Repeat("語", 10_000))
	}
	for i := range 500 {
		f.Say("A", -1, fmt.Sprintf("short %03d", i))
	}
	w.OK(f.Bridge(t.Context()))
	list, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 10})
	w.OK(err)
	got := w.Timeline(list.Conversations[0].ID)
	var texts []string
	for _, content := range got {
		if n := utf8.RuneCountInString(content); n > 50_000 {
			t.Errorf("a passage of %d characters", n)
		}
		for line := range strings.Lines(content) {
			texts = append(texts, strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "A: "))
		}
	}
	if strings.Join(texts, "\n") != f.text() {
		t.Error("the passages are not the transcript in order")
	}
	if len(got) != 103 {
		t.Errorf("%d passages", len(got))
	}
}

func TestBridgeUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		f := interview(w)
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		w.Tolerate(f.Bridge(t.Context()))
		faulty.Heal()
		w.OK(f.Bridge(t.Context()))
		list, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 10})
		if w.OK(err); list.Total != 1 || len(w.Timeline(list.Conversations[0].ID)) != 21 {
			t.Errorf("%d conversations of %d passages", list.Total, len(w.Timeline(list.Conversations[0].ID)))
		}
		w.Sound()
		w.TopicCounts("Clerk 2", "SAP R3 1", "Turn7 1")
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// A conversation that was deleted, also halfway through, does not come back,
// and neither does a passage.
func TestBridgeAfterDeletion(t *testing.T) {
	w := newWorld(t)
	f := interview(w)
	w.OK(f.Bridge(t.Context()))
	list, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 10})
	w.OK(err)
	c := list.Conversations[0].ID
	tl, err := w.Memories.Timeline(t.Context(), w.P, c, 1, 3)
	w.OK(err)
	for m := range tl.Memories {
		w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
	}
	w.OK(f.Bridge(t.Context()))
	if n := len(w.Timeline(c)); n != 20 {
		t.Errorf("%d passages after one was deleted", n)
	}
	del, err := w.Conversations.Delete(t.Context(), w.P, c)
	w.OK(err)
	w.OK(f.Bridge(t.Context()))
	w.Work()
	w.OK(f.Bridge(t.Context()))
	_, err = w.Conversations.Get(t.Context(), w.P, c)
	w.Kind(err, errs.NotFound)
	receipt, err := deletion.Get(t.Context(), w.Bare, w.P.Workspace, del.ID)
	if w.OK(err); receipt.Status != deletion.Done || w.Count() != 0 {
		t.Errorf("%+v, %d memories", receipt, w.Count())
	}
	if found := w.Where("turn39"); len(found) > 0 {
		t.Errorf("words are left in %v", found)
	}
	w.TopicCounts()
	w.Add("NEW", "x")
	list, err = w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 10})
	if w.OK(err); list.Total != 1 || slices.Contains([]string{c}, list.Conversations[0].ID) {
		t.Errorf("list: %+v", list)
	}
}

// tags are the memories of a conversation in order: topics and version.
func (w *world) tags(conversationID string) (all []string) {
	w.T.Helper()
	tl, err := w.Memories.Timeline(w.T.Context(), w.P, conversationID, 0, 0)
	w.OK(err)
	for m, err := range tl.Memories {
		w.OK(err)
		all = append(all, fmt.Sprint(m.Topics, " ", m.Version))
	}
	return all
}

// bridgedOf is the conversation that a session became.
func (f *session) bridgedOf() conversation.Conversation {
	f.w.T.Helper()
	list, err := f.w.Conversations.List(f.w.T.Context(), f.w.P, conversation.ListInput{Limit: 10})
	if f.w.OK(err); list.Total != 1 {
		f.w.T.Fatalf("%d conversations", list.Total)
	}
	return list.Conversations[0]
}

func mill(w *world) *session {
	f := newSession(w)
	for i, what := range []string{"the Ruston engine", "Odile and the sluice", "the sluice", "flour for Brandvold"} {
		f.Say([]string{"Odile", "Sem"}[i%2], int64(i)*60_000, conversationtest.Sentence(100, what))
	}
	f.Result = extraction.Result{Entities: []extraction.EntityCandidate{
		{Name: "Ruston", Common: conversationtest.Sure()}, {Name: "Sluice", Common: conversationtest.Sure()}, {Name: "Odile", Common: conversationtest.Sure(1, 3)},
	}}
	return f
}

// second is what another reading of the mill finds.
func second() extraction.Result {
	return extraction.Result{
		Summary:  &extraction.CitedSummary{Text: "The mill grinds for Brandvold."},
		Entities: []extraction.EntityCandidate{{Name: "Ruston", Common: conversationtest.Sure()}, {Name: "Brandvold", Common: conversationtest.Sure()}, {Name: "sluice", Common: extraction.Common{Confidence: 0.5}}},
	}
}

// Topics and summary follow another result; what somebody has edited, renamed
// or deleted is theirs.
func TestBridgeFollowsAnotherResult(t *testing.T) {
	const before = "Found in this session: 0 procedures, 3 entities and 0 risk signals. About: Ruston; Sluice; Odile."
	const after = "The mill grinds for Brandvold."
	title, summary, content, none := "The mill", "Grinding", "Nothing of the sluice", []string{}
	tests := map[string]struct {
		meanwhile func(w *world, c string, memories []string)
		summary   string
		tags      string
		topics    []string
	}{
		"untouched": {nil, after, "[Ruston] 1, [] 2, [] 2, [Brandvold] 2", []string{"Brandvold 1", "Ruston 1"}},
		"edited": {func(w *world, _ string, m []string) {
			_, err := w.Memories.Update(t.Context(), w.P, m[1], memory.Change{Content: &content})
			w.OK(err)
			_, err = w.Memories.Update(t.Context(), w.P, m[3], memory.Change{Topics: &none})
			w.OK(err)
		}, after, "[Ruston] 1, [Sluice Odile] 2, [] 2, [] 2", []string{"Odile 1", "Ruston 1", "Sluice 1"}},
		"renamed": {func(w *world, c string, _ []string) {
			_, err := w.Conversations.Rename(t.Context(), w.P, c, conversation.Change{Title: &title})
			w.OK(err)
		}, before, "[Ruston] 1, [] 2, [] 2, [Brandvold] 2", []string{"Brandvold 1", "Ruston 1"}},
		"summed up": {func(w *world, c string, _ []string) {
			_, err := w.Conversations.Rename(t.Context(), w.P, c, conversation.Change{Summary: &summary})
			w.OK(err)
		}, summary, "[Ruston] 1, [] 2, [] 2, [Brandvold] 2", []string{"Brandvold 1", "Ruston 1"}},
		"deleted and added": {func(w *world, c string, m []string) {
			w.OK(w.Memories.Delete(t.Context(), w.P, m[3]))
			w.Add(c, "Brandvold pays late", "Sluice")
			w.Advance(40 * 24 * time.Hour) // nobody knows of the deleted one any more
		}, after, "[Ruston] 1, [Sluice] 1, [] 2, [] 2", []string{"Ruston 1", "Sluice 1"}},
		"merged": {func(w *world, c string, _ []string) {
			w.Add(c, "x", "Customers", "Brandvold")
			_, err := w.Merges.Merge(t.Context(), w.P, merge.Input{Source: "Brandvold", Target: "Customers"}, nil)
			w.OK(err)
		}, after, "[Ruston] 1, [Customers] 2, [] 2, [] 2, [Customers] 2", []string{"Customers 2", "Ruston 1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			f := mill(w)
			w.OK(f.Bridge(t.Context()))
			f.Whole = true
			c := f.bridgedOf()
			if got := strings.Join(w.tags(c.ID), ", "); c.Summary != before || got != "[Ruston] 1, [Sluice Odile] 1, [Sluice] 1, [] 1" {
				t.Fatalf("at first: %q, %s", c.Summary, got)
			}
			var memories []string
			tl, err := w.Memories.Timeline(t.Context(), w.P, c.ID, 0, 0)
			w.OK(err)
			for m, err := range tl.Memories {
				w.OK(err)
				memories = append(memories, m.ID)
			}
			if test.meanwhile != nil {
				test.meanwhile(w, c.ID, memories)
			}
			first := f.Result
			f.Extract("second", second())
			for range 2 { // delivered again
				w.OK(f.Bridge(t.Context()))
				if got := strings.Join(w.tags(c.ID), ", "); got != test.tags || f.bridgedOf().Summary != test.summary {
					t.Errorf("got  %s, %q\nwant %s, %q", got, f.bridgedOf().Summary, test.tags, test.summary)
				}
			}
			w.Work()
			w.TopicCounts(test.topics...)
			w.Sound()
			f.Result, f.Stands = first, "first"
			if w.OK(f.Bridge(t.Context())); f.bridgedOf().Summary != test.summary {
				t.Errorf("a result that does not stand is followed: %q", f.bridgedOf().Summary)
			}
			if got := strings.Join(w.tags(c.ID), ", "); got != test.tags {
				t.Errorf("a result that does not stand is followed: %s", got)
			}
		})
	}
}

// A conversation that was made before passages were joined, and its memories,
// before they were marked, follow as they are.
func TestBridgeFollowsAsItWasCut(t *testing.T) {
	w := newWorld(t)
	f := mill(w)
	for _, said := range []string{"Yes.", "Mm-hmm.", "Right.", "Okay.", "Sure."} {
		f.Say("Sem", 400_000, said)
	}
	f.Say("Odile", 500_000, conversationtest.Sentence(100, "the Ruston engine"))
	w.OK(f.Bridge(t.Context()))
	c := f.bridgedOf()
	if got := w.tags(c.ID); len(got) != 5 {
		t.Fatalf("joined: %q", got)
	}
	for _, whole := range []bool{true, false} { // or interrupted
		w := newWorld(t)
		all, result := f.Segments, f.Result
		f := newSession(w)
		f.Result = result
		w.OK(f.Bridge(t.Context()))
		c := f.bridgedOf()
		op := table.Update(table.Key{Table: table.Conversations, PK: w.P.Workspace + "#convs", SK: c.ID}, nil, table.Exists())
		op.Remove = []string{"cut"}
		_, err := w.Bare.Write(t.Context(), op)
		w.OK(err)
		if f.Segments = all; !whole {
			f.Segments = all[:7]
		}
		w.OK(f.Bridge(t.Context()))
		w.unmark(c.ID)
		f.Segments, f.Whole = all, whole
		f.Extract("second", second())
		w.OK(f.Bridge(t.Context()))
		want := "[Ruston] 1, [] 2, [] 2, [Brandvold] 2, [] 1, [Ruston] 1"
		if got := strings.Join(w.tags(c.ID), ", "); got != want {
			t.Errorf("%v: %s, want %s", whole, got, want)
		}
		w.Sound()
	}
}

// unmark takes from a conversation's memories that they are of passages.
func (w *world) unmark(conversationID string) {
	w.T.Helper()
	page, err := w.Bare.Query(w.T.Context(), table.Query{
		Table: table.Conversations, PK: w.P.Workspace + "#" + conversationID, Prefix: "m#", Consistency: table.Consistent,
	})
	w.OK(err)
	for _, item := range page.Items {
		op := table.Update(item.Key, nil, table.Exists())
		op.Remove = []string{"passage"}
		_, err := w.Bare.Write(w.T.Context(), op)
		w.OK(err)
	}
}

func TestBridgeFollowsUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		f := mill(w)
		w.OK(f.Bridge(t.Context()))
		f.Extract("second", second())
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		w.Tolerate(f.Bridge(t.Context()))
		faulty.Heal()
		w.OK(f.Bridge(t.Context()))
		c := f.bridgedOf()
		if got := strings.Join(w.tags(c.ID), ", "); got != "[Ruston] 1, [] 2, [] 2, [Brandvold] 2" || c.Summary != "The mill grinds for Brandvold." {
			t.Errorf("%s, %q", got, c.Summary)
		}
		w.Sound()
		w.TopicCounts("Brandvold 1", "Ruston 1")
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}
