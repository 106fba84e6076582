package find_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
)

func TestSimilar(t *testing.T) {
	w := newWorld(t)
	source := w.Add("NEW", `The otter said "dive" and -never- cracked a mussel on the anvil.`)
	near := w.Add("NEW", "An otter cracks its mussel on an anvil.")
	far := w.Add("NEW", "The anvil is heavy, and stands in the workshop among other things.")
	w.Add("NEW", "Something else entirely.")
	hidden := w.Add("NEW", "otter mussel anvil dive")
	_, err := w.Conversations.Delete(t.Context(), w.P, hidden.Conversation)
	w.OK(err)
	got, err := w.Searches.Similar(t.Context(), w.P, source.ID, find.SimilarInput{Limit: 10})
	w.OK(err)
	var ids []string
	last := 1.0
	for _, hit := range got.Hits {
		ids = append(ids, hit.ID)
		if hit.Score <= 0 || hit.Score > last {
			t.Errorf("%q has the score %f behind %f", hit.Content, hit.Score, last)
		}
		last = hit.Score
	}
	if diff := cmp.Diff([]string{near.ID, far.ID}, ids); diff != "" || got.Source.ID != source.ID {
		t.Error(diff)
	}
	twin := w.Add("NEW", source.Content)
	got, err = w.Searches.Similar(t.Context(), w.P, source.ID, find.SimilarInput{Limit: 1})
	if w.OK(err); len(got.Hits) != 1 || got.Hits[0].ID != twin.ID || got.Hits[0].Score < 0.99 {
		t.Errorf("%+v", got.Hits)
	}
	stops := w.Add("NEW", "!?")
	if got, err = w.Searches.Similar(t.Context(), w.P, stops.ID, find.SimilarInput{Limit: 1}); err != nil || len(got.Hits) > 0 {
		t.Errorf("of no words: %+v, %v", got.Hits, err)
	}
	_, err = w.Searches.Similar(t.Context(), w.P, source.ID, find.SimilarInput{Limit: 0})
	w.Kind(err, errs.Malformed)
}

// scoped makes a memory of a product.
func (w *world) scoped(product, content string) memory.Memory {
	w.T.Helper()
	in := memory.Input{Conversation: "NEW", Content: content}
	if product != "" {
		in.CodeContext = &memory.CodeContext{Product: product}
	}
	made, err := w.Memories.Create(w.T.Context(), w.P, in, nil)
	w.OK(err)
	return made.Memory
}

func TestBrief(t *testing.T) {
	w := newWorld(t)
	old := w.scoped("dam", "The beaver repairs its dam in spring.")
	w.Advance(100 * time.Hour)
	other := w.scoped("", "A beaver was seen at the lodge.")
	w.Advance(time.Hour)
	late := w.scoped("dam", "The dam of the beaver leaks at the beaver's lodge.")
	last := w.Add(late.Conversation, "Call the ranger.")
	w.scoped("dam", "Nothing of the kind.")
	tests := map[string]struct {
		in               find.BriefingInput
		relevant, recent []string
	}{
		"of all":      {find.BriefingInput{}, []string{late.ID, old.ID, other.ID}, []string{late.ID, other.ID}},
		"of long ago": {find.BriefingInput{RecentHours: 200}, []string{late.ID, old.ID, other.ID}, []string{late.ID, old.ID, other.ID}},
		"of a scope":  {find.BriefingInput{Scope: "product:dam"}, []string{late.ID, old.ID}, []string{late.ID}},
		"of a scope and none": {
			find.BriefingInput{Scope: " product : dam ", Unscoped: true}, []string{late.ID, old.ID, other.ID}, []string{late.ID, other.ID},
		},
		"of another": {find.BriefingInput{Scope: "product:dam,team:none"}, nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.in.Context = "what the beaver does at its dam"
			if tt.in.RecentHours == 0 {
				tt.in.RecentHours = 24
			}
			got, err := w.Searches.Brief(t.Context(), w.P, tt.in)
			w.OK(err)
			if diff := cmp.Diff(tt.relevant, idsOf(got.Relevant)); diff != "" {
				t.Errorf("relevant: %s", diff)
			}
			if diff := cmp.Diff(tt.recent, idsOf(got.Recent)); diff != "" {
				t.Errorf("recent: %s", diff)
			}
			for i, hit := range got.Relevant {
				if (hit.Score == 1) != (i == 0) || hit.Score > 1 || got.Titles[hit.Conversation] == "" {
					t.Errorf("relevant %d: %f in %q", i, hit.Score, got.Titles[hit.Conversation])
				}
			}
			switch {
			case tt.recent == nil:
				if got.Active != nil {
					t.Errorf("active: %+v", got.Active)
				}
			case got.Active == nil || got.Active.ID != late.Conversation || got.Active.Last.ID != last.ID:
				t.Errorf("active: %+v", got.Active)
			}
			if diff := cmp.Diff([]string{"beaver", "dam"}, got.Terms); diff != "" {
				t.Errorf("terms: %s", diff)
			}
		})
	}
}

func idsOf(hits []find.MemoryHit) (ids []string) {
	for _, hit := range hits {
		ids = append(ids, hit.ID)
	}
	return ids
}

func TestBriefingsAreChecked(t *testing.T) {
	w := newWorld(t)
	for _, scope := range []string{"product", "colour:red", "product:", ",", ":x", "product:a,"} {
		_, err := w.Searches.Brief(t.Context(), w.P, find.BriefingInput{Context: "x", RecentHours: 1, Scope: scope})
		if e := errs.As(err); e == nil || e.Kind != errs.InvalidArgument {
			t.Errorf("%q: %v", scope, err)
		}
	}
}
