package api_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

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
	Names    *[]string         `json:"names"`

	Stays
	Outcome *string  `json:"outcome" is:"nullable given"`
	Limit   int      `json:"limit" default:"20"`
	_       struct{} `fixed:"revision"`
}

type Stays struct {
	_ struct{} `fixed:"id"`
}

type numbered struct {
	Seq  int64    `json:"seq" is:"required"`
	Note *string  `json:"note"`
	_    struct{} `needs:"note"`
}

func TestDecodeMissesWhatIsRequired(t *testing.T) {
	for body, want := range map[string]string{
		`{"seq":0,"note":"x"}`: "", `{}`: "note is required; seq is required", `{"seq":null,"note":null}`: "note is required; seq is required",
		`{"seq":"a","note":1}`: "seq must be an integer; note must be a string",
	} {
		got := ""
		if e := errs.As(api.Decode([]byte(body), &numbered{})); e != nil {
			got = e.Message
		}
		if got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
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
	err := api.Decode([]byte(" {\"ti\\u0074le\" : \"\\\"a\\\\\" ,\n\"unknown\":{\"title\":[{}]},\"unknown\":0,\"segments\":[ {\"client_seq\":7,\"text\":\"<x>\"}\t,{}],"+
		"\"extra\":null,\"labels\":{\"a\":\"]}\",\"b\":null},\"names\":[],\"outcome\":null} \n"), &got)
	if err != nil {
		t.Fatal(err)
	}
	seven := int64(7)
	want := outer{
		Title: `"a\`, Segments: []inner{{ClientSeq: &seven, Text: "<x>"}, {}}, Labels: map[string]string{"a": "]}"},
		Names: &[]string{}, Outcome: new(string), Limit: 20,
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outer{}, Stays{})); diff != "" {
		t.Error(diff)
	}
}

// A member is known by its exact name only.
func TestDecodeTellsLetterCase(t *testing.T) {
	var got outer
	err := api.Decode([]byte(`{"Title":1,"TITLE":"x","ſegments":2,"title":"a","Id":3}`), &got)
	if err != nil || got.Title != "a" || got.Segments != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestDecodeNumbers(t *testing.T) {
	for number, want := range map[string]int64{
		"22": 22, "-0": 0, "22.0": 22, "2.2e1": 22, "2E1": 20, "1e3": 1000, "-3.0": -3, "9223372036854775807": 1<<63 - 1, "9007199254740992.0": 1 << 53,
	} {
		var got inner
		if err := api.Decode([]byte(`{"client_seq":`+number+`}`), &got); err != nil || *got.ClientSeq != want {
			t.Errorf("%s: %+v, %v", number, got, err)
		}
	}
	for _, number := range []string{"1.5", "1e-1", "1e400", "1e17", "9223372036854775808", "true", `"1"`, "[]"} {
		if err := api.Decode([]byte(`{"client_seq":`+number+`}`), &inner{}); !errs.Is(err, errs.InvalidArgument) {
			t.Errorf("%s: %v", number, err)
		}
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
		`{"segments":[{},null,{"client_seq":1},{"client_seq":"4"}]}`: {"segments[1] must be an object", "segments[3].client_seq must be an integer"},
		`{"segments":[{"client_seq":1.5},{"client_seq":"x"}]}`:       {"segments[0].client_seq must be an integer", "segments[1].client_seq must be an integer"},
		`{"segments":[{"score":"x","done":0}]}`:                      {"segments[0].score must be a number", "segments[0].done must be true or false"},
		`{"segments":["x"]}`:                                         {"segments[0] must be an object"},
		`{"extra":{"text":false,"client_seq":{}}}`:                   {"extra.text must be a string", "extra.client_seq must be an integer"},
		`{"names":["a",null,1],"outcome":2}`:                         {"names[1] must be a string", "names[2] must be a string", "outcome must be a string"},
		`{"names":"a","id":"x"}`:                                     {"names must be a list", "id cannot be changed"},
		`{"outcome":"","revision":1}`:                                {"outcome must not be empty; leave it out", "revision cannot be changed"},
		`{"id":null}`:                                                {"id cannot be changed"},
		`{"title":1,"title":2}`:                                      {"title must be a string", "title is there twice"},
		`{"title":"a","title":"a"}`:                                  {"title is there twice"},
		`{"labels":{"a":"x","a":"y"},"Title":0}`:                     {"labels.a is there twice"},
		`{"segments":[{"text":"a"},{"text":1}],"x":0}`:               {"segments[1].text must be a string"},
	} {
		err := api.Decode([]byte(body), &outer{})
		e := errs.As(err)
		if e == nil || e.Kind != errs.InvalidArgument {
			t.Errorf("%s: %v, want InvalidArgument", body, err)
			continue
		}
		if want := strings.Join(want, "; "); e.Message != want {
			t.Errorf("%s: the message is %q, want %q", body, e.Message, want)
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
// JSON never passes. What it takes is the same when it is written and taken
// again.
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
		case e != nil && e.Kind == errs.Malformed && json.Unmarshal(body, &map[string]any{}) == nil && utf8.Valid(body) && !bytes.HasPrefix(bytes.TrimSpace(body), []byte("null")):
			t.Errorf("an object is refused: %v", err)
		}
		var again, plain inner
		if api.Decode(body, &again) != nil {
			return
		}
		written, err := json.Marshal(again)
		if err != nil {
			t.Fatal(err)
		}
		if err := api.Decode(written, &plain); err != nil {
			t.Errorf("%s from %q: %v", written, body, err)
		}
		if diff := cmp.Diff(again, plain); diff != "" {
			t.Errorf("%q: %s", body, diff)
		}
	})
}
