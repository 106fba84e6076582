package id

import "testing"

func TestUUIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		u := NewUUID()
		if !ValidUUID(u) || u[14] != '4' || seen[u] {
			t.Errorf("random %q", u)
		}
		seen[u] = true
	}
	a, b := DerivedUUID("kind", "a"), DerivedUUID("kind", "b")
	if a == b || a != DerivedUUID("kind", "a") || !ValidUUID(a) || a[14] != '5' {
		t.Errorf("derived %q and %q", a, b)
	}
	for _, s := range []string{"", "0b7e0a2e-0000-4000-8000-00000000000", "0B7E0A2E-0000-4000-8000-000000000000", "0b7e0a2e-0000-4000-8000-00000000000g", "0b7e0a2e-0000-4000-8000-0000000-0000", "0b7e0a2e00000400080000000000000000000"} {
		if ValidUUID(s) {
			t.Errorf("%q is valid", s)
		}
	}
}
