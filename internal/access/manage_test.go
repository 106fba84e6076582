package access_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/idempotency"
)

func TestLevels(t *testing.T) {
	read := []access.Scope{access.SessionsRead, access.ConversationsRead, access.MemoriesRead}
	for name, want := range map[string][]access.Scope{
		"read":  read,
		"write": append(slices.Clone(read), access.SessionsWrite, access.ConversationsWrite, access.MemoriesWrite),
		"admin": access.Scopes,
	} {
		got, ok := access.Level(name)
		slices.Sort(got)
		want = slices.Sorted(slices.Values(want))
		if diff := cmp.Diff(want, got); diff != "" || !ok {
			t.Errorf("%s: %v %s", name, ok, diff)
		}
	}
	if _, ok := access.Level("owner"); ok {
		t.Error("owner is a level")
	}
}

func manager(ws string, scopes ...access.Scope) access.Principal {
	return access.Principal{Workspace: ws, KeyID: "cmk_live_0123456789abcdef", Scopes: append(scopes, access.APIKeysManage)}
}

func TestIssuedKeysHaveAtMostTheScopesOfTheirMaker(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	some := manager(ws.ID, access.MemoriesRead)
	for _, c := range []struct {
		by          access.Principal
		asked, want []access.Scope
		kind        errs.Kind
	}{
		{by: some, want: []access.Scope{access.MemoriesRead, access.APIKeysManage}},
		{by: some, asked: []access.Scope{access.MemoriesRead}, want: []access.Scope{access.MemoriesRead}},
		{by: some, asked: []access.Scope{access.MemoriesWrite}, kind: errs.PermissionDenied},
		{by: some, asked: every, kind: errs.PermissionDenied},
		{by: access.Principal{Workspace: ws.ID, Scopes: every}, want: access.Scopes},
		{by: access.Principal{Workspace: ws.ID, Scopes: []access.Scope{access.MemoriesRead}}, kind: errs.PermissionDenied},
	} {
		k, err := d.IssueKey(t.Context(), c.by, access.KeyInput{Scopes: c.asked}, nil)
		if c.kind != 0 {
			wantKind(t, err, c.kind)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		p, err := d.Verify(t.Context(), k.Credential)
		if diff := cmp.Diff(c.want, p.Scopes); diff != "" || err != nil || p.Workspace != ws.ID {
			t.Errorf("asked for %v: %v %s", c.asked, err, diff)
		}
	}
}

func TestIssueKeyRefuses(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	for _, in := range []access.KeyInput{
		{Label: "a\nb"}, {ExpiresAt: start}, {ExpiresAt: start.Add(-time.Hour)}, {Scopes: []access.Scope{}},
	} {
		_, err := d.IssueKey(t.Context(), manager(ws.ID), in, nil)
		wantKind(t, err, errs.InvalidArgument)
	}
}

func TestDeleteKey(t *testing.T) {
	d, _ := open(t)
	mine, _ := workspace(t, d, "Mine")
	theirs, _ := workspace(t, d, "Theirs")
	credential, k := key(t, d, mine.ID, access.KeyInput{Scopes: every})
	me, other := manager(mine.ID), manager(theirs.ID)
	for _, keyID := range []string{k.ID, "cmk_live_aaaaaaaaaaaaaaaa", "", "x"} {
		wantKind(t, d.DeleteKey(t.Context(), other, keyID), errs.NotFound)
	}
	if keys, err := d.Keys(t.Context(), me); err != nil || len(keys) != 1 || keys[0].ID != k.ID {
		t.Fatalf("%v, %v", keys, err)
	}
	wantKind(t, d.DeleteKey(t.Context(), access.Principal{Workspace: mine.ID}, k.ID), errs.PermissionDenied)
	if err := d.DeleteKey(t.Context(), me, k.ID); err != nil {
		t.Fatal(err)
	}
	_, err := d.Verify(t.Context(), credential)
	wantKind(t, err, errs.Unauthenticated)
	if keys, err := d.Keys(t.Context(), me); err != nil || len(keys) != 0 {
		t.Errorf("%v, %v", keys, err)
	}
	wantKind(t, d.DeleteKey(t.Context(), me, k.ID), errs.NotFound)
	if _, err := d.Keys(t.Context(), access.Principal{Workspace: mine.ID}); !errs.Is(err, errs.PermissionDenied) {
		t.Error(err)
	}
}

// The stored answer goes with the key, and is no key itself.
func TestIssueKeyTwins(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	me := manager(ws.ID)
	request := idempotency.Request{Workspace: ws.ID, KeyID: "k", Method: "POST", Path: "/api/apikeys", Key: "once"}
	claim := idempotency.New(request, start, func(result any) (idempotency.Answer, error) {
		body, err := json.Marshal(result.(access.IssuedKey).ID)
		return idempotency.Answer{Status: http.StatusCreated, Body: body}, err
	})
	first, err := d.IssueKey(t.Context(), me, access.KeyInput{}, claim)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.IssueKey(t.Context(), me, access.KeyInput{}, claim)
	if answer, taken, _ := claim.Taken(err); !taken || string(answer.Body) != `"`+first.ID+`"` {
		t.Errorf("%v: %s", err, answer.Body)
	}
	if keys, err := d.Keys(t.Context(), me); err != nil || len(keys) != 1 {
		t.Errorf("%v, %v", keys, err)
	}
	if err := d.DeleteKey(t.Context(), me, first.ID); err != nil {
		t.Fatal(err)
	}
	if _, found, err := claim.Lookup(t.Context(), d.Table); found || err != nil {
		t.Errorf("the answer is still there: %v", err)
	}
}
