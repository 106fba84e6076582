package access_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/table"
)

var shape = regexp.MustCompile(`^(cmk_live|cmk_test|mk_live|mk_test|mk_int)_[a-z0-9]{16}\.[A-Za-z0-9]{32,}$`)

func TestVerify(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	for _, family := range append(access.Families, "") {
		scopes := []access.Scope{access.SessionsRead, access.MemoriesWrite}
		credential, k := key(t, d, ws.ID, access.KeyInput{Family: family, Scopes: scopes})
		if !shape.MatchString(credential) || !strings.HasPrefix(credential, k.ID+".") {
			t.Errorf("credential of family %q has another shape", family)
		}
		p, err := d.Verify(t.Context(), credential)
		want := access.Principal{Workspace: ws.ID, KeyID: k.ID, Scopes: scopes}
		if diff := cmp.Diff(want, p); diff != "" || err != nil {
			t.Errorf("Verify: %v\n%s", err, diff)
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	good, k := key(t, d, ws.ID, access.KeyInput{Scopes: every})
	other, _ := key(t, d, ws.ID, access.KeyInput{Scopes: every})
	secret, otherSecret := good[len(k.ID)+1:], other[len(k.ID)+1:]
	tests := map[string]string{
		"no dot":                k.ID,
		"no secret":             k.ID + ".",
		"short secret":          k.ID + "." + secret[:31],
		"secret of other key":   k.ID + "." + otherSecret,
		"longer secret":         good + "x",
		"case of secret":        k.ID + "." + strings.ToUpper(secret[:16]) + strings.ToLower(secret[16:]),
		"unknown id":            "cmk_live_0000000000000000." + secret,
		"other family, same id": "mk_live_" + strings.TrimPrefix(good, "cmk_live_"),
		"unknown family":        "sk_live_" + strings.TrimPrefix(good, "cmk_live_"),
		"upper-case id":         strings.ToUpper(k.ID) + "." + secret,
		"short id":              "cmk_live_abc." + secret,
		"two dots":              good + ".x",
		"blank":                 " ",
		"scheme left in":        "Bearer " + good,
		"not text":              "cmk_live_\xff\xfe." + secret,
		"absurdly long":         k.ID + "." + strings.Repeat("a", 1<<20),
	}
	messages := map[string]bool{}
	for name, bearer := range tests {
		_, err := d.Verify(t.Context(), bearer)
		e := errs.As(err)
		if e == nil || e.Kind != errs.Unauthenticated || e.Code != "invalid_credentials" {
			t.Errorf("%s: %v, want invalid_credentials", name, err)
			continue
		}
		messages[e.Error()] = true
	}
	if len(messages) != 1 {
		t.Errorf("messages tell the reasons apart: %v", messages)
	}
	_, err := d.Verify(t.Context(), "")
	if e := errs.As(err); e == nil || e.Kind != errs.Unauthenticated || e.Code != "missing_credentials" {
		t.Errorf("empty: %v, want missing_credentials", err)
	}
}

func TestVerifyCost(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	good, k := key(t, d, ws.ID, access.KeyInput{Label: strings.Repeat("x", 100), Scopes: access.Scopes})
	for bearer, want := range map[string]table.Totals{
		good:                                   {Reads: 1, ReadUnits: 1},
		k.ID + "." + strings.Repeat("a", 1000): {},
		"nonsense":                             {},
	} {
		var usage table.Usage
		_, _ = d.Verify(table.WithUsage(t.Context(), &usage), bearer)
		got := usage.Totals()
		if got.Reads != want.Reads || got.ReadUnits != want.ReadUnits || got.Writes != 0 {
			t.Errorf("Verify(%.40q) used %+v, want %+v", bearer, got, want)
		}
	}
}

// What is stored of a key does not contain its secret.
func TestSecretIsNotStored(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	credential, k := key(t, d, ws.ID, access.KeyInput{Label: "laptop", Scopes: every})
	_, secret, _ := strings.Cut(credential, ".")
	for _, pk := range []string{"key#" + k.ID, ws.ID + "#keys"} {
		page, err := d.Table.Query(t.Context(), table.Query{Table: table.Access, PK: pk})
		if err != nil || len(page.Items) != 1 {
			t.Fatalf("%s has %d rows, %v", pk, len(page.Items), err)
		}
		for name, v := range page.Items[0].Attrs {
			b, _ := v.([]byte)
			s, _ := v.(string)
			if strings.Contains(s+string(b), secret) || pk[:4] == "key#" && strings.Contains(s, "laptop") {
				t.Errorf("attribute %s of %s shows too much", name, pk)
			}
		}
	}
}

func TestExpiry(t *testing.T) {
	d, clock := open(t)
	ws, _ := workspace(t, d, "Acme")
	credential, _ := key(t, d, ws.ID, access.KeyInput{Scopes: every, ExpiresAt: start.Add(time.Hour)})
	clock.advance(time.Hour - time.Millisecond)
	if _, err := d.Verify(t.Context(), credential); err != nil {
		t.Errorf("before it expires: %v", err)
	}
	clock.advance(time.Millisecond)
	_, err := d.Verify(t.Context(), credential)
	wantKind(t, err, errs.Unauthenticated)
	keys, err := d.ListKeys(t.Context(), ws.ID)
	if err != nil || len(keys) != 1 || keys[0].ExpiresAt != start.Add(time.Hour) {
		t.Errorf("ListKeys after it expired: %+v, %v", keys, err)
	}
}

func TestRevoke(t *testing.T) {
	d, clock := open(t)
	ws, _ := workspace(t, d, "Acme")
	credential, k := key(t, d, ws.ID, access.KeyInput{Scopes: every})
	spared, _ := key(t, d, ws.ID, access.KeyInput{Scopes: every})
	revokedAt := clock.Now()
	for range 2 {
		if _, err := d.RevokeKey(t.Context(), k.ID, access.DescendantsStay); err != nil {
			t.Fatal(err)
		}
		_, err := d.Verify(t.Context(), credential)
		wantKind(t, err, errs.Unauthenticated)
		clock.advance(time.Minute)
	}
	if _, err := d.Verify(t.Context(), spared); err != nil {
		t.Errorf("the other key: %v", err)
	}
	keys, err := d.ListKeys(t.Context(), ws.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range keys {
		want := time.Time{}
		if got.ID == k.ID {
			want = revokedAt
		}
		if got.RevokedAt != want {
			t.Errorf("%s was revoked at %v, want %v", got.ID, got.RevokedAt, want)
		}
	}
}

func TestRevokeUnknown(t *testing.T) {
	d, _ := open(t)
	for _, id := range []string{"", "cmk_live_", "cmk_live_0000000000000000", "x", strings.Repeat("k", 5000)} {
		_, err := d.RevokeKey(t.Context(), id, access.DescendantsStay)
		wantKind(t, err, errs.NotFound)
	}
}

func TestListKeys(t *testing.T) {
	d, clock := open(t)
	ws, _ := workspace(t, d, "Acme")
	other, _ := workspace(t, d, "Other")
	key(t, d, other.ID, access.KeyInput{Scopes: every})
	var want []access.Key
	for _, label := range []string{"first", "", "third"} {
		_, k := key(t, d, ws.ID, access.KeyInput{Label: label, Scopes: access.Scopes[:2], ExpiresAt: start.Add(time.Hour)})
		want = append(want, k)
		clock.advance(time.Second)
	}
	got, err := d.ListKeys(t.Context(), ws.ID)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("ListKeys: %v\n%s", err, diff)
	}
}

func TestCreateKeyRefuses(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	tests := map[string]access.KeyInput{
		"scopes":     {},
		"scopes ":    {Scopes: []access.Scope{"sessions:delete"}},
		"family":     {Family: "sk_live", Scopes: every},
		"expires_at": {Scopes: every, ExpiresAt: start},
		"label":      {Scopes: every, Label: strings.Repeat("x", 101)},
	}
	for field, in := range tests {
		_, _, err := d.CreateKey(t.Context(), ws.ID, in)
		e := errs.As(err)
		if e == nil || e.Kind != errs.InvalidArgument || e.Fields[0].Field != strings.TrimSpace(field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, _, err := d.CreateKey(t.Context(), "ws_01ARZ3NDEKTSV4RRFFQ69G5FAV", access.KeyInput{Scopes: every})
	wantKind(t, err, errs.NotFound)
}

func BenchmarkVerify(b *testing.B) {
	d, _ := open(b)
	ws, _, err := d.CreateWorkspace(b.Context(), "Acme")
	if err != nil {
		b.Fatal(err)
	}
	credential, _, err := d.CreateKey(b.Context(), ws.ID, access.KeyInput{Scopes: every})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := d.Verify(b.Context(), credential); err != nil {
			b.Fatal(err)
		}
	}
}
