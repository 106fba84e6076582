package api_test

import (
	"net/http/httptest"
	"strings"
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
	for _, raw := range []string{"limit=%zz", "%=1", "q=%ff", "%c3%28=1", "q=a%EF%BF%BDb"} {
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

func TestParams(t *testing.T) {
	list := api.Params{Once: []string{"limit", "since"}, Many: []string{"topics"}, Idle: []string{"mode"}}
	for raw, want := range map[string]string{
		"": "", "limit=1&since=x&topics=a&topics=b&mode=x&mode=y": "",
		"limit=1&limit=1":              "limit is there twice",
		"Limit=1":                      "Limit is unknown here",
		"b=1&a=2&a=3&limit=1&topics[]": "a is unknown here; b is unknown here; topics[] is unknown here",
		strings.Repeat("x", 50) + "=1": strings.Repeat("x", 40) + "… is unknown here",
		"=1":                           " is unknown here",
	} {
		r := httptest.NewRequest("GET", "/v1/x", nil)
		r.URL.RawQuery = raw
		_, err := list.Parse(r)
		switch e := errs.As(err); {
		case want == "" && err != nil:
			t.Errorf("%q: %v", raw, err)
		case want != "" && (e == nil || e.Kind != errs.Malformed || e.Message != want || len(e.Fields) != strings.Count(want, ";")+1):
			t.Errorf("%q: %+v, want %q", raw, err, want)
		}
	}
}

func TestTimesAndFlags(t *testing.T) {
	q := query(t, "since=2026-03-01T00:00:00+02:00&empty=&on=true&off=false&odd=1")
	if v, err := q.Time("since"); v != "2026-03-01T00:00:00+02:00" || err != nil {
		t.Error(v, err)
	}
	if _, err := q.Time("empty"); !errs.Is(err, errs.Malformed) {
		t.Error(err)
	}
	for name, want := range map[string]bool{"on": true, "off": false, "none": true} {
		if v, err := q.Flag(name, true); v != want || err != nil {
			t.Error(name, v, err)
		}
	}
	for _, name := range []string{"odd", "empty"} {
		if _, err := q.Flag(name, true); !errs.Is(err, errs.Malformed) {
			t.Error(name, err)
		}
	}
}
