package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/api"
	"griot/internal/errs"
)

type inner struct {
	ClientSeq *int64  `json:"client_seq"`
	Text      string  `json:"text"`
	Score     float64 `json:"score"`
	Done      bool    `json:"done"`
}

type outer struct {
	Title    string            `json:"title"`
	Segments []inner           `json:"segments"`
	Extra    *inner            `json:"extra"`
	Labels   map[string]string `json:"labels"`
}

func TestDecodeRefusesWhatIsNoObject(t *testing.T) {
	for _, body := range []string{
		"", " \n", "{", "}", "[]", "null", `"x"`, "1", "{} x", "{}{}", `{"title":"a"`, `{"title":a}`, `{title:"a"}`,
		"{\"title\":\"\xff\"}", "\ufeff{}", `{'title':'a'}`, `{"title":"a",}`, "{\"title\":\"a\nb\"}",
	} {
		err := api.Decode([]byte(body), &outer{})
		if !errs.Is(err, errs.Malformed) {
			t.Errorf("%q: %v, want Malformed", body, err)
		}
	}
}

func TestDecode(t *testing.T) {
	var got outer
	err := api.Decode([]byte(" {\"title\":\"a\",\"title\":\"b\",\"unknown\":{},\"segments\":[{\"client_seq\":7,\"text\":\"<x>\"}],\"extra\":null} \n"), &got)
	if err != nil {
		t.Fatal(err)
	}
	seven := int64(7)
	if diff := cmp.Diff(outer{Title: "b", Segments: []inner{{ClientSeq: &seven, Text: "<x>"}}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeNamesWrongTypes(t *testing.T) {
	for body, want := range map[string][]string{
		`{"title":1}`:                    {"title must be a string"},
		`{"title":["a"]}`:                {"title must be a string"},
		`{"labels":{"a":"x","b":1}}`:     {"labels.b must be a string"},
		`{"labels":{"a":"x"},"title":1}`: {"title must be a string"},
		`{"labels":"x"}`:                 {"labels must be an object"},
		`{"segments":"x"}`:               {"segments must be a list"},
		`{"segments":{}}`:                {"segments must be a list"},
		`{"extra":[]}`:                   {"extra must be an object"},
		`{"segments":[{},null,{"client_seq":1},{"client_seq":"4"}]}`:              {"segments[3].client_seq must be an integer"},
		`{"segments":[{"client_seq":1.5},{"client_seq":1e3},{"client_seq":1.0}]}`: {"segments[0].client_seq must be an integer", "segments[1].client_seq must be an integer", "segments[2].client_seq must be an integer"},
		`{"segments":[{"client_seq":9223372036854775808}]}`:                       {"segments[0].client_seq must be an integer"},
		`{"segments":[{"score":"x","done":0}]}`:                                   {"segments[0].score must be a number", "segments[0].done must be true or false"},
		`{"segments":["x"]}`:                                                      {"segments[0] must be an object"},
		`{"extra":{"text":false,"client_seq":{}}}`:                                {"extra.client_seq must be an integer", "extra.text must be a string"},
	} {
		err := api.Decode([]byte(body), &outer{})
		e := errs.As(err)
		if e == nil || e.Kind != errs.InvalidArgument {
			t.Errorf("%s: %v, want InvalidArgument", body, err)
			continue
		}
		var got []string
		for _, f := range e.Fields {
			got = append(got, f.Message)
			if !strings.HasPrefix(f.Message, f.Field+" ") || f.Code != "invalid" {
				t.Errorf("%s: field %+v", body, f)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}

func TestDecodeBoundsTheList(t *testing.T) {
	body := `{"segments":[` + strings.Repeat(`"x",`, 499) + `"x"]}`
	if e := errs.As(api.Decode([]byte(body), &outer{})); e == nil || len(e.Fields) != 20 {
		t.Errorf("%v", e)
	}
}

// What Decode refuses as a wrong type always names a member, and what is not
// JSON never passes.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"title":1}`, `{"segments":[{"client_seq":"x"}]}`, `{"extra":[1]}`, `[`, `{"Title":2}`, `{"title":"\ud800"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		err := api.Decode(body, &outer{})
		e := errs.As(err)
		switch {
		case err == nil && !json.Valid(body):
			t.Error("accepted what is not JSON")
		case err != nil && e == nil:
			t.Errorf("an error without a kind: %v", err)
		case e != nil && e.Kind == errs.InvalidArgument && len(e.Fields) == 0:
			t.Errorf("no member named: %v", err)
		}
	})
}
