package merge_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/errs"
	"griot/internal/fault"
	"griot/internal/table/tabletest"
)

func TestMergeTopics(t *testing.T) {
	w := newWorld(t)
	c, d := w.Talk("c"), w.Talk("d")
	w.Add(c, "both", "Old", "New", "Z")
	w.Add(c, "old", "Z", "OLD")
	w.Add(d, "old too", "old")
	w.Add(d, "none", "Z")
	got, err := w.Merges.Merge(t.Context(), w.P, merge.Input{Source: "old", Target: topic.ID(w.P.Workspace, "New")}, w.Claim("merge"))
	if w.OK(err); got.Name != "New" || got.Memories != 3 {
		t.Errorf("merged: %+v", got)
	}
	w.TopicCounts("New 3", "Z 3")
	tl, err := w.Memories.Timeline(t.Context(), w.P, c, 0, 0)
	w.OK(err)
	var topics []string
	for m := range tl.Memories {
		topics = append(topics, strings.Join(m.Topics, ","))
	}
	if !slices.Equal(topics, []string{"New,Z", "Z,New"}) {
		t.Errorf("topics of the memories: %q", topics)
	}
	w.Work()
	if found := append(w.Where("merge_"), w.Where("due#")...); len(found) != 0 {
		t.Errorf("left: %v", found)
	}
	got, err = w.Merges.Merge(t.Context(), w.P, merge.Input{Source: "old", Target: "New"}, nil)
	if w.OK(err); got.Name != "New" || got.Memories != 3 {
		t.Errorf("merged again: %+v", got)
	}
	for _, pair := range [][2]string{{"unknown", "New"}, {"New", "unknown"}} {
		_, err := w.Merges.Merge(t.Context(), w.P, merge.Input{Source: pair[0], Target: pair[1]}, nil)
		w.Kind(err, errs.NotFound)
	}
	_, err = w.Merges.Merge(t.Context(), w.P, merge.Input{Source: "new", Target: "New"}, nil)
	w.Kind(err, errs.InvalidArgument)
}

func TestMergeTopicsUnderFaults(t *testing.T) {
	tabletest.EachCrash(t, func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		c := w.Talk("c")
		for range 3 {
			w.Add(c, "x", "Old")
		}
		w.Add(c, "x", "New")
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		_, err := w.Merges.Merge(t.Context(), w.P, merge.Input{Source: "Old", Target: "New"}, nil)
		faulty.Heal()
		if err != nil && !errors.Is(err, fault.ErrInjected) {
			t.Fatal(err)
		}
		begun := len(w.Where("merge_")) > 0
		w.Work()
		if begun || err == nil {
			w.TopicCounts("New 4")
		}
		if found := append(w.Where("merge_"), w.Where("due#")...); len(found) != 0 {
			t.Errorf("left: %v", found)
		}
	})
}
