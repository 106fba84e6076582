package access_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/audit/audittest"
	"griot/internal/errs"
	"griot/internal/quota"
	"griot/internal/table"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func limitKeys(t *testing.T, d *access.Directory, workspace string, limit int64) {
	t.Helper()
	ok(t, d.SetQuota(t.Context(), workspace, quota.Keys, &limit))
}

func keysInForce(t *testing.T, d *access.Directory, workspace string) int64 {
	t.Helper()
	uses, err := d.Quotas(t.Context(), workspace)
	ok(t, err)
	for _, u := range uses {
		if u.Name == quota.Keys {
			return *u.Used
		}
	}
	t.Fatal("nothing is said of keys")
	return 0
}

// A workspace has so many keys in force; each that is revoked or expires leaves
// room for another.
func TestKeysInForce(t *testing.T) {
	d, clock := open(t)
	ws, _ := workspace(t, d, "Acme")
	limitKeys(t, d, ws.ID, 3)
	create := func(expires time.Time) (access.Key, error) {
		_, key, err := d.CreateKey(t.Context(), ws.ID, access.KeyInput{Scopes: every, ExpiresAt: expires})
		return key, err
	}
	over := func() {
		t.Helper()
		if _, err := create(time.Time{}); !errs.Is(err, errs.QuotaExceeded) || !quota.Over(err, quota.Keys) {
			t.Fatalf("one too many: %v", err)
		}
		if n := keysInForce(t, d, ws.ID); n != 3 {
			t.Fatalf("%d keys are in force", n)
		}
	}
	first, err := create(time.Time{})
	ok(t, err)
	for range 2 {
		_, err := create(clock.Now().Add(time.Hour))
		ok(t, err)
	}
	over()
	_, err = d.RevokeKey(t.Context(), first.ID, access.DescendantsStay)
	ok(t, err)
	_, err = create(time.Time{})
	ok(t, err)
	over()
	clock.advance(2 * time.Hour)
	for range 2 {
		_, err := create(time.Time{})
		ok(t, err)
	}
	over()
}

// Many make keys at once, in a workspace whose keys a version before had not
// counted: as many are made as there may be.
func TestCrowdOfKeys(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	for range 3 {
		key(t, d, ws.ID, access.KeyInput{Scopes: every})
	}
	uncounted := table.Update(table.Key{Table: table.Access, PK: ws.ID + "#workspace", SK: "workspace"}, nil, table.Exists())
	uncounted.Remove = []string{"keys"}
	_, err := d.Table.Write(t.Context(), uncounted)
	ok(t, err)
	limitKeys(t, d, ws.ID, 10)
	var made atomic.Int64
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			for {
				_, _, err := d.CreateKey(t.Context(), ws.ID, access.KeyInput{Scopes: every})
				switch {
				case errs.Is(err, errs.Unavailable):
					continue
				case err == nil:
					made.Add(1)
				case !errs.Is(err, errs.QuotaExceeded):
					t.Error(err)
				}
				return
			}
		})
	}
	all.Wait()
	if n := keysInForce(t, d, ws.ID); made.Load() != 7 || n != 10 {
		t.Errorf("%d were made beside 3, %d are in force", made.Load(), n)
	}
}

func TestAuditOfQuotas(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	events := audittest.Capture(t)
	limitKeys(t, d, ws.ID, 7)
	ok(t, d.SetQuota(t.Context(), ws.ID, quota.Keys, nil))
	if err := d.SetQuota(t.Context(), ws.ID, "seats", nil); !errs.Is(err, errs.FailedPrecondition) {
		t.Errorf("got %v", err)
	}
	event := func(limit float64, byDefault bool) map[string]any {
		return map[string]any{
			"action": "quota.changed", "outcome": "done", "workspace": ws.ID, "actor": access.Operator, "target": ws.ID,
			"quota": "keys", "limit": limit, "default": byDefault,
		}
	}
	if diff := cmp.Diff([]map[string]any{event(7, false), event(1000, true)}, events.Take()); diff != "" {
		t.Error(diff)
	}
}
