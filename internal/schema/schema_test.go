package schema_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/errs"
	"griot/internal/schema"
)

type kind string

func (kind) Values() []string { return []string{"live", "upload"} }

type part struct {
	Text string `json:"text" is:"1..5"`
	N    int64  `json:"n" is:"0..9007199254740991"`
}

type request struct {
	Title    string            `json:"title,omitempty" is:"required line ..5"`
	Name     *string           `json:"name" is:"filled 2..5"`
	Kind     kind              `json:"kind"`
	Language string            `json:"language" is:"as:language"`
	Parts    []part            `json:"parts" is:"1..2"`
	Names    []string          `json:"names" is:"..2 each nonblank line ..3"`
	Topics   []string          `json:"topics" is:"full each of:a|b"`
	Count    *int64            `json:"count" is:"1..30"`
	Offset   int               `json:"offset" is:"0.."`
	Scope    map[string]string `json:"scope" is:"names of:team|role"`
	Extra    map[string]string `json:"extra" is:"..1 names ..2 each ..3"`
	Sure     bool              `json:"sure" is:"required of:true"`
	Note     string            `json:"note" is:"seen line ..100"`
	Ways     []kind            `json:"ways" is:"1.."`
}

func good() request {
	return request{Title: "é", Parts: []part{{Text: "x"}}, Sure: true}
}

func TestCheck(t *testing.T) {
	text := func(s string) *string { return &s }
	number := func(n int64) *int64 { return &n }
	for want, change := range map[string]func(*request){
		"":                                     func(*request) {},
		"title is required":                    func(r *request) { r.Title = " \u200b" },
		"title must have at most 5 characters": func(r *request) { r.Title = "éééééé" },
		"title must be on one line, without control characters":                   func(r *request) { r.Title = "a\nb" },
		"name must not be empty":                                                  func(r *request) { r.Name = text("") },
		"kind must be one of live, upload":                                        func(r *request) { r.Kind = "dead" },
		"language is not a language tag such as en or pt-BR":                      func(r *request) { r.Language = "en-" },
		"parts must have from 1 to 2 entries":                                     func(r *request) { r.Parts = nil },
		"parts[1].text must have from 1 to 5 characters, and not blank ones only": func(r *request) { r.Parts = append(r.Parts, part{}) },
		"parts[0].n must be from 0 to 2^53-1":                                     func(r *request) { r.Parts[0].N = -1 },
		"names must have at most 2 entries":                                       func(r *request) { r.Names = []string{"a", "b", "c"} },
		"topics[1] must be one of a, b; topics must not have a blank entry":       func(r *request) { r.Topics = []string{"a", "c", ""} },
		"count must be from 1 to 30":                                              func(r *request) { r.Count = number(31) },
		"offset must not be negative":                                             func(r *request) { r.Offset = -1 },
		"scope must have pairs of team, role":                                     func(r *request) { r.Scope = map[string]string{"team": "x", "who": "x"} },
		"extra must have at most 3 characters":                                    func(r *request) { r.Extra = map[string]string{"a": "four"} },
		"extra must have at most 2 characters":                                    func(r *request) { r.Extra = map[string]string{"abc": "x"} },
		"extra must have at most 1 entries":                                       func(r *request) { r.Extra = map[string]string{"a": "x", "b": "y"} },
		"sure must be true":                                                       func(r *request) { r.Sure = false },
		"note must not be blank":                                                  func(r *request) { r.Note = "\u200b" },
		"ways must have at least one entry":                                       func(r *request) { r.Ways = []kind{} },
		"ways[1] must be one of live, upload":                                     func(r *request) { r.Ways = []kind{"live", "dead"} },
		"title is required; names[1] must not be blank":                           func(r *request) { r.Title, r.Names = "", []string{"a", "\t"} },
	} {
		r := good()
		change(&r)
		var bad schema.Problems
		bad.Check(r)
		got := ""
		if e := errs.As(bad.Result()); e != nil {
			got = e.Message
		}
		if want = strings.ReplaceAll(want, "names[1] must not be blank", "names[1] must not be blank; names[1] must be on one line, without control characters"); got != want {
			t.Error(cmp.Diff(want, got))
		}
	}
}

func TestMembersAreInTheirOrder(t *testing.T) {
	var names []string
	for _, m := range schema.Members(reflect.TypeFor[request]()) {
		names = append(names, m.Name)
	}
	if got := strings.Join(names, " "); got != "title name kind language parts names topics count offset scope extra sure note ways" {
		t.Error(got)
	}
}

func TestMisspelledWordsAreFound(t *testing.T) {
	defer func() {
		if p, _ := recover().(string); !strings.Contains(p, "Title") || !strings.Contains(p, "requird") {
			t.Error(p)
		}
	}()
	schema.Members(reflect.TypeFor[struct {
		Title string `json:"title" is:"requird"`
	}]())
}
