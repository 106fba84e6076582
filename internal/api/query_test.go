package api_test

import (
	"net/http/httptest"
	"testing"

	"griot/internal/api"
	"griot/internal/errs"
)

func query(t *testing.T, raw string) api.Query {
	t.Helper()
	r := httptest.NewRequest("GET", "/v1/x", nil)
	r.URL.RawQuery = raw
	q, err := api.ParseQuery(r)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestLimit(t *testing.T) {
	for raw, want := range map[string]int{
		"": 50, "limit=1": 1, "limit=200": 200, "limit=007": 7, "limit=0": -1, "limit=-1": -1, "limit=201": -1, "limit=": -1,
		"limit=abc": -1, "limit=1.5": -1, "limit=1e1": -1, "limit=99999999999999999999": -1, "limit=%2B5": -1, "limit=%205": -1,
	} {
		got, err := query(t, raw).Limit(50, 200)
		e := errs.As(err)
		switch {
		case want > 0 && (err != nil || got != want):
			t.Errorf("%q: %d, %v, want %d", raw, got, err, want)
		case want < 0 && (e == nil || e.Kind != errs.Malformed || e.Fields[0].Field != "limit"):
			t.Errorf("%q: %d, %v, want an error that names limit", raw, got, err)
		}
	}
}

func TestUnreadableQuery(t *testing.T) {
	for _, raw := range []string{"limit=%zz", "a;b=1", "%=1"} {
		r := httptest.NewRequest("GET", "/v1/x", nil)
		r.URL.RawQuery = raw
		if _, err := api.ParseQuery(r); !errs.Is(err, errs.Malformed) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func TestEmptyFilterIsRefused(t *testing.T) {
	if _, err := query(t, "status=").Filter("status"); !errs.Is(err, errs.Malformed) {
		t.Error(err)
	}
	if v, err := query(t, "").Filter("status"); v != "" || err != nil {
		t.Error(v, err)
	}
}

func FuzzCount(f *testing.F) {
	for _, seed := range []string{"0", "12", "-1", "+1", "9223372036854775807", "9223372036854775808", "1_0", "", " 1", "١"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := api.Count(s)
		digits := s != ""
		for _, c := range s {
			digits = digits && '0' <= c && c <= '9'
		}
		if ok && (!digits || n < 0) {
			t.Errorf("%q is counted as %d", s, n)
		}
		if digits && len(s) < 19 && !ok {
			t.Errorf("%q is not counted", s)
		}
	})
}
