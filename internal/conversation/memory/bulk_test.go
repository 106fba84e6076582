package memory_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/table/tabletest"
)

func TestTagMany(t *testing.T) {
	tests := map[string]struct {
		has, add, remove []string
		want             []string
		version          int64
	}{
		"added":                        {[]string{"A"}, []string{"B", "C"}, nil, []string{"A", "B", "C"}, 2},
		"taken away":                   {[]string{"A", "B"}, nil, []string{"a", "none"}, []string{"B"}, 2},
		"taken away and added":         {[]string{"A", "B"}, []string{"A"}, []string{"A"}, []string{"B", "A"}, 2},
		"had already":                  {[]string{"A", "B"}, []string{"b"}, []string{"c"}, []string{"A", "B"}, 1},
		"the last one":                 {[]string{"A"}, nil, []string{"A"}, nil, 2},
		"spelled otherwise, and twice": {nil, []string{"New topic", "NEW TOPIC"}, nil, []string{"New topic"}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m := w.Add("NEW", "content", tt.has...)
			in := memory.BulkTags{IDList: memory.IDList{IDs: []string{m.ID}}, Add: tt.add, Remove: tt.remove}
			for range 2 { // the second time it is so
				out, err := memory.Bulk{Service: w.Memories}.TagMany(t.Context(), w.P, in, nil)
				if w.OK(err); out.Done != 1 || len(out.Failed) > 0 {
					t.Errorf("%+v", out)
				}
			}
			got, err := w.Memories.Get(t.Context(), w.P, m.ID)
			w.OK(err)
			if diff := cmp.Diff(tt.want, got.Topics); diff != "" {
				t.Error(diff)
			}
			if name != "taken away and added" && got.Version != tt.version {
				t.Errorf("version %d", got.Version)
			}
			w.Sound()
		})
	}
}

// Names do where ids do, as long as they are somebody's.
func TestManyByName(t *testing.T) {
	w := newWorld(t)
	oak, elm := w.named("oak", "one"), w.Add("NEW", "two")
	given := []string{"oak", elm.ID, "none", "oak"}
	found, missing, err := w.Memories.Many(t.Context(), w.P, given)
	w.OK(err)
	var contents []string
	for _, m := range found {
		contents = append(contents, m.Content)
	}
	if diff := cmp.Diff([]string{"one", "two", "one"}, contents) + cmp.Diff([]string{"none"}, missing); diff != "" {
		t.Error(diff)
	}
	edited, err := memory.Bulk{Service: w.Memories}.TagMany(t.Context(), w.P, memory.BulkTags{IDList: memory.IDList{IDs: given[:3]}, Add: []string{"tree"}}, nil)
	if w.OK(err); edited.Done != 2 || edited.Failed[0].ID != "none" {
		t.Errorf("%+v", edited)
	}
	gone, err := w.Memories.DeleteMany(t.Context(), w.P, given[:3])
	if w.OK(err); gone.Deleted != 2 || !cmp.Equal(gone.Missing, []string{"none"}) {
		t.Errorf("%+v", gone)
	}
	_, err = w.Memories.Get(t.Context(), w.P, oak.ID)
	w.Kind(err, errs.NotFound)
}

// One that cannot be changed is named, and the others are.
func TestTagManyNamesWhatItLeaves(t *testing.T) {
	w := newWorld(t)
	var full []string
	for i := range memory.MaxTopics {
		full = append(full, fmt.Sprint("t", i))
	}
	ids := []string{w.Add("NEW", "full", full...).ID, "no-id", w.Add("NEW", "empty").ID}
	out, err := memory.Bulk{Service: w.Memories}.TagMany(t.Context(), w.P, memory.BulkTags{IDList: memory.IDList{IDs: ids}, Add: []string{"more"}}, nil)
	w.OK(err)
	want := memory.Edited{Done: 1, Failed: []memory.Unedited{
		{ID: ids[0], Reason: "the memory would have 51 topics, and may have 50"}, {ID: "no-id", Reason: "there is no such memory"},
	}}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
}

// A change of many that broke off is finished by asking again.
func TestUpdateManyUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		first := w.Add("NEW", "first", "A")
		second := w.Add(first.Conversation, "second", "A", "B")
		kind := "semantic"
		in := memory.BulkChange{
			IDList: memory.IDList{IDs: []string{first.ID, second.ID}}, Updates: &memory.BulkUpdates{Topics: &[]string{"C"}, Type: &kind},
		}
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		_, err := memory.Bulk{Service: w.Memories}.UpdateMany(t.Context(), w.P, in, nil)
		faulty.Heal()
		w.Tolerate(err)
		out, err := memory.Bulk{Service: w.Memories}.UpdateMany(t.Context(), w.P, in, nil)
		if w.OK(err); out.Done != 2 {
			t.Errorf("%+v", out)
		}
		for _, m := range []memory.Memory{first, second} {
			got, err := w.Memories.Get(t.Context(), w.P, m.ID)
			if w.OK(err); got.Type != kind || got.Version != 2 {
				t.Errorf("%s: %s, version %d", got.Content, got.Type, got.Version)
			}
		}
		w.Sound()
		w.TopicCounts("C 2")
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

func TestBulkChangesAreChecked(t *testing.T) {
	w := newWorld(t)
	kind := "odd"
	for name, in := range map[string]memory.BulkChange{
		"no updates":        {IDList: memory.IDList{IDs: []string{"x"}}},
		"empty ones":        {IDList: memory.IDList{IDs: []string{"x"}}, Updates: &memory.BulkUpdates{}},
		"no ids":            {Updates: &memory.BulkUpdates{Topics: &[]string{}}},
		"none of the types": {IDList: memory.IDList{IDs: []string{"x"}}, Updates: &memory.BulkUpdates{Type: &kind}},
	} {
		t.Log(name)
		_, err := memory.Bulk{Service: w.Memories}.UpdateMany(t.Context(), w.P, in, nil)
		w.Kind(err, errs.InvalidArgument)
	}
}
