package access_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/quota"
	"griot/internal/table"
)

func remove(d *access.Directory, p access.Principal, keyID string, then access.Descendants) error {
	_, err := d.DeleteKey(context.Background(), p, keyID, then)
	return err
}

// ids are those of the keys that a caller sees, sorted.
func ids(t *testing.T, d *access.Directory, p access.Principal) []string {
	t.Helper()
	return slices.Sorted(maps.Keys(makers(t, d, p)))
}

// makers are who made the keys that a caller sees.
func makers(t *testing.T, d *access.Directory, p access.Principal) map[string]string {
	t.Helper()
	keys, err := d.Keys(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, k := range keys {
		out[k.ID] = k.CreatedBy
	}
	return out
}

// family is a workspace with the keys root ─ parent ─ child ─ grandchild, all
// of which manage keys, and a key apart from them.
type family struct{ apart, root, parent, child, grandchild access.Principal }

func newFamily(t *testing.T, d *access.Directory) (f family) {
	t.Helper()
	ws, _ := workspace(t, d, "Acme")
	f.apart, f.root = manager(t, d, ws.ID), manager(t, d, ws.ID)
	f.parent = issue(t, d, f.root, access.KeyInput{})
	f.child = issue(t, d, f.parent, access.KeyInput{})
	f.grandchild = issue(t, d, f.child, access.KeyInput{})
	return f
}

func TestDescendantsStay(t *testing.T) {
	d, _ := open(t)
	f := newFamily(t, d)
	for _, step := range []struct {
		gone        access.Principal
		descendants int
		maker       string // of the child, then of the grandchild
	}{{f.child, 1, f.parent.KeyID}, {f.parent, 1, f.root.KeyID}, {f.root, 1, access.Operator}} {
		n, err := d.DeleteKey(t.Context(), f.apart, step.gone.KeyID, access.DescendantsStay)
		if n != step.descendants || err != nil {
			t.Errorf("%d descendants, %v", n, err)
		}
		if got := makers(t, d, f.apart)[f.grandchild.KeyID]; got != step.maker {
			t.Errorf("the grandchild is that of %q, want %q", got, step.maker)
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values([]string{f.apart.KeyID, f.grandchild.KeyID})), ids(t, d, f.apart)); diff != "" {
		t.Error(diff)
	}
	// What was left behind can still go with the key that is gone.
	n, err := d.DeleteKey(t.Context(), f.apart, f.root.KeyID, access.DescendantsGo)
	if n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	wantKind(t, remove(d, f.apart, f.root.KeyID, access.DescendantsGo), errs.NotFound)
}

func TestDescendantsGo(t *testing.T) {
	d, _ := open(t)
	f := newFamily(t, d)
	for range 60 { // more than two transactions
		issue(t, d, f.child, access.KeyInput{Scopes: []access.Scope{access.APIKeysManage}})
	}
	n, err := d.DeleteKey(t.Context(), f.apart, f.parent.KeyID, access.DescendantsGo)
	if n != 62 || err != nil {
		t.Errorf("%d descendants, %v", n, err)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values([]string{f.apart.KeyID, f.root.KeyID})), ids(t, d, f.apart)); diff != "" {
		t.Error(diff)
	}
	issue(t, d, f.root, access.KeyInput{}) // as before
}

// A key that was verified just before it was revoked makes none.
func TestRevokedKeysMakeNone(t *testing.T) {
	d, _ := open(t)
	f := newFamily(t, d)
	if err := remove(d, f.apart, f.child.KeyID, access.DescendantsStay); err != nil {
		t.Fatal(err)
	}
	_, err := d.IssueKey(t.Context(), f.child, access.KeyInput{}, nil)
	wantKind(t, err, errs.Unauthenticated)
}

// The removal of descendants breaks off at each of its writes, before it or
// after it. Whoever comes next finishes it, if only by making or deleting
// another key.
func TestDescendantsGoFaults(t *testing.T) {
	next := map[string]func(*testing.T, *access.Directory, family){
		"the same again": func(t *testing.T, d *access.Directory, f family) {
			if err := remove(d, f.apart, f.parent.KeyID, access.DescendantsGo); err != nil && !errs.Is(err, errs.NotFound) {
				t.Error(err)
			}
		},
		"a new key": func(t *testing.T, d *access.Directory, f family) { issue(t, d, f.apart, access.KeyInput{}) },
		"another deletion": func(t *testing.T, d *access.Directory, f family) {
			if err := remove(d, f.apart, f.root.KeyID, access.DescendantsStay); err != nil {
				t.Error(err)
			}
		},
		"the operator": func(t *testing.T, d *access.Directory, f family) {
			if _, err := d.RevokeKey(t.Context(), f.root.KeyID, access.DescendantsGo); err != nil {
				t.Error(err)
			}
		},
	}
	for name, then := range next {
		t.Run(name, func(t *testing.T) {
			// The key with its mark, two transactions of descendants, the mark.
			onFaults(t, 4, func(t *testing.T, d *access.Directory, try func(func() error) error) {
				f := newFamily(t, d)
				for range 30 {
					issue(t, d, f.child, access.KeyInput{Scopes: []access.Scope{access.APIKeysManage}})
				}
				failed := try(func() error { return remove(d, f.apart, f.parent.KeyID, access.DescendantsGo) }) != nil
				if _, there := makers(t, d, f.apart)[f.parent.KeyID]; failed && there {
					if n := len(ids(t, d, f.apart)); n != 35 {
						t.Fatalf("nothing was begun, but of 35 keys %d are there", n)
					}
					return
				}
				if failed {
					then(t, d, f)
				}
				for id, maker := range makers(t, d, f.apart) {
					if id != f.root.KeyID && id != f.apart.KeyID && maker != f.apart.KeyID {
						t.Errorf("%s, made by %s, is still there", id, maker)
					}
				}
			})
		})
	}
}

func TestTheLastManagerStays(t *testing.T) {
	d, clock := open(t)
	ws, _ := workspace(t, d, "Acme")
	me := manager(t, d, ws.ID)
	reader := callerOf(t, d, ws.ID, access.KeyInput{Scopes: []access.Scope{access.MemoriesRead}})
	expired := callerOf(t, d, ws.ID, access.KeyInput{Scopes: every, ExpiresAt: start.Add(time.Hour)})
	revoked := manager(t, d, ws.ID)
	child := issue(t, d, me, access.KeyInput{})
	if err := remove(d, me, revoked.KeyID, access.DescendantsStay); err != nil {
		t.Fatal(err)
	}
	clock.advance(time.Hour)
	wantKind(t, remove(d, me, me.KeyID, access.DescendantsGo), errs.Conflict) // the child goes, too
	if err := remove(d, me, child.KeyID, access.DescendantsStay); err != nil {
		t.Fatal(err)
	}
	for _, then := range []access.Descendants{access.DescendantsStay, access.DescendantsGo} {
		wantKind(t, remove(d, me, me.KeyID, then), errs.Conflict)
	}
	want := slices.Sorted(slices.Values([]string{me.KeyID, reader.KeyID, expired.KeyID}))
	if diff := cmp.Diff(want, ids(t, d, me)); diff != "" {
		t.Fatal(diff)
	}
	for _, p := range []access.Principal{reader, expired} { // of which neither manages
		if err := remove(d, me, p.KeyID, access.DescendantsGo); err != nil {
			t.Error(err)
		}
	}
	if _, err := d.RevokeKey(t.Context(), me.KeyID, access.DescendantsGo); err != nil {
		t.Errorf("the operator may: %v", err)
	}
}

// Two keys delete each other, with or without descendants; one stays.
func TestManagersThatDeleteEachOther(t *testing.T) {
	d, _ := open(t)
	for round := range 20 {
		ws, _ := workspace(t, d, fmt.Sprintf("Acme %d", round))
		pair := []access.Principal{manager(t, d, ws.ID), manager(t, d, ws.ID)}
		var wg sync.WaitGroup
		for i := range pair {
			wg.Go(func() {
				err := remove(d, pair[i], pair[1-i].KeyID, access.Descendants((round+i)%2 == 0))
				if err != nil && !errs.Is(err, errs.Conflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := ids(t, d, pair[0]); len(got) != 1 {
			t.Fatalf("%d keys are left", len(got))
		}
	}
}

// A key makes keys for as long as it can, while it is deleted with all that
// came from it: nothing is left.
func TestKeysThatAreMadeMeanwhileGo(t *testing.T) {
	d, _ := open(t)
	f := newFamily(t, d)
	makers := []access.Principal{f.parent, f.child, f.grandchild}
	limitKeys(t, d, f.parent.Workspace, quota.Most)
	ctx, stop := context.WithCancel(t.Context())
	begun := make(chan struct{}, len(makers))
	var wg sync.WaitGroup
	for _, p := range makers {
		wg.Go(func() {
			for first := true; ; first = false {
				k, err := d.IssueKey(ctx, p, access.KeyInput{}, nil)
				if first {
					begun <- struct{}{}
				}
				if errs.Is(err, errs.Unavailable) {
					continue
				}
				if err != nil {
					wantKind(t, err, errs.Unauthenticated)
					return
				}
				p = access.Principal{Workspace: p.Workspace, KeyID: k.ID, Scopes: k.Scopes}
			}
		})
	}
	for range makers {
		<-begun
	}
	err := remove(d, f.apart, f.parent.KeyID, access.DescendantsGo)
	for errs.Is(err, errs.Unavailable) { // they crowd it out
		err = remove(d, f.apart, f.parent.KeyID, access.DescendantsGo)
	}
	if err != nil {
		t.Error(err)
		stop()
	}
	wg.Wait()
	stop()
	if diff := cmp.Diff(slices.Sorted(slices.Values([]string{f.apart.KeyID, f.root.KeyID})), ids(t, d, f.apart)); diff != "" {
		t.Error(diff)
	}
}

func TestKeysDoNotOutliveTheirMaker(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	end := start.Add(24 * time.Hour)
	expiring := callerOf(t, d, ws.ID, access.KeyInput{Scopes: every, ExpiresAt: end})
	lasting := manager(t, d, ws.ID)
	for _, c := range []struct {
		by          access.Principal
		asked, want time.Time
	}{
		{lasting, time.Time{}, time.Time{}},
		{lasting, end.Add(time.Hour), end.Add(time.Hour)},
		{expiring, time.Time{}, end},
		{expiring, end, end},
		{expiring, end.Add(-time.Hour), end.Add(-time.Hour)},
		{expiring, end.Add(time.Millisecond), start},
	} {
		k, err := d.IssueKey(t.Context(), c.by, access.KeyInput{ExpiresAt: c.asked}, nil)
		if c.want == start {
			if e := errs.As(err); e == nil || e.Fields[0].Field != "expiresAt" || e.Message != "expiresAt must not be later than 2026-05-19T14:00:00.123Z, when the key expires that makes this one" {
				t.Errorf("asked for %v: %v", c.asked, err)
			}
			continue
		}
		if err != nil || k.ExpiresAt != c.want {
			t.Errorf("asked for %v: %v, %v", c.asked, k.ExpiresAt, err)
		}
		if p := verified(t, d, k.Credential); p.ExpiresAt != c.want {
			t.Errorf("its caller expires %v", p.ExpiresAt)
		}
	}
}

// Rows that were written before keys had makers are still read.
func TestKeysWithoutAMaker(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	me := manager(t, d, ws.ID)
	old := table.Update(table.Key{Table: table.Access, PK: ws.ID + "#keys", SK: me.KeyID}, nil)
	old.Remove = []string{"by"}
	if _, err := d.Table.Write(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	child := issue(t, d, me, access.KeyInput{})
	if diff := cmp.Diff(map[string]string{me.KeyID: "", child.KeyID: me.KeyID}, makers(t, d, me)); diff != "" {
		t.Error(diff)
	}
	if err := remove(d, child, me.KeyID, access.DescendantsStay); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]string{child.KeyID: ""}, makers(t, d, child)); diff != "" {
		t.Error(diff)
	}
}
