package closing_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/conversation/conversationtest"
	"griot/internal/conversation/memory"
	"griot/internal/deletion"
	"griot/internal/errs"
	"griot/internal/session"
	"griot/internal/table/bolt"
	"griot/internal/table/tabletest"
)

// world is a system with a workspace that has a bit of everything.
type world struct {
	*conversationtest.World
	bearer string
	key    access.Key
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: conversationtest.New(t)}
	ws, _, err := w.Access.CreateWorkspace(t.Context(), conversationtest.Marker)
	w.OK(err)
	w.bearer, w.key, err = w.Access.CreateKey(t.Context(), ws.ID, access.KeyInput{Label: conversationtest.Marker, Scopes: []access.Scope{access.All}})
	w.OK(err)
	w.P = w.who()
	return w
}

// who is the caller of the key, as a request finds it.
func (w *world) who() access.Principal {
	w.T.Helper()
	p, err := w.Access.Verify(w.T.Context(), w.bearer)
	w.OK(err)
	return p
}

// fill has sessions and conversations, with a word that is nowhere else.
func (w *world) fill() {
	w.T.Helper()
	for i := range 3 {
		_, err := w.Sessions.Create(w.T.Context(), w.P, session.CreateInput{
			Template: "open_exploration", Title: fmt.Sprint(conversationtest.Marker, i), IntervieweeEmail: "a@b.co",
		}, nil)
		w.OK(err)
		talk := w.Talk(conversationtest.Marker)
		for j := range 4 {
			_, err := w.Memories.Create(w.T.Context(), w.P, memory.Input{
				Conversation: talk, Content: conversationtest.Marker, Topics: []string{conversationtest.Marker, fmt.Sprint("topic ", j)}, Name: fmt.Sprintf("name-%d-%d", i, j),
			}, w.Claim(fmt.Sprint(i, j)))
			w.OK(err)
		}
	}
}

// pass lets time pass, and has everything done that is due.
func (w *world) pass(d time.Duration) {
	w.T.Helper()
	w.Advance(d)
	_, err := w.Sweeper.Sweep(w.T.Context())
	w.OK(err)
	for busy := true; busy; {
		busy = false
		for name, work := range w.Workers {
			messages, err := w.Conversations.Jobs[name].Receive(w.T.Context(), 10, 0)
			w.OK(err)
			for _, m := range messages {
				busy = true
				w.OK(work(w.T.Context(), m.Body))
				w.OK(w.Conversations.Jobs[name].Ack(w.T.Context(), m))
			}
		}
	}
}

func (w *world) closing() access.Closing {
	w.T.Helper()
	ws, err := w.Access.Workspace(w.T.Context(), w.P.Workspace)
	w.OK(err)
	return ws.Closing
}

// TestAWorkspaceGoes is read only for its grace, and then nothing is left of it but
// ids and its receipt.
func TestAWorkspaceGoes(t *testing.T) {
	w := newWorld(t)
	w.fill()
	ws, err := (access.Closings{Directory: w.Access}).Close(t.Context(), w.P)
	w.OK(err)
	if got := ws.ClosesAt.Sub(w.Hand.Now()).Round(time.Hour); ws.Closing != access.Pending || got != access.Grace {
		t.Errorf("%s, in %v", ws.Closing, got)
	}
	again, err := (access.Closings{Directory: w.Access}).Close(t.Context(), w.P)
	if w.OK(err); again.Deletion != ws.Deletion || !again.ClosesAt.Equal(ws.ClosesAt) {
		t.Error("a second request begins anew")
	}
	for range 3 {
		if !w.who().ReadOnly {
			t.Error("the key writes")
		}
		w.pass(2 * 24 * time.Hour)
	}
	if w.closing() != access.Pending || len(w.Search(conversationtest.Marker)) != 3 {
		t.Errorf("%s during the grace", w.closing())
	}
	if _, _, err := w.Access.CreateKey(t.Context(), w.P.Workspace, access.KeyInput{Scopes: []access.Scope{access.All}}); !errs.Is(err, errs.PermissionDenied) {
		t.Errorf("a key is made: %v", err)
	}
	for range 12 {
		w.pass(24*time.Hour + time.Minute)
	}
	if w.closing() != access.Ended {
		t.Fatalf("%s after the grace", w.closing())
	}
	if _, err := w.Access.Verify(t.Context(), w.bearer); !errs.Is(err, errs.Unauthenticated) {
		t.Errorf("the key is in force: %v", err)
	}
	receipt, err := deletion.Get(t.Context(), w.Bare, w.P.Workspace, ws.Deletion)
	if w.OK(err); receipt.Status != deletion.Done || receipt.Target != w.P.Workspace || receipt.TableItems == 0 {
		t.Errorf("the receipt is %+v", receipt)
	}
	for n := 1; n > 0; { // as the host does
		n, err = w.Bare.(*bolt.Store).Sweep(t.Context())
		w.OK(err)
	}
	if left := w.Where(conversationtest.Marker); len(left) > 0 {
		t.Errorf("words are left: %q", left)
	}
	if _, err := (access.Closings{Directory: w.Access}).Reopen(t.Context(), w.P); !errs.Is(err, errs.Conflict) {
		t.Errorf("it is kept: %v", err)
	}
}

// TestAWorkspaceIsKept takes a deletion back: keys write, and nothing is removed.
func TestAWorkspaceIsKept(t *testing.T) {
	w := newWorld(t)
	w.fill()
	for range 2 {
		_, err := (access.Closings{Directory: w.Access}).Close(t.Context(), w.P)
		w.OK(err)
		w.pass(6 * 24 * time.Hour)
		ws, err := (access.Closings{Directory: w.Access}).Reopen(t.Context(), w.P)
		if w.OK(err); ws.Closing != access.Open || w.who().ReadOnly {
			t.Errorf("%q, read only: %v", ws.Closing, w.who().ReadOnly)
		}
	}
	_, err := (access.Closings{Directory: w.Access}).Reopen(t.Context(), w.P)
	w.OK(err)
	w.pass(30 * 24 * time.Hour)
	if w.closing() != access.Open || len(w.Search(conversationtest.Marker)) != 3 {
		t.Errorf("%q", w.closing())
	}
	if _, _, err := w.Access.CreateKey(t.Context(), w.P.Workspace, access.KeyInput{Scopes: []access.Scope{access.All}}); err != nil {
		t.Error(err)
	}
}

// TestWhoManagesNoKeysDeletesNothing asks with all other scopes.
func TestWhoManagesNoKeysDeletesNothing(t *testing.T) {
	w := newWorld(t)
	p := w.P
	p.Scopes = []access.Scope{access.SessionsWrite, access.MemoriesWrite, access.ConversationsWrite}
	_, err := (access.Closings{Directory: w.Access}).Close(t.Context(), p)
	w.Kind(err, errs.PermissionDenied)
	_, err = (access.Closings{Directory: w.Access}).Reopen(t.Context(), p)
	w.Kind(err, errs.PermissionDenied)
}

// TestTheEndAndKeepingItRace has one winner, and all that follows is its.
func TestTheEndAndKeepingItRace(t *testing.T) {
	for range 20 {
		w := newWorld(t)
		_, err := (access.Closings{Directory: w.Access}).Close(t.Context(), w.P)
		w.OK(err)
		w.pass(time.Hour)
		w.Advance(access.Grace)
		var both sync.WaitGroup
		var kept error
		both.Go(func() { _, kept = (access.Closings{Directory: w.Access}).Reopen(t.Context(), w.P) })
		both.Go(func() {
			if _, err := w.Sweeper.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		for range 4 {
			w.pass(time.Hour)
		}
		want := access.Ended
		if kept == nil {
			want = access.Open
		} else if !errs.Is(kept, errs.Conflict) {
			t.Error(kept)
		}
		if got := w.closing(); got != want {
			t.Errorf("%q, and keeping it: %v", got, kept)
		}
	}
}

// TestClosingUnderFaults breaks a request off before and after each of its writes:
// the sweeper, or the request repeated, finishes it.
func TestClosingUnderFaults(t *testing.T) {
	for name, step := range map[string]func(context.Context, *access.Directory, access.Principal) error{
		"close": func(ctx context.Context, d *access.Directory, p access.Principal) error {
			_, err := (access.Closings{Directory: d}).Close(ctx, p)
			return err
		},
		"reopen": func(ctx context.Context, d *access.Directory, p access.Principal) error {
			_, err := (access.Closings{Directory: d}).Reopen(ctx, p)
			return err
		},
	} {
		for _, repeated := range []bool{false, true} {
			scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
				w := newWorld(t)
				if name == "reopen" {
					_, err := (access.Closings{Directory: w.Access}).Close(t.Context(), w.P)
					w.OK(err)
				}
				before := w.closing()
				faulty := tabletest.NewFaulty(w.Bare)
				w.Use(faulty)
				arm(faulty)
				err := step(t.Context(), w.Access, w.P)
				faulty.Heal()
				w.Tolerate(err)
				if repeated {
					w.OK(step(t.Context(), w.Access, w.P))
				}
				w.pass(time.Hour)
				got := w.closing()
				if want := map[string]access.Closing{"close": access.Pending, "reopen": access.Open}[name]; got != want && (repeated || err == nil || got != before) {
					t.Errorf("%s: %q", name, got)
				}
				if w.who().ReadOnly != (got == access.Pending) {
					t.Errorf("%s: %q, and the key's read only is %v", name, got, w.who().ReadOnly)
				}
			}
			tabletest.EachWrite(t, scenario)
			tabletest.EachCrash(t, scenario)
		}
	}
}
