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
	for level, want := range map[access.Level][]access.Scope{
		"owner": nil,
		"read":  read,
		"write": append(slices.Clone(read), access.SessionsWrite, access.ConversationsWrite, access.MemoriesWrite),
		"admin": access.Scopes,
	} {
		got := level.Scopes()
		slices.Sort(got)
		want = slices.Sorted(slices.Values(want))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", level, diff)
		}
	}
}

// manager is the caller of a new key, made by the operator, that manages keys.
func manager(t *testing.T, d *access.Directory, ws string, scopes ...access.Scope) access.Principal {
	t.Helper()
	return callerOf(t, d, ws, access.KeyInput{Scopes: append(scopes, access.APIKeysManage)})
}

func callerOf(t *testing.T, d *access.Directory, ws string, in access.KeyInput) access.Principal {
	t.Helper()
	credential, _ := key(t, d, ws, in)
	return verified(t, d, credential)
}

func verified(t *testing.T, d *access.Directory, credential string) access.Principal {
	t.Helper()
	p, err := d.Verify(t.Context(), credential)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// issue has a caller make a key, and returns the caller that has it.
func issue(t *testing.T, d *access.Directory, by access.Principal, in access.KeyInput) access.Principal {
	t.Helper()
	k, err := d.IssueKey(t.Context(), by, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	return verified(t, d, k.Credential)
}

func TestIssuedKeysHaveAtMostTheScopesOfTheirMaker(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	some := manager(t, d, ws.ID, access.MemoriesRead)
	for _, c := range []struct {
		by          access.Principal
		asked, want []access.Scope
		kind        errs.Kind
	}{
		{by: some, want: []access.Scope{access.MemoriesRead, access.APIKeysManage}},
		{by: some, asked: []access.Scope{access.MemoriesRead}, want: []access.Scope{access.MemoriesRead}},
		{by: some, asked: slices.Repeat([]access.Scope{access.MemoriesRead}, 100_000), want: []access.Scope{access.MemoriesRead}},
		{by: some, asked: []access.Scope{access.MemoriesWrite}, kind: errs.PermissionDenied},
		{by: some, asked: every, kind: errs.PermissionDenied},
		{by: callerOf(t, d, ws.ID, access.KeyInput{Scopes: every}), want: access.Scopes},
		{by: callerOf(t, d, ws.ID, access.KeyInput{Scopes: []access.Scope{access.MemoriesRead}}), kind: errs.PermissionDenied},
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
	me := manager(t, d, ws.ID)
	for _, in := range []access.KeyInput{
		{Label: "a\nb"}, {ExpiresAt: start}, {ExpiresAt: start.Add(-time.Hour)}, {Scopes: []access.Scope{}},
	} {
		_, err := d.IssueKey(t.Context(), me, in, nil)
		wantKind(t, err, errs.InvalidArgument)
	}
}

func TestDeleteKey(t *testing.T) {
	d, _ := open(t)
	mine, _ := workspace(t, d, "Mine")
	theirs, _ := workspace(t, d, "Theirs")
	credential, k := key(t, d, mine.ID, access.KeyInput{Scopes: every})
	me, other := manager(t, d, mine.ID), manager(t, d, theirs.ID)
	for _, keyID := range []string{k.ID, "cmk_live_aaaaaaaaaaaaaaaa", "", "x"} {
		for _, then := range []access.Descendants{access.DescendantsStay, access.DescendantsGo} {
			wantKind(t, remove(d, other, keyID, then), errs.NotFound)
		}
	}
	if got := ids(t, d, me); len(got) != 2 {
		t.Fatal(got)
	}
	wantKind(t, remove(d, access.Principal{Workspace: mine.ID}, k.ID, access.DescendantsStay), errs.PermissionDenied)
	if err := remove(d, me, k.ID, access.DescendantsStay); err != nil {
		t.Fatal(err)
	}
	_, err := d.Verify(t.Context(), credential)
	wantKind(t, err, errs.Unauthenticated)
	if got := ids(t, d, me); len(got) != 1 || got[0] != me.KeyID {
		t.Error(got)
	}
	wantKind(t, remove(d, me, k.ID, access.DescendantsStay), errs.NotFound)
	if _, err := d.Keys(t.Context(), access.Principal{Workspace: mine.ID}); !errs.Is(err, errs.PermissionDenied) {
		t.Error(err)
	}
}

// The stored answer goes with the key, and is no key itself.
func TestIssueKeyTwins(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	me := manager(t, d, ws.ID)
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
	if got := ids(t, d, me); len(got) != 2 {
		t.Error(got)
	}
	if err := remove(d, me, first.ID, access.DescendantsStay); err != nil {
		t.Fatal(err)
	}
	if _, found, err := claim.Lookup(t.Context(), d.Table); found || err != nil {
		t.Errorf("the answer is still there: %v", err)
	}
}
