package api_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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

type listQuery struct {
	Limit  int               `json:"limit" is:"1..200" default:"50"`
	After  int64             `json:"after" is:"1..9"`
	Since  string            `json:"since" is:"as:day"`
	Order  string            `json:"order" is:"of:asc|desc"`
	Topics []string          `json:"topics" is:"..2 each ..5"`
	Scope  map[string]string `json:"scope" is:"names of:team|role"`
	Old    bool              `query:"old" default:"true"`
	Q      *string           `query:"q" is:"..3"`
	Body   string            `json:"body" query:"-" is:"required"`

	_ struct{} `idle:"mode depth" needs:"q"`
}

func read(t *testing.T, raw string) (q listQuery, err error) {
	t.Helper()
	r := httptest.NewRequest("GET", "/v1/x", nil)
	r.URL.RawQuery = raw
	return q, api.ReadQuery(r, &q)
}

func TestReadQuery(t *testing.T) {
	for raw, want := range map[string]listQuery{
		"":         {Limit: 50, Old: true},
		"&limit=1": {Limit: 1, Old: true}, "&limit=200": {Limit: 200, Old: true}, "&limit=007": {Limit: 7, Old: true},
		"&after=9&old=false":                       {Limit: 50, After: 9},
		"&since=2026-03-01T00:00:00+02:00":         {Limit: 50, Old: true, Since: "2026-03-01T00:00:00+02:00"},
		"&topics=a,+b&topics=,&mode=x&mode=&depth": {Limit: 50, Old: true, Topics: []string{"a", "b"}},
		"&scope=team:+core+,role:x:y&order=asc":    {Limit: 50, Old: true, Order: "asc", Scope: map[string]string{"team": "core", "role": "x:y"}},
	} {
		want.Q = new(string)
		got, err := read(t, "q="+raw)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(listQuery{})); err != nil || diff != "" {
			t.Errorf("%q: %v %s", raw, err, diff)
		}
	}
}

func TestReadQueryNamesWhatIsWrong(t *testing.T) {
	const limit, q = "limit must be an integer from 1 to 200", "q must have at most 3 characters"
	wrong := map[string]string{
		"q=&limit=1&limit=1":           "limit is there twice",
		"q=&Limit=1":                   "Limit is unknown here",
		"q=&body=x":                    "body is unknown here",
		"b=1&a=2&a=3&limit=1&topics[]": "a is unknown here; b is unknown here; topics[] is unknown here",
		strings.Repeat("x", 50) + "=1": strings.Repeat("x", 40) + "… is unknown here",
		"=1":                           " is unknown here",
		"q=long":                       q,
		"q=&after=10&limit=0&old=x":    limit + "; after must be an integer from 1 to 9; old must be true or false",
		"q=&since=&old=":               "since must not be empty; leave it out; old must be true or false",
		"q=&topics=,&scope=team":       "topics must have words between commas; scope must have pairs such as product:griot",
		"q=&topics=a,b,c":              "topics must have at most 2 entries",
		"q=&topics=abcdef&order=up":    "order must be one of asc, desc; topics[0] must have at most 5 characters",
		"q=&scope=who:x":               "scope must have pairs of team, role",
	}
	for _, n := range []string{"-1", "201", "", "abc", "1.5", "1e1", "99999999999999999999", "%2B5", "%205"} {
		wrong["q=&limit="+n] = limit
	}
	for raw, want := range wrong {
		_, err := read(t, raw)
		e := errs.As(err)
		if e == nil || e.Kind != errs.Malformed || e.Message != want || len(e.Fields) != strings.Count(strings.ReplaceAll(want, "; leave", ""), ";")+1 {
			t.Errorf("%q: %+v, want %q", raw, err, want)
		}
	}
}
