package access_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/audit/audittest"
	"griot/internal/fault"
	"griot/internal/table/tabletest"
)

type fields = map[string]any

// Every change of keys and projects is an event, whoever makes it; what is
// refused is none, and no event has a secret or a name.
func TestAudit(t *testing.T) {
	d, _ := open(t)
	events := audittest.Capture(t)
	var ws access.Workspace
	want := func(wants ...fields) {
		t.Helper()
		got := events.Take()
		for _, w := range wants {
			w["workspace"], w["outcome"] = ws.ID, "done"
		}
		if diff := cmp.Diff(wants, got); diff != "" {
			t.Error(diff)
		}
	}
	ws, first := workspace(t, d, "Acme of mia@example.com")
	want(fields{"action": "workspace.created", "actor": "operator", "target": ws.ID})

	secret, k := key(t, d, ws.ID, access.KeyInput{Label: "mia@example.com", Scopes: every})
	want(fields{"action": "key.created", "actor": "operator", "target": k.ID, "scopes": "*"})
	me := verified(t, d, secret)
	parent := issue(t, d, me, access.KeyInput{Scopes: []access.Scope{access.APIKeysManage}, ExpiresAt: start.Add(time.Hour)})
	want(fields{"action": "key.created", "actor": me.KeyID, "target": parent.KeyID, "scopes": "api_keys:manage", "expires": "2026-05-18T15:00:00.123Z"})
	child := issue(t, d, parent, access.KeyInput{Scopes: []access.Scope{access.APIKeysManage}})
	events.Take()

	project, err := d.CreateProject(t.Context(), me, access.ProjectInput{Name: "The case of Mia"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want(fields{"action": "project.created", "actor": me.KeyID, "target": project.ID})
	if err := d.SetRetention(t.Context(), ws.ID, first.ID, 30); err != nil {
		t.Fatal(err)
	}
	want(fields{"action": "project.retention_set", "actor": "operator", "target": first.ID, "days": 30.0})

	if err := remove(d, me, parent.KeyID, access.DescendantsGo); err != nil {
		t.Fatal(err)
	}
	want(fields{"action": "key.deleted", "actor": me.KeyID, "target": parent.KeyID, "descendants": 1.0, "with_descendants": true},
		fields{"action": "key.deleted", "actor": me.KeyID, "target": child.KeyID, "with": parent.KeyID})
	_ = remove(d, me, parent.KeyID, access.DescendantsGo)
	_ = remove(d, me, me.KeyID, access.DescendantsStay)
	_, _ = d.IssueKey(t.Context(), child, access.KeyInput{}, nil)
	want()
	for range 2 { // the second changes nothing
		if _, err := d.RevokeKey(t.Context(), me.KeyID, access.DescendantsStay); err != nil {
			t.Fatal(err)
		}
	}
	want(fields{"action": "key.deleted", "actor": "operator", "target": me.KeyID, "descendants": 0.0, "with_descendants": false})
}

// A removal that was broken off is carried on by somebody else, in the name of
// who began it.
func TestAuditOfAnotherOnesRemoval(t *testing.T) {
	d, clock := open(t)
	f := newFamily(t, d)
	faulty := tabletest.NewFaulty(d.Table)
	d.Table = faulty
	faulty.FailNth(2, fault.Before, nil)
	if remove(d, f.apart, f.child.KeyID, access.DescendantsGo) == nil {
		t.Fatal("nothing failed")
	}
	faulty.Heal()
	events := audittest.Capture(t)
	clock.advance(20 * time.Second)
	issue(t, d, f.root, access.KeyInput{})
	got := events.Take()
	if len(got) != 2 || got[0]["actor"] != f.apart.KeyID || got[0]["target"] != f.grandchild.KeyID || got[1]["actor"] != f.root.KeyID {
		t.Error(got)
	}
}

// Of a write that may have taken effect or not the event says so.
func TestAuditFaults(t *testing.T) {
	for _, kind := range tabletest.Faults {
		d, _ := open(t)
		me := newFamily(t, d).root
		events := audittest.Capture(t)
		faulty := tabletest.NewFaulty(d.Table)
		d.Table = faulty
		for _, change := range []struct {
			action string
			do     func() error
		}{
			{"key.created", func() error { _, err := d.IssueKey(t.Context(), me, access.KeyInput{}, nil); return err }},
			{"key.deleted", func() error { return remove(d, me, me.KeyID, access.DescendantsStay) }},
		} {
			faulty.FailNth(1, kind, nil)
			err := change.do()
			faulty.Heal()
			want := "unknown"
			if err == nil {
				want = "done" // at the second try
			}
			got := events.Take()
			if len(got) != 1 || got[0]["action"] != change.action || got[0]["outcome"] != want {
				t.Errorf("%s: %s: %v: %v", kind, change.action, err, got)
			}
			if text := fmt.Sprint(got); strings.Contains(text, "injected") {
				t.Errorf("%s: the cause is in it: %s", kind, text)
			}
		}
	}
}
