package upkeep_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"griot/internal/blob"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/id"
	"griot/internal/table"
)

// A deleted conversation leaves the board within days, where nothing else happens.
func TestDeletedLeaveTheBoard(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range 5 {
		ids = append(ids, w.Talk(fmt.Sprint(i)))
	}
	w.OK(conversation.Lists{Service: w.Conversations}.Renew(t.Context(), w.P.Workspace, true))
	w.Advance(time.Hour)
	for _, gone := range ids[:2] {
		_, err := w.Conversations.Delete(t.Context(), w.P, gone)
		w.OK(err)
	}
	w.Sound()
	w.Work()
	for range 5 {
		w.Advance(12 * time.Hour)
		w.Work()
	}
	for i, talk := range ids {
		packed, _ := id.Pack(talk)
		places := w.Where(string(packed[:]))
		if (len(places) > 0) != (i >= 2) {
			t.Errorf("conversation %d is in %v", i, places)
		}
	}
	w.Sound()
}

// object reads one of the board's, and put writes it.
func (w *world) object(name string) []byte {
	w.T.Helper()
	r, _, err := w.Blobs.Get(w.T.Context(), "lists/"+w.P.Workspace+"/"+name)
	w.OK(err)
	data, err := io.ReadAll(r)
	w.OK(errors.Join(err, r.Close()))
	return data
}

func (w *world) put(name string, data []byte) {
	w.T.Helper()
	_, err := w.Blobs.Put(w.T.Context(), "lists/"+w.P.Workspace+"/"+name, bytes.NewReader(data), int64(len(data)), blob.Put{})
	w.OK(err)
}

// Lists are right whichever of the two objects of a board was written over, by a
// renewal that broke off or by one that came late, and if one cannot be read.
func TestBoardOfTwoAges(t *testing.T) {
	for name, spoil := range map[string]func(w *world, base, late []byte){
		"nothing":          func(*world, []byte, []byte) {},
		"broke off":        func(w *world, _, late []byte) { w.put("late", late) },
		"the base is late": func(w *world, base, _ []byte) { w.put("base", base) },
		"both are late": func(w *world, base, late []byte) {
			w.put("base", base)
			w.put("late", late)
		},
		"no base": func(w *world, _, _ []byte) {
			w.OK(w.Blobs.Delete(w.T.Context(), "lists/"+w.P.Workspace+"/base"))
		},
		"cut off": func(w *world, base, _ []byte) { w.put("base", base[:len(base)-1]) },
		"another": func(w *world, base, _ []byte) { w.put("late", append([]byte("griotbd0"), base[8:]...)) },
	} {
		for _, cold := range []bool{false, true} {
			w := newWorld(t)
			var memories []memory.Memory
			for i := range 4 {
				memories = append(memories, w.Add(w.Talk(fmt.Sprint(i)), "said"))
			}
			w.Advance(time.Hour)
			w.OK(conversation.Lists{Service: w.Conversations}.Renew(t.Context(), w.P.Workspace, true))
			base, late := w.object("base"), w.object("late")
			w.Advance(30 * time.Hour)
			w.OK(w.Memories.Delete(t.Context(), w.P, memories[0].ID))
			_, err := w.Conversations.Delete(t.Context(), w.P, memories[1].Conversation)
			w.OK(err)
			w.Add("NEW", "another")
			w.Advance(time.Hour)
			w.OK(conversation.Lists{Service: w.Conversations}.Renew(t.Context(), w.P.Workspace, false))
			if bytes.Equal(base, w.object("base")) {
				t.Fatal("an old base was not written anew")
			}
			if cold {
				w.Use(w.Bare) // with nothing cached
			}
			spoil(w, base, late)
			w.Add(memories[2].Conversation, "since")
			w.Sound()
			w.Advance(time.Hour)
			w.OK(conversation.Lists{Service: w.Conversations}.Renew(t.Context(), w.P.Workspace, true))
			w.Sound()
			if t.Failed() {
				t.Fatalf("%s, cold: %v", name, cold)
			}
		}
	}
}

// A reader of many conversations without a board has one made, and one with a board
// that is too old for its changes has another one made.
func TestReadersAskForABoard(t *testing.T) {
	w := newWorld(t)
	for i := range 520 {
		w.Talk(fmt.Sprint(i))
	}
	list := func() table.Totals {
		t.Helper()
		var u table.Usage
		page, err := w.Conversations.List(table.WithUsage(t.Context(), &u), w.P, conversation.ListInput{Limit: 20, SortBy: conversation.SortActivity})
		if w.OK(err); page.Total != 520 {
			t.Errorf("%d conversations", page.Total)
		}
		return u.Totals()
	}
	without := list()
	w.Work()
	if with := list(); with.ReadUnits >= without.ReadUnits || with.ReadUnits > 25 {
		t.Errorf("a list costs %v read units, and %v without a board", with.ReadUnits, without.ReadUnits)
	}
}
