package archive_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/archive"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/table/tabletest"

	"github.com/google/go-cmp/cmp"
)

// archived are what an export has, as an import takes it.
func archived(all taken) (b archive.Batch) {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339Nano)
	}
	for _, c := range all.conversations {
		b.Conversations = append(b.Conversations, conversation.Archived{
			ID: c.ID, Title: c.Title, Summary: c.Summary, LastActivityAt: at(c.ActiveAt), SourceSessionID: c.SourceSession,
			TitleFrom: c.TitleFrom, EditedAt: at(c.EditedAt),
		})
	}
	for _, m := range all.memories {
		b.Memories = append(b.Memories, memory.Archived{
			ID: m.ID, SessionID: m.Session, Version: &m.Version, CreatedAt: at(m.CreatedAt), UpdatedAt: at(m.UpdatedAt),
			Input: memory.Input{
				Content: m.Content, Conversation: m.Conversation, Name: m.Name, Type: m.Type, Role: m.Role, Context: m.Context,
				Topics: m.Topics, EventTime: at(m.EventTime), ValidFrom: at(m.ValidFrom), ValidTo: at(m.ValidTo),
				CodeContext: m.CodeContext, TaskID: m.TaskID, Outcome: m.Outcome,
			},
		})
	}
	return b
}

// take imports a batch, as many parts of it as there must be.
func (w *world) take(b archive.Batch) (sum archive.Report) {
	w.T.Helper()
	for len(b.Conversations)+len(b.Memories) > 0 {
		part := archive.Batch{Conversations: b.Conversations[:min(100, len(b.Conversations))]}
		if b.Conversations = b.Conversations[len(part.Conversations):]; len(b.Conversations) == 0 {
			part.Memories = b.Memories[:min(100, len(b.Memories))]
			b.Memories = b.Memories[len(part.Memories):]
		}
		report, err := w.archives().Import(w.T.Context(), w.P, part)
		w.OK(err)
		add(&sum.Conversations, report.Conversations)
		add(&sum.Memories, report.Memories)
		sum.Notes = append(sum.Notes, report.Notes...)
	}
	return sum
}

func add(to *archive.Sums, s archive.Sums) {
	to.Imported += s.Imported
	to.Present += s.Present
	to.PassedOver += s.PassedOver
}

// full is a world with one of everything that an archive tells.
func full(t *testing.T) *world {
	w := newWorld(t)
	w.Advance(time.Hour)
	for i := range 120 {
		w.Talk(fmt.Sprint("empty ", i))
	}
	garden := w.Talk("The garden")
	for i := range 25 {
		w.Advance(time.Hour)
		w.Add(garden, fmt.Sprintf("Rosa waters bed number%d.", i), "roses", fmt.Sprint("bed ", i))
	}
	_, err := w.Memories.Create(t.Context(), w.P, memory.Input{
		Conversation: garden, Content: "Prune in March.", Name: "pruning", Type: "procedural", Role: "user", Context: "spring",
		Topics: []string{"roses"}, EventTime: "2020-03-01T00:00:00Z", ValidFrom: "2020-01-01T00:00:00Z", ValidTo: "2099-01-01T00:00:00Z",
		CodeContext: &memory.CodeContext{Product: "shears", Extra: map[string]string{"a": "b"}}, TaskID: "t", Outcome: "resolved",
	}, nil)
	w.OK(err)
	titled := w.Add("NEW", "A title of its own.\nAnd more.")
	w.Advance(time.Minute)
	again := "A title of its own, again."
	_, err = w.Memories.Update(t.Context(), w.P, titled.ID, memory.Change{Content: &again})
	w.OK(err)
	bare := w.Add("NEW", "Gone again.")
	w.OK(w.Memories.Delete(t.Context(), w.P, bare.ID))
	summary := "Of roses."
	w.Advance(time.Minute)
	_, err = w.Conversations.Rename(t.Context(), w.P, garden, conversation.Change{Summary: &summary})
	w.OK(err)
	w.MadeOfSession()
	w.Advance(time.Hour)
	return w
}

// MadeOfSession has a conversation that was made from a session.
func (w *world) MadeOfSession() {
	w.T.Helper()
	id := w.Talk("of a session")
	w.OK(w.Memories.Add(w.T.Context(), record.In(w.P.Workspace, id), []memory.Memory{memory.Memory{
		ID: passageID(), Conversation: id, Session: "session_01KRXN6W2VY3N0J8Q5Y3M2N4P6", Content: "passage of a talk", Type: "episodic", Version: 1,
		CreatedAt: w.Conversations.Time(), UpdatedAt: w.Conversations.Time(),
	}.AsPassage()}))
}

func passageID() string { return id.DerivedUUID("passage", "1") }

func encoded(t *testing.T, all taken) string {
	t.Helper()
	data, err := json.MarshalIndent([]any{all.memories, all.conversations}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestExportAndImportAreAPair takes everything out of one workspace and puts it
// into an empty one: what comes out of that is the same, twice over, and all that
// counts and finds is right.
func TestExportAndImportAreAPair(t *testing.T) {
	from, to := full(t), newWorld(t)
	to.Advance(10 * 24 * time.Hour)
	all := from.export(nil)
	first := to.take(archived(all))
	n := archive.Report{Conversations: archive.Sums{Imported: len(all.conversations)}, Memories: archive.Sums{Imported: len(all.memories)}}
	if diff := cmp.Diff(n, first); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(encoded(t, all), encoded(t, to.export(nil))); diff != "" {
		t.Error(diff)
	}
	to.Sound()
	again := to.take(archived(all))
	n = archive.Report{Conversations: archive.Sums{Present: len(all.conversations)}, Memories: archive.Sums{Present: len(all.memories)}}
	if diff := cmp.Diff(n, again); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(encoded(t, all), encoded(t, to.export(nil))); diff != "" {
		t.Error(diff)
	}
	to.Work()
	to.Sound()
	// a conversation that has no memory left is called after its next one, as before
	for _, c := range all.conversations {
		if c.TitleFrom == conversation.NoTitle {
			to.Add(c.ID, "A new beginning.")
			got, err := to.Conversations.Get(t.Context(), to.P, c.ID)
			if to.OK(err); got.Title != "A new beginning." {
				t.Errorf("the title is %q", got.Title)
			}
		}
	}
}

// TestImportIntoALivingWorkspace puts conversations among others that are sealed:
// lists count and find them by their age.
func TestImportIntoALivingWorkspace(t *testing.T) {
	from, to := full(t), newWorld(t)
	to.P.Workspace = from.P.Workspace
	all := from.export(nil)
	to.Talk("older than all")
	to.Advance(60 * 24 * time.Hour)
	for i := range 200 {
		to.Talk(fmt.Sprint("later ", i))
	}
	to.Advance(time.Hour)
	to.OK(to.Upkeep.Tidy(t.Context(), to.P.Workspace)) // seals
	to.take(archived(all))
	to.OK(to.Upkeep.Tidy(t.Context(), to.P.Workspace))
	to.Sound()
	list, err := to.Conversations.List(t.Context(), to.P, conversation.ListInput{Limit: 1000, Order: "asc"})
	to.OK(err)
	if len(list.Conversations) != 201+len(all.conversations) || list.Conversations[1].ID != all.conversations[0].ID {
		t.Errorf("%d in the list, the second is %q", len(list.Conversations), list.Conversations[1].Title)
	}
	for offset := range 35 {
		page, err := to.Conversations.List(t.Context(), to.P, conversation.ListInput{Limit: 1, Offset: 9 * offset, Order: "asc"})
		if to.OK(err); page.Conversations[0].ID != list.Conversations[9*offset].ID {
			t.Errorf("at %d is %q", 9*offset, page.Conversations[0].Title)
		}
	}
	for _, c := range all.conversations {
		_, err := to.Conversations.Delete(t.Context(), to.P, c.ID)
		to.OK(err)
	}
	to.Work()
	to.Sound()
	if len(to.export(nil).conversations) != 201 {
		t.Error("others went, too")
	}
}

// TestDeletedStaysDeleted imports what was deleted here: conversations and single
// memories are passed over until their tombstones have gone.
func TestDeletedStaysDeleted(t *testing.T) {
	w := newWorld(t)
	kept, gone := w.Talk("kept"), w.Talk("gone")
	w.Add(kept, "stays")
	one := w.Add(kept, "forgotten")
	w.Add(gone, "with it")
	b := archived(w.export(nil))
	w.OK(w.Memories.Delete(t.Context(), w.P, one.ID))
	_, err := w.Conversations.Delete(t.Context(), w.P, gone)
	w.OK(err)
	want := archive.Report{
		Conversations: archive.Sums{Present: 1, PassedOver: 1}, Memories: archive.Sums{Present: 1, PassedOver: 2},
	}
	for range 2 { // while they are purged, and afterwards
		got := w.take(b)
		codes := map[string]int{}
		for _, n := range got.Notes {
			codes[n.Kind+" "+n.Code]++
		}
		if got.Notes = nil; !cmp.Equal(got, want) || codes["conversation deleted"] != 1 || codes["memory deleted"]+codes["memory no_conversation"] != 2 {
			t.Errorf("%+v, %v", got, codes)
		}
		w.Work()
	}
	w.Sound()
	if w.Where("with it") != nil || w.Where("forgotten") != nil {
		t.Error("words of what was deleted are there again")
	}
}

// TestNamesAndIDsOfOthers imports what another workspace has, and a name that is
// taken.
func TestNamesAndIDsOfOthers(t *testing.T) {
	w := newWorld(t)
	_, err := w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: "NEW", Content: "Mine.", Name: "plan"}, nil)
	w.OK(err)
	b := archived(w.export(nil))
	other := *w
	other.P.Workspace = id.At(id.Workspace, time.Now())
	if got := other.take(b); got.Memories.Imported != 1 || got.Notes != nil {
		t.Errorf("another workspace: %+v", got)
	}
	got, err := w.Memories.ByName(t.Context(), other.P, "plan")
	if w.OK(err); got.ID != b.Memories[0].ID {
		t.Errorf("the name is of %v", got)
	}
	for i := range 2 {
		m := b.Memories[0]
		m.ID = id.DerivedUUID("other", fmt.Sprint(i))
		b.Memories = append(b.Memories, m)
	}
	report := w.take(b)
	if report.Memories != (archive.Sums{Imported: 2, Present: 1}) || len(report.Notes) != 2 || report.Notes[1].Code != "name_taken" {
		t.Errorf("%+v", report)
	}
	w.Sound()
}

// TestBatchesThatAreRefused have something wrong in them: nothing is written, and
// the member is named.
func TestBatchesThatAreRefused(t *testing.T) {
	w := newWorld(t)
	w.Add("NEW", "good")
	good := archived(w.export(nil))
	later := w.Hand.Now().Add(time.Hour)
	for field, spoil := range map[string]func(*archive.Batch){
		"conversations[0].id":             func(b *archive.Batch) { b.Conversations[0].ID = "conv_1" },
		"conversations[0].title":          func(b *archive.Batch) { b.Conversations[0].Title = " " },
		"conversations[0].titleFrom":      func(b *archive.Batch) { b.Conversations[0].TitleFrom = "me" },
		"conversations[0].editedAt":       func(b *archive.Batch) { b.Conversations[0].EditedAt = later.Format(time.RFC3339) },
		"conversations[0].lastActivityAt": func(b *archive.Batch) { b.Conversations[0].LastActivityAt = "soon" },
		"memories[0].id":                  func(b *archive.Batch) { b.Memories[0].ID = "a" },
		"memories[0].content":             func(b *archive.Batch) { b.Memories[0].Content = "" },
		"memories[0].createdAt":           func(b *archive.Batch) { b.Memories[0].CreatedAt = later.Format(time.RFC3339) },
		"memories[0].sessionId":           func(b *archive.Batch) { b.Memories[0].SessionID = "s" },
		"memories[0].name":                func(b *archive.Batch) { b.Memories[0].Name = "A Name" },
		"memories[0].eventTime":           func(b *archive.Batch) { b.Memories[0].EventTime = "soon" },
	} {
		to := newWorld(t)
		b := archive.Batch{
			Conversations: append([]conversation.Archived{}, good.Conversations...), Memories: append([]memory.Archived{}, good.Memories...),
		}
		spoil(&b)
		_, err := to.archives().Import(t.Context(), to.P, b)
		if e := errs.As(err); e == nil || e.Kind != errs.InvalidArgument || len(e.Fields) != 1 || e.Fields[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
		if all := to.export(nil); len(all.conversations) > 0 {
			t.Errorf("%s: something was written", field)
		}
	}
}

// TestHighVersions changes a memory that came with the highest version that there
// is: it can be exported, and imported again.
func TestHighVersions(t *testing.T) {
	from, w, to := newWorld(t), newWorld(t), newWorld(t)
	m := from.Add("NEW", "often changed")
	b, highest := archived(from.export(nil)), int64(1<<53-1)
	b.Memories[0].Version = &highest
	w.take(b)
	again := "once more"
	_, err := w.Memories.Update(t.Context(), w.P, m.ID, memory.Change{Content: &again})
	w.OK(err)
	if got := to.take(archived(w.export(nil))); got.Memories.Imported != 1 {
		t.Errorf("%+v", got)
	}
	got, err := to.Memories.Get(t.Context(), to.P, m.ID)
	if to.OK(err); got.Content != again || got.Version >= highest {
		t.Errorf("%q, version %d", got.Content, got.Version)
	}
}

// TestImportsHaveQuotas counts the bytes of what is imported, passages too, whose
// words are nobody else's now.
func TestImportsHaveQuotas(t *testing.T) {
	from, to := newWorld(t), newWorld(t)
	from.MadeOfSession()
	b := archived(from.export(nil))
	to.take(b)
	to.OK(to.Quotas().Weigh(t.Context(), to.P.Workspace))
	state, err := to.Quotas().Read(t.Context(), to.P.Workspace)
	to.OK(err)
	if got, want := state.Used(quota.StoredBytes), int64(len("passage of a talk")); got != want {
		t.Errorf("%d bytes count, want %d", got, want)
	}
	limit := int64(10)
	for name, n := range map[quota.Name]memory.Input{
		quota.StoredBytes: {Content: "more than ten bytes"}, quota.Topics: {Content: "x", Topics: []string{"a", "b"}},
	} {
		src, dst := newWorld(t), newWorld(t)
		n.Conversation = "NEW"
		_, err := src.Memories.Create(t.Context(), src.P, n, nil)
		src.OK(err)
		if name == quota.Topics {
			limit = 0
		}
		dst.OK(dst.Quotas().Set(t.Context(), dst.P.Workspace, name, &limit))
		_, err = dst.archives().Import(t.Context(), dst.P, archived(src.export(nil)))
		if !quota.Over(err, name) {
			t.Errorf("over %s: %v", name, err)
		}
	}
}

// TestImportUnderFaults breaks an import off before and after each of its writes:
// repeated it is whole, and nothing is there twice.
func TestImportUnderFaults(t *testing.T) {
	src := newWorld(t)
	talk := src.Talk("talk")
	for i := range 12 {
		src.Add(talk, fmt.Sprint("memory", i), "A", fmt.Sprint("T", i))
	}
	all := src.export(nil)
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		w.Advance(time.Hour)
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		_, err := w.archives().Import(t.Context(), w.P, archived(all))
		faulty.Heal()
		w.Tolerate(err)
		if err != nil {
			_, err := w.archives().Import(t.Context(), w.P, archived(all))
			w.OK(err)
		}
		if diff := cmp.Diff(encoded(t, all), encoded(t, w.export(nil))); diff != "" {
			t.Error(diff)
		}
		w.Sound()
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// TestTwoImportsAtOnce race with each other: each thing is imported by one of them.
func TestTwoImportsAtOnce(t *testing.T) {
	src, w := newWorld(t), newWorld(t)
	for i := range 30 {
		src.Add(src.Talk(fmt.Sprint("talk", i)), fmt.Sprint("memory", i), "A")
	}
	all := src.export(nil)
	w.Advance(time.Hour)
	var both sync.WaitGroup
	reports := make([]archive.Report, 2)
	for i := range reports {
		both.Go(func() {
			var err error
			if reports[i], err = w.archives().Import(t.Context(), w.P, archived(all)); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if n := reports[0].Memories.Imported + reports[1].Memories.Imported; n != 30 {
		t.Errorf("%d memories were imported", n)
	}
	if n := reports[0].Conversations.Imported + reports[1].Conversations.Imported; n != 30 {
		t.Errorf("%d conversations were imported", n)
	}
	w.Sound()
}
