package access_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/fault"
	"griot/internal/quota"
	"griot/internal/table"
	"griot/internal/table/tabletest"
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
		"a new key": func(t *testing.T, d *access.Directory, f family) {
			later := d.Now().Add(20 * time.Second) // those who make keys wait for so long
			d.Now = func() time.Time { return later }
			issue(t, d, f.apart, access.KeyInput{})
		},
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

// Whoever makes a key waits for a removal that may be at work, and is told to
// come back, and does not meet it in the keys that go.
func TestNewKeysWaitForARemoval(t *testing.T) {
	d, clock := open(t)
	f := newFamily(t, d)
	faulty := tabletest.NewFaulty(d.Table)
	d.Table = faulty
	faulty.FailNth(2, fault.Before, nil)
	if err := remove(d, f.apart, f.parent.KeyID, access.DescendantsGo); !errors.Is(err, fault.ErrInjected) {
		t.Fatalf("the removal did not break off: %v", err)
	}
	faulty.Heal()
	left := ids(t, d, f.apart)
	_, err := d.IssueKey(t.Context(), f.apart, access.KeyInput{}, nil)
	if wantKind(t, err, errs.Unavailable); errs.As(err).RetryAfter == 0 {
		t.Error("it does not say when to come back")
	}
	if got := ids(t, d, f.apart); !slices.Equal(got, left) || len(left) != 4 {
		t.Errorf("keys = %v, want %v", got, left)
	}

	clock.advance(20 * time.Second)
	issue(t, d, f.apart, access.KeyInput{})
	if got := len(ids(t, d, f.apart)); got != 3 {
		t.Errorf("%d keys are there, want those apart, the first one and the new one", got)
	}
}

// A removal that meets somebody in the workspace's row has others wait before it
// tries again; so does one of a single key. Nothing of that stays.
func TestARemovalThatMeetsOthersGoesFirst(t *testing.T) {
	for name, then := range map[string]access.Descendants{"alone": access.DescendantsStay, "with descendants": access.DescendantsGo} {
		t.Run(name, func(t *testing.T) {
			d, _ := open(t)
			f := newFamily(t, d)
			rival := &rival{Store: d.Table, other: &access.Directory{Table: d.Table, Now: d.Now}, by: f.apart}
			if err := remove(&access.Directory{Table: rival, Now: d.Now}, f.apart, f.child.KeyID, then); err != nil {
				t.Fatal(err)
			}
			if wantKind(t, rival.err, errs.Unavailable); rival.met < 3 {
				t.Error("the removal met nobody")
			}
			issue(t, d, f.apart, access.KeyInput{})
		})
	}
}

// rival cancels the first two transactions that begin a removal. Between them
// it tries to make a key.
type rival struct {
	table.Store
	other *access.Directory
	by    access.Principal
	met   int
	err   error
}

func (r *rival) Transact(ctx context.Context, ops []table.Op) error {
	if r.met++; r.met > 2 {
		return r.Store.Transact(ctx, ops)
	}
	if r.met == 2 {
		_, r.err = r.other.IssueKey(ctx, r.by, access.KeyInput{}, nil)
	}
	return table.ErrConflict
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
// came from it: one try is enough, and nothing is left.
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
	if err := remove(d, f.apart, f.parent.KeyID, access.DescendantsGo); err != nil {
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
