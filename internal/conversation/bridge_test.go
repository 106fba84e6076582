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
	return f.w.Bridge(ctx, f.w.p.Workspace, conversation.BridgeInput{
		Session: "ses_1", ArtifactURI: "mnemos://artifact/art_01ARZ3NDEKTSV4RRFFQ69G5FAV", Title: "The interview",
		At: start, Conversation: item.Str("conversation"), Segments: f.each(), Result: f.result,
	}, f.record)
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
	return f
}

func sentence(words int, about string) string {
	return strings.TrimSpace(strings.Repeat("word ", words-1)) + " " + about
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
			{Name: "SAP R3", Type: "System", Mentions: 1}, {Name: "Turn7", Mentions: 2}, {Name: "turn", Mentions: 3},
			{Name: "Clerk", Aliases: []string{"the agent"}, Common: extraction.Common{Citations: []extraction.Citation{{Seq: 1}}}},
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
		c.Summary != "Found in this session: 1 procedure, 4 entities and 1 risk signal. Procedures: Refund approval. Risks: Only Ann knows. About: turn; Turn7; SAP R3; Clerk." {
		t.Errorf("conversation %+v", c)
	}
	tl, err := w.Timeline(t.Context(), w.p, c.ID, 0, 0)
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
	tl, err := w.Timeline(t.Context(), w.p, c, 1, 3)
	w.ok(err)
	for m := range tl.Memories {
		w.ok(w.DeleteMemory(t.Context(), w.p, m.ID))
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
