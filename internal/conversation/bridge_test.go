package conversation_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"griot/internal/conversation"
	"griot/internal/conversation/bridge"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic/merge"
	"griot/internal/deletion"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/table"
	"griot/internal/table/tabletest"
	"griot/internal/transcript"
)

// fakeSession is a session that remembers its conversation in a row of its
// own, as the real one's head does.
type fakeSession struct {
	w        *world
	segments []transcript.Segment
	result   extraction.Result
	stands   string // which result that is
	changed  bool   // it has taken the place of an earlier one
	whole    bool   // all passages have been added once
}

func (f *fakeSession) key() table.Key {
	return table.Key{Table: table.Sessions, PK: f.w.p.Workspace + "#ses_1", SK: "head"}
}

// say adds segments of so many words, each with a time when it is not
// negative.
func (f *fakeSession) say(speaker string, startMS int64, text string) {
	turn := transcript.Turn{Speaker: speaker, Text: text}
	if startMS >= 0 {
		turn.StartMS = &startMS
	}
	offset := int64(0)
	if n := len(f.segments); n > 0 {
		offset = f.segments[n-1].Range[1] + 2
	}
	f.segments = append(f.segments, transcript.NewSegment(turn, int64(len(f.segments)+1), offset))
}

// bridge is what the worker does with a completed session.
func (f *fakeSession) bridge(ctx context.Context) error {
	item, err := f.w.Table.Get(ctx, f.key(), table.Consistent)
	if err != nil {
		return err
	}
	return f.w.bridges.Bridge(ctx, f.w.p.Workspace, bridge.Input{
		Session: "ses_1", ArtifactURI: "mnemos://artifact/art_01ARZ3NDEKTSV4RRFFQ69G5FAV", Title: "The interview",
		At: start, Conversation: item.Str("conversation"), Segments: f.each(), Result: f.result,
		Missing: !f.whole, Changed: f.changed, Stands: table.Check(f.key(), table.Equal("extraction", f.stands)),
	}, f.record)
}

// extract gives the session another result.
func (f *fakeSession) extract(stands string, res extraction.Result) {
	f.w.t.Helper()
	_, err := f.w.bare.Write(f.w.t.Context(), table.Update(f.key(), table.Attrs{"extraction": stands}, table.Exists()))
	f.w.ok(err)
	f.changed, f.stands, f.result = f.stands != "", stands, res
}

func (f *fakeSession) each() iter.Seq2[transcript.Segment, error] {
	return func(yield func(transcript.Segment, error) bool) {
		for _, seg := range f.segments {
			if !yield(seg, nil) {
				return
			}
		}
	}
}

func (f *fakeSession) record(ctx context.Context, conversationID string, ops []table.Op) (string, error) {
	head := table.Update(f.key(), table.Attrs{"conversation": conversationID}, table.Exists(), table.Missing("conversation"))
	err := table.Retry(ctx, 8, func() error { return f.w.Table.Transact(ctx, append([]table.Op{head}, ops...)) })
	if failed := table.Failed(err); failed != nil && failed.Index == 0 {
		return failed.Old.Str("conversation"), nil
	}
	return conversationID, err
}

func newSession(w *world) *fakeSession {
	f := &fakeSession{w: w}
	_, err := w.bare.Write(w.t.Context(), table.Put(f.key(), table.Attrs{"x": "y"}))
	w.ok(err)
	f.extract("first", extraction.Result{})
	return f
}

func sentence(words int, about string) string {
	return strings.TrimSpace(strings.Repeat("word ", words-1)) + " " + about
}

// sure is a candidate that is sure enough for a topic, cited in segments.
func sure(seqs ...int64) extraction.Common {
	c := extraction.Common{Confidence: 0.6}
	for _, seq := range seqs {
		c.Citations = append(c.Citations, extraction.Citation{Seq: seq})
	}
	return c
}

func interview(w *world) *fakeSession {
	f := newSession(w)
	for i := range 40 {
		f.say([]string{"Ann", "Bob"}[i%2], int64(i)*10_000, sentence(30, fmt.Sprint("turn", i)))
	}
	f.say("Ann", 400_000, "We use SAP-R3 for Refunds.")
	f.say("Bob", 410_000, "The clerk starts it.")
	f.result = extraction.Result{
		SOPs: []extraction.SOPCandidate{{Title: "Refund approval"}},
		Entities: []extraction.EntityCandidate{
			{Name: "SAP R3", Type: "System", Mentions: 1, Common: sure()}, {Name: "Turn7", Mentions: 2, Common: sure()},
			{Name: "turn", Mentions: 3, Common: sure()}, {Name: "word", Mentions: 99, Common: extraction.Common{Confidence: 0.59}},
			{Name: "Clerk", Aliases: []string{"the agent"}, Common: sure(1)},
		},
		Risks: []extraction.RiskCandidate{{Title: "Only Ann knows"}},
	}
	return f
}

func TestBridge(t *testing.T) {
	w := newWorld(t)
	f := interview(w)
	w.ok(f.bridge(t.Context()))
	w.ok(f.bridge(t.Context())) // delivered again
	list, err := w.List(t.Context(), w.p, conversation.ListInput{Limit: 10})
	w.ok(err)
	if list.Total != 1 {
		t.Fatalf("%d conversations", list.Total)
	}
	c := list.Conversations[0]
	if c.Title != "The interview" || c.SourceSession != "ses_1" ||
		c.Summary != "Found in this session: 1 procedure, 5 entities and 1 risk signal. Procedures: Refund approval. Risks: Only Ann knows. About: turn; Turn7; SAP R3; Clerk." {
		t.Errorf("conversation %+v", c)
	}
	tl, err := w.memories.Timeline(t.Context(), w.p, c.ID, 0, 0)
	w.ok(err)
	next, artifact := int64(0), f.text()
	n := 0
	for m, err := range tl.Memories {
		w.ok(err)
		n++
		var first, last int64
		_, err = fmt.Sscanf(m.Context, "mnemos://artifact/art_01ARZ3NDEKTSV4RRFFQ69G5FAV?range=%d-%d", &first, &last)
		w.ok(err)
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
		if m.EventTime.Before(start) || m.EventTime.After(start.Add(410*time.Second)) || m.Role != "user" || m.Type != "episodic" {
			t.Errorf("passage %+v", m)
		}
	}
	if int(next) != len(artifact)+1 || n < 10 || tl.Count != int64(n) {
		t.Errorf("%d passages up to byte %d of %d", n, next-1, len(artifact))
	}
	w.topics("Clerk 2", "SAP R3 1", "Turn7 1")
	w.sound()
}

func (f *fakeSession) text() string {
	var texts []string
	for _, seg := range f.segments {
		texts = append(texts, seg.Text)
	}
	return strings.Join(texts, "\n")
}

// Passages keep their order without times, and none is too long.
func TestBridgePassages(t *testing.T) {
	w := newWorld(t)
	f := newSession(w)
	for range 12 {
		f.say("", -1, strings.Repeat("語", 10_000))
	}
	for i := range 500 {
		f.say("A", -1, fmt.Sprintf("short %03d", i))
	}
	w.ok(f.bridge(t.Context()))
	list, err := w.List(t.Context(), w.p, conversation.ListInput{Limit: 10})
	w.ok(err)
	got := w.timeline(list.Conversations[0].ID)
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
		faulty := tabletest.NewFaulty(w.bare)
		w.use(faulty)
		arm(faulty)
		w.tolerate(f.bridge(t.Context()))
		faulty.Heal()
		w.ok(f.bridge(t.Context()))
		list, err := w.List(t.Context(), w.p, conversation.ListInput{Limit: 10})
		if w.ok(err); list.Total != 1 || len(w.timeline(list.Conversations[0].ID)) != 21 {
			t.Errorf("%d conversations of %d passages", list.Total, len(w.timeline(list.Conversations[0].ID)))
		}
		w.sound()
		w.topics("Clerk 2", "SAP R3 1", "Turn7 1")
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// A conversation that was deleted, also halfway through, does not come back,
// and neither does a passage.
func TestBridgeAfterDeletion(t *testing.T) {
	w := newWorld(t)
	f := interview(w)
	w.ok(f.bridge(t.Context()))
	list, err := w.List(t.Context(), w.p, conversation.ListInput{Limit: 10})
	w.ok(err)
	c := list.Conversations[0].ID
	tl, err := w.memories.Timeline(t.Context(), w.p, c, 1, 3)
	w.ok(err)
	for m := range tl.Memories {
		w.ok(w.memories.Delete(t.Context(), w.p, m.ID))
	}
	w.ok(f.bridge(t.Context()))
	if n := len(w.timeline(c)); n != 20 {
		t.Errorf("%d passages after one was deleted", n)
	}
	del, err := w.Delete(t.Context(), w.p, c)
	w.ok(err)
	w.ok(f.bridge(t.Context()))
	w.work()
	w.ok(f.bridge(t.Context()))
	_, err = w.Get(t.Context(), w.p, c)
	w.kind(err, errs.NotFound)
	receipt, err := deletion.Get(t.Context(), w.bare, w.p.Workspace, del.ID)
	if w.ok(err); receipt.Status != deletion.Done || w.count() != 0 {
		t.Errorf("%+v, %d memories", receipt, w.count())
	}
	if found := w.where("turn39"); len(found) > 0 {
		t.Errorf("words are left in %v", found)
	}
	w.topics()
	w.add("NEW", "x")
	list, err = w.List(t.Context(), w.p, conversation.ListInput{Limit: 10})
	if w.ok(err); list.Total != 1 || slices.Contains([]string{c}, list.Conversations[0].ID) {
		t.Errorf("list: %+v", list)
	}
}

// tags are the memories of a conversation in order: topics and version.
func (w *world) tags(conversationID string) (all []string) {
	w.t.Helper()
	tl, err := w.memories.Timeline(w.t.Context(), w.p, conversationID, 0, 0)
	w.ok(err)
	for m, err := range tl.Memories {
		w.ok(err)
		all = append(all, fmt.Sprint(m.Topics, " ", m.Version))
	}
	return all
}

// bridgedOf is the conversation that a session became.
func (f *fakeSession) bridgedOf() conversation.Conversation {
	f.w.t.Helper()
	list, err := f.w.List(f.w.t.Context(), f.w.p, conversation.ListInput{Limit: 10})
	if f.w.ok(err); list.Total != 1 {
		f.w.t.Fatalf("%d conversations", list.Total)
	}
	return list.Conversations[0]
}

func mill(w *world) *fakeSession {
	f := newSession(w)
	for i, what := range []string{"the Ruston engine", "Odile and the sluice", "the sluice", "flour for Brandvold"} {
		f.say([]string{"Odile", "Sem"}[i%2], int64(i)*60_000, sentence(100, what))
	}
	f.result = extraction.Result{Entities: []extraction.EntityCandidate{
		{Name: "Ruston", Common: sure()}, {Name: "Sluice", Common: sure()}, {Name: "Odile", Common: sure(1, 3)},
	}}
	return f
}

// second is what another reading of the mill finds.
func second() extraction.Result {
	return extraction.Result{
		Summary:  &extraction.CitedSummary{Text: "The mill grinds for Brandvold."},
		Entities: []extraction.EntityCandidate{{Name: "Ruston", Common: sure()}, {Name: "Brandvold", Common: sure()}, {Name: "sluice", Common: extraction.Common{Confidence: 0.5}}},
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
			_, err := w.memories.Update(t.Context(), w.p, m[1], memory.Change{Content: &content})
			w.ok(err)
			_, err = w.memories.Update(t.Context(), w.p, m[3], memory.Change{Topics: &none})
			w.ok(err)
		}, after, "[Ruston] 1, [Sluice Odile] 2, [] 2, [] 2", []string{"Odile 1", "Ruston 1", "Sluice 1"}},
		"renamed": {func(w *world, c string, _ []string) {
			_, err := w.Rename(t.Context(), w.p, c, conversation.Change{Title: &title})
			w.ok(err)
		}, before, "[Ruston] 1, [] 2, [] 2, [Brandvold] 2", []string{"Brandvold 1", "Ruston 1"}},
		"summed up": {func(w *world, c string, _ []string) {
			_, err := w.Rename(t.Context(), w.p, c, conversation.Change{Summary: &summary})
			w.ok(err)
		}, summary, "[Ruston] 1, [] 2, [] 2, [Brandvold] 2", []string{"Brandvold 1", "Ruston 1"}},
		"deleted and added": {func(w *world, c string, m []string) {
			w.ok(w.memories.Delete(t.Context(), w.p, m[3]))
			w.add(c, "Brandvold pays late", "Sluice")
			w.clock.advance(40 * 24 * time.Hour) // nobody knows of the deleted one any more
		}, after, "[Ruston] 1, [Sluice] 1, [] 2, [] 2", []string{"Ruston 1", "Sluice 1"}},
		"merged": {func(w *world, c string, _ []string) {
			w.add(c, "x", "Customers", "Brandvold")
			_, err := w.merges.Merge(t.Context(), w.p, merge.Input{Source: "Brandvold", Target: "Customers"}, nil)
			w.ok(err)
		}, after, "[Ruston] 1, [Customers] 2, [] 2, [] 2, [Customers] 2", []string{"Customers 2", "Ruston 1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			f := mill(w)
			w.ok(f.bridge(t.Context()))
			f.whole = true
			c := f.bridgedOf()
			if got := strings.Join(w.tags(c.ID), ", "); c.Summary != before || got != "[Ruston] 1, [Sluice Odile] 1, [Sluice] 1, [] 1" {
				t.Fatalf("at first: %q, %s", c.Summary, got)
			}
			var memories []string
			tl, err := w.memories.Timeline(t.Context(), w.p, c.ID, 0, 0)
			w.ok(err)
			for m, err := range tl.Memories {
				w.ok(err)
				memories = append(memories, m.ID)
			}
			if test.meanwhile != nil {
				test.meanwhile(w, c.ID, memories)
			}
			first := f.result
			f.extract("second", second())
			for range 2 { // delivered again
				w.ok(f.bridge(t.Context()))
				if got := strings.Join(w.tags(c.ID), ", "); got != test.tags || f.bridgedOf().Summary != test.summary {
					t.Errorf("got  %s, %q\nwant %s, %q", got, f.bridgedOf().Summary, test.tags, test.summary)
				}
			}
			w.work()
			w.topics(test.topics...)
			w.sound()
			f.result, f.stands = first, "first"
			if w.ok(f.bridge(t.Context())); f.bridgedOf().Summary != test.summary {
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
		f.say("Sem", 400_000, said)
	}
	f.say("Odile", 500_000, sentence(100, "the Ruston engine"))
	w.ok(f.bridge(t.Context()))
	c := f.bridgedOf()
	if got := w.tags(c.ID); len(got) != 5 {
		t.Fatalf("joined: %q", got)
	}
	for _, whole := range []bool{true, false} { // or interrupted
		w := newWorld(t)
		f := &fakeSession{w: w, segments: f.segments, result: f.result, stands: "first"}
		_, err := w.bare.Write(t.Context(), table.Put(f.key(), table.Attrs{"x": "y"}))
		w.ok(err)
		all := f.segments
		f.segments = nil
		w.ok(f.bridge(t.Context()))
		c := f.bridgedOf()
		op := table.Update(table.Key{Table: table.Conversations, PK: w.p.Workspace + "#convs", SK: c.ID}, nil, table.Exists())
		op.Remove = []string{"cut"}
		_, err = w.bare.Write(t.Context(), op)
		w.ok(err)
		if f.segments = all; !whole {
			f.segments = all[:7]
		}
		w.ok(f.bridge(t.Context()))
		w.unmark(c.ID)
		f.segments, f.whole = all, whole
		f.extract("second", second())
		w.ok(f.bridge(t.Context()))
		want := "[Ruston] 1, [] 2, [] 2, [Brandvold] 2, [] 1, [Ruston] 1"
		if got := strings.Join(w.tags(c.ID), ", "); got != want {
			t.Errorf("%v: %s, want %s", whole, got, want)
		}
		w.sound()
	}
}

// unmark takes from a conversation's memories that they are of passages.
func (w *world) unmark(conversationID string) {
	w.t.Helper()
	page, err := w.bare.Query(w.t.Context(), table.Query{
		Table: table.Conversations, PK: w.p.Workspace + "#" + conversationID, Prefix: "m#", Consistency: table.Consistent,
	})
	w.ok(err)
	for _, item := range page.Items {
		op := table.Update(item.Key, nil, table.Exists())
		op.Remove = []string{"passage"}
		_, err := w.bare.Write(w.t.Context(), op)
		w.ok(err)
	}
}

func TestBridgeFollowsUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		f := mill(w)
		w.ok(f.bridge(t.Context()))
		f.extract("second", second())
		faulty := tabletest.NewFaulty(w.bare)
		w.use(faulty)
		arm(faulty)
		w.tolerate(f.bridge(t.Context()))
		faulty.Heal()
		w.ok(f.bridge(t.Context()))
		c := f.bridgedOf()
		if got := strings.Join(w.tags(c.ID), ", "); got != "[Ruston] 1, [] 2, [] 2, [Brandvold] 2" || c.Summary != "The mill grinds for Brandvold." {
			t.Errorf("%s, %q", got, c.Summary)
		}
		w.sound()
		w.topics("Brandvold 1", "Ruston 1")
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}
